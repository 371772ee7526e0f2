package metricmath

import (
	"fmt"
	"slices"
	"strconv"
)

// MaxExpression is how long an expression may be, in bytes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
const MaxExpression = 2048

// Expr is a metric math expression.
type Expr struct{ root node }

type node any

type (
	numberNode  float64
	refNode     string
	textNode    string
	keywordNode string
	listNode    []node
	minusNode   struct{ of node }
	binaryNode  struct {
		op          string
		left, right node
	}
	callNode struct {
		name string
		args []node
	}
)

// The precedences, the loosest first; see the package's comment.
const (
	precOr = iota + 1
	precAnd
	precCompare
	precSum
	precProduct
	precMinus
	precPower
)

var precedences = map[string]int{
	"OR": precOr, "AND": precAnd,
	"<": precCompare, "<=": precCompare, ">": precCompare, ">=": precCompare, "==": precCompare, "!=": precCompare,
	"+": precSum, "-": precSum, "*": precProduct, "/": precProduct, "^": precPower,
}

// Parse reads an expression of at most MaxExpression bytes. The error is a
// *SyntaxError, also for a function that CloudWatch or this package does not
// know, and for a call with arguments that the function does not take.
func Parse(expression string) (*Expr, error) {
	if len(expression) > MaxExpression {
		return nil, syntaxError("metric math", expression, 0,
			fmt.Sprintf("the start of %d bytes", len(expression)), fmt.Sprintf("at most %d", MaxExpression))
	}
	tokens, err := lex(expression)
	if err != nil {
		return nil, err
	}
	p := &parser{text: expression, tokens: tokens}
	root, err := p.expression(precOr)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, p.fail(t, "an operator or "+end)
	}
	return &Expr{root}, nil
}

// IDs are the metrics and expressions that e names, sorted. What METRICS stands
// for is not among them.
func (e *Expr) IDs() []string {
	var ids []string
	collect(e.root, &ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func collect(n node, ids *[]string) {
	switch n := n.(type) {
	case refNode:
		*ids = append(*ids, string(n))
	case listNode:
		for _, item := range n {
			collect(item, ids)
		}
	case minusNode:
		collect(n.of, ids)
	case binaryNode:
		collect(n.left, ids)
		collect(n.right, ids)
	case callNode:
		for _, arg := range n.args {
			collect(arg, ids)
		}
	}
}

// parser is a Pratt parser: expression(p) reads an operand and then every
// operator that binds at least as tightly as p.
type parser struct {
	text   string
	tokens []token
	next   int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.peek()
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

func (p *parser) fail(t token, want string) error {
	return syntaxError("metric math", p.text, t.offset, quoted(t.text), want)
}

func (p *parser) expect(symbol string) error {
	if t := p.take(); t.kind != tokenSymbol || t.text != symbol {
		return p.fail(t, strconv.Quote(symbol))
	}
	return nil
}

func (p *parser) at(symbol string) bool {
	t := p.peek()
	return t.kind == tokenSymbol && t.text == symbol
}

// operator is the canonical binary operator that t stands for, or "".
func operator(t token) string {
	switch {
	case t.kind == tokenSymbol && t.text == "&&":
		return "AND"
	case t.kind == tokenSymbol && t.text == "||":
		return "OR"
	case t.kind == tokenSymbol || t.kind == tokenUpper:
		if precedences[t.text] > 0 {
			return t.text
		}
	}
	return ""
}

func (p *parser) expression(least int) (node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, p.fail(p.peek(), fmt.Sprintf("at most %d levels of nesting", maxDepth))
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	for {
		op := operator(p.peek())
		prec := precedences[op]
		if op == "" || prec < least {
			return left, nil
		}
		p.take()
		right, err := p.expression(rightOf(prec))
		if err != nil {
			return nil, err
		}
		left = binaryNode{op, left, right}
		if t := p.peek(); prec == precCompare && precedences[operator(t)] == precCompare {
			return nil, p.fail(t, "one comparison, or AND between two")
		}
	}
}

// rightOf is what the right operand must bind at least as tightly as. A power
// groups to the right and takes a negative exponent.
func rightOf(prec int) int {
	if prec == precPower {
		return precMinus
	}
	return prec + 1
}

func (p *parser) operand() (node, error) {
	t := p.take()
	switch t.kind {
	case tokenNumber:
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, p.fail(t, "a number below 1.8e308")
		}
		return numberNode(v), nil
	case tokenLower:
		if p.at("(") {
			return nil, p.fail(t, "a function, in upper case")
		}
		return refNode(t.text), nil
	case tokenUpper:
		return p.call(t)
	case tokenSymbol:
		switch t.text {
		case "-":
			of, err := p.expression(precMinus)
			return minusNode{of}, err
		case "(":
			inner, err := p.expression(precOr)
			if err != nil {
				return nil, err
			}
			return inner, p.expect(")")
		case "[":
			items, err := p.list("]")
			return listNode(items), err
		}
	case tokenEnd, tokenText:
	}
	return nil, p.fail(t, `an id, a number, a function, "-", "(" or "["`)
}

// list reads expressions up to the closing symbol: one at least.
func (p *parser) list(closing string) ([]node, error) {
	var items []node
	for {
		item, err := p.expression(precOr)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if !p.at(",") {
			return items, p.expect(closing)
		}
		p.take()
	}
}
