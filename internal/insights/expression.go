package insights

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// scope is what an expression sees: a line, or for stats a group of them.
type scope struct {
	row   row
	group []row
}

// expression is a parsed expression.
type expression interface {
	value(s scope) value
	// each calls visit for itself and every expression it is made of.
	each(visit func(expression))
}

type literal struct{ is value }

func (e literal) value(scope) value           { return e.is }
func (e literal) each(visit func(expression)) { visit(e) }

type field struct{ name string }

func (e field) value(s scope) value         { return s.row[e.name] }
func (e field) each(visit func(expression)) { visit(e) }

type call struct {
	function function
	args     []expression
}

func (e call) value(s scope) value { return e.function.apply(s, e.args) }
func (e call) each(visit func(expression)) {
	visit(e)
	for _, a := range e.args {
		a.each(visit)
	}
}

// bin is a time, rounded down to a multiple of a span.
type bin struct{ span time.Duration }

func (e bin) value(s scope) value {
	t, ok := s.row["@timestamp"].(time.Time)
	if !ok {
		return nil
	}
	return t.Truncate(e.span)
}
func (e bin) each(visit func(expression)) { visit(e) }

type negation struct{ of expression }

func (e negation) value(s scope) value { return !truth(e.of.value(s)) }
func (e negation) each(visit func(expression)) {
	visit(e)
	e.of.each(visit)
}

// operation joins two expressions with a sign or with and, or.
type operation struct {
	sign        string
	left, right expression
}

func (e operation) each(visit func(expression)) {
	visit(e)
	e.left.each(visit)
	e.right.each(visit)
}

func (e operation) value(s scope) value {
	l, r := e.left.value(s), e.right.value(s)
	switch e.sign {
	case "and":
		return truth(l) && truth(r)
	case "or":
		return truth(l) || truth(r)
	case "+", "-", "*", "/":
		return arithmetic(e.sign, l, r)
	default:
		return compare(e.sign, l, r)
	}
}

func arithmetic(sign string, l, r value) value {
	x, xOK := numeric(l)
	y, yOK := numeric(r)
	switch {
	case !xOK || !yOK || (sign == "/" && y == 0):
		return nil
	case sign == "+":
		return x + y
	case sign == "-":
		return x - y
	case sign == "*":
		return x * y
	default:
		return x / y
	}
}

func compare(sign string, l, r value) bool {
	c, ok := order(l, r)
	if !ok {
		return false
	}
	switch sign {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

// like looks for a text or a regular expression.
type like struct {
	left expression
	text string
	re   *regexp.Regexp
}

func (e like) value(s scope) value {
	v := e.left.value(s)
	if v == nil {
		return false
	}
	if e.re != nil {
		return e.re.MatchString(render(v))
	}
	return strings.Contains(render(v), e.text)
}

func (e like) each(visit func(expression)) {
	visit(e)
	e.left.each(visit)
}

type membership struct {
	left expression
	list []expression
}

func (e membership) value(s scope) value {
	v := e.left.value(s)
	return slices.ContainsFunc(e.list, func(one expression) bool { return compare("=", v, one.value(s)) })
}

func (e membership) each(visit func(expression)) {
	visit(e)
	e.left.each(visit)
	for _, one := range e.list {
		one.each(visit)
	}
}
