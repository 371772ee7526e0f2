package metricmath

import (
	"fmt"
	"strings"
)

// call reads what follows the name of a function.
func (p *parser) call(name token) (node, error) {
	f, known := functions[name.text]
	switch {
	case name.text == "NOT":
		return nil, p.fail(name, `"x == 0" for NOT x: metric math has no NOT`)
	case unsupported[name.text]:
		return nil, p.fail(name, "a function that is evaluated here; this one of CloudWatch's is not")
	case !known:
		return nil, p.fail(name, "a function of CloudWatch, or an id, which starts with a lower-case letter")
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	args, err := p.arguments(name.text)
	if err != nil {
		return nil, err
	}
	if len(args) < f.min || len(args) > f.max {
		return nil, p.fail(name, fmt.Sprintf("%s with %s", name.text, f.arity()))
	}
	if id, ok := firstArg(args).(refNode); name.text == "PERIOD" && (!ok || id == "") {
		return nil, p.fail(name, "PERIOD of the id of a metric")
	}
	return callNode{name.text, args}, nil
}

func firstArg(args []node) node {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// arguments are those of the function, which FILL and METRICS have their own of.
func (p *parser) arguments(name string) ([]node, error) {
	switch name {
	case "METRICS":
		return p.metricsArguments()
	case "FILL":
		return p.fillArguments()
	}
	return p.list(")")
}

func (p *parser) metricsArguments() ([]node, error) {
	t := p.take()
	if t.kind == tokenSymbol && t.text == ")" {
		return nil, nil
	}
	if t.kind != tokenText || len(t.text) < 3 {
		return nil, p.fail(t, `")", or a part of ids in double quotes`)
	}
	return []node{textNode(strings.Trim(t.text, `"`))}, p.expect(")")
}

func (p *parser) fillArguments() ([]node, error) {
	filled, err := p.expression(precOr)
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == tokenUpper && (t.text == repeat || t.text == linear) {
		p.take()
		return []node{filled, keywordNode(t.text)}, p.expect(")")
	}
	with, err := p.expression(precOr)
	if err != nil {
		return nil, err
	}
	return []node{filled, with}, p.expect(")")
}

func (f function) arity() string {
	switch {
	case f.max == 1:
		return "one argument"
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	}
	return fmt.Sprintf("%d or %d arguments", f.min, f.max)
}
