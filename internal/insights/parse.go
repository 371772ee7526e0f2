package insights

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// parser reads expressions from tokens.
type parser struct {
	tokens []token
	// grouped says that functions over groups are allowed here, and fields only
	// within them.
	grouped bool
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token if it is this word or sign.
func (p *parser) accept(texts ...string) (string, bool) {
	t := p.peek()
	if (t.kind == word || t.kind == sign) && slices.Contains(texts, t.text) {
		p.take()
		return t.text, true
	}
	return "", false
}

func (p *parser) expect(what string) error {
	if _, ok := p.accept(what); !ok {
		return fmt.Errorf("%s, want %q", p.peek(), what)
	}
	return nil
}

// The operators that join two expressions, loosest first.
var levels = [][]string{{"or"}, {"and"}, {"=", "!=", "<", "<=", ">", ">=", "like", "in", "not"}, {"+", "-"}, {"*", "/"}}

const comparisons = 2

func (p *parser) expression() (expression, error) { return p.level(0) }

func (p *parser) level(i int) (expression, error) {
	if i == len(levels) {
		return p.primary()
	}
	if i == comparisons {
		if _, ok := p.accept("not"); ok {
			of, err := p.level(i)
			return negation{of}, err
		}
	}
	left, err := p.level(i + 1)
	for err == nil {
		operator, ok := p.accept(levels[i]...)
		if !ok {
			break
		}
		left, err = p.join(i, left, operator)
	}
	return left, err
}

func (p *parser) join(i int, left expression, operator string) (expression, error) {
	switch operator {
	case "not":
		operator, ok := p.accept("like", "in")
		if !ok {
			return nil, fmt.Errorf(`%s, want "like" or "in" after "not"`, p.peek())
		}
		inner, err := p.join(i, left, operator)
		return negation{inner}, err
	case "like":
		return p.like(left)
	case "in":
		return p.in(left)
	default:
		right, err := p.level(i + 1)
		return operation{operator, left, right}, err
	}
}

func (p *parser) like(left expression) (expression, error) {
	switch t := p.take(); t.kind {
	case text:
		return like{left: left, text: t.text}, nil
	case pattern:
		re, err := regexp.Compile(t.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t, err)
		}
		return like{left: left, re: re}, nil
	default:
		return nil, fmt.Errorf(`%s, want a text or /a regular expression/ after "like"`, t)
	}
}

func (p *parser) in(left expression) (expression, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	list, err := p.list("]")
	return membership{left, list}, err
}

// list reads expressions up to the closing sign.
func (p *parser) list(closing string) ([]expression, error) {
	var out []expression
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if _, more := p.accept(","); !more {
			return out, p.expect(closing)
		}
	}
}

func (p *parser) primary() (expression, error) {
	if _, ok := p.accept("("); ok {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	}
	switch t := p.take(); t.kind {
	case text:
		return literal{t.text}, nil
	case number:
		n, err := strconv.ParseFloat(t.text, 64)
		return literal{n}, err
	case quoted:
		return p.field(t)
	case word:
		if _, ok := p.accept("("); ok {
			return p.call(t)
		}
		return p.field(t)
	default:
		return nil, fmt.Errorf("%s, want a field, a value or a function", t)
	}
}

func (p *parser) field(t token) (expression, error) {
	if p.grouped {
		return nil, fmt.Errorf("field %s is many in a group, want it within a function such as count", t)
	}
	return field{t.text}, nil
}

func (p *parser) call(name token) (expression, error) {
	if name.text == "bin" {
		return p.bin()
	}
	f, ok := functions[name.text]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s is no function that is known here", name)
	case f.aggregates && !p.grouped:
		return nil, fmt.Errorf("%s is for groups, want it in stats", name)
	}
	outside := p.grouped
	p.grouped = p.grouped && !f.aggregates
	defer func() { p.grouped = outside }()

	var args []expression
	_, empty := p.accept(")")
	if f.name == "count" && !empty {
		if _, star := p.accept("*"); star {
			empty = true
			if err := p.expect(")"); err != nil {
				return nil, err
			}
		}
	}
	if !empty {
		var err error
		if args, err = p.list(")"); err != nil {
			return nil, err
		}
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, fmt.Errorf("%s has %d arguments", name, len(args))
	}
	return call{f, args}, nil
}

var units = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

var spanParts = regexp.MustCompile(`^([0-9]+)([a-z]+)$`)

func (p *parser) bin() (expression, error) {
	t := p.take()
	parts := spanParts.FindStringSubmatch(t.text)
	if t.kind != span || units[parts[2]] == 0 {
		return nil, fmt.Errorf("%s, want a length of time such as 5m", t)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n == 0 {
		return nil, fmt.Errorf("%s, want a length of time such as 5m", t)
	}
	return bin{time.Duration(n) * units[parts[2]]}, p.expect(")")
}
