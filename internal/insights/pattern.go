package insights

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Pattern is a parsed filter pattern for JSON lines.
type Pattern struct {
	condition expression
	fields    []string
}

var (
	selector      = regexp.MustCompile(`^\$((?:\.[A-Za-z0-9_-]+|\[[0-9]+\])+)`)
	selectorIndex = regexp.MustCompile(`\[([0-9]+)\]`)
	patternSign   = regexp.MustCompile(`^(?:&&|\|\||!=|<=|>=|[=<>()])`)
	patternText   = regexp.MustCompile(`^"([^"\\*%]*)"`)
	patternNumber = regexp.MustCompile(`^-?[0-9]+(?:\.[0-9]+)?`)
)

// ParsePattern reads a filter pattern such as `{ $.a = "x" && $.b >= 5 }`. What
// it does not know is an error: wildcards, IS, NOT, EXISTS and patterns of
// lines that are not JSON.
func ParsePattern(text string) (*Pattern, error) {
	inner, opened := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !opened || !closed {
		return nil, fmt.Errorf("parse pattern: %q is no condition in braces", text)
	}
	tokens, err := scanPattern(inner)
	if err != nil {
		return nil, fmt.Errorf("parse pattern: %w", err)
	}
	p := &parser{tokens: tokens}
	condition, err := p.either()
	if err != nil {
		return nil, fmt.Errorf("parse pattern: %w", err)
	}
	if t := p.peek(); t.kind != end {
		return nil, fmt.Errorf("parse pattern: %s, want the end", t)
	}
	out := &Pattern{condition: condition}
	condition.each(func(e expression) {
		if f, ok := e.(field); ok {
			out.fields = append(out.fields, f.name)
		}
	})
	return out, nil
}

func scanPattern(s string) ([]token, error) {
	var out []token
	for at := 0; at < len(s); {
		rest := s[at:]
		t, length := token{at: at}, 0
		if strings.ContainsAny(rest[:1], " \t\n") {
			at++
			continue
		}
		if m := selector.FindStringSubmatch(rest); m != nil {
			t.kind, length = quoted, len(m[0])
			t.text = strings.TrimPrefix(selectorIndex.ReplaceAllString(m[1], ".$1"), ".")
		} else if m := patternText.FindStringSubmatch(rest); m != nil {
			t.kind, t.text, length = text, m[1], len(m[0])
		} else if m := patternNumber.FindString(rest); m != "" {
			t.kind, t.text, length = number, m, len(m)
		} else if m := patternSign.FindString(rest); m != "" {
			t.kind, t.text, length = sign, m, len(m)
		} else {
			return nil, fmt.Errorf("%q is nothing that is known here", rest)
		}
		out = append(out, t)
		at += length
	}
	return append(out, token{kind: end, at: len(s)}), nil
}

// either reads conditions joined by ||, which binds less than &&.
func (p *parser) either() (expression, error) { return p.joined("||", "or", p.both) }

func (p *parser) both() (expression, error) { return p.joined("&&", "and", p.condition) }

func (p *parser) joined(sign, as string, part func() (expression, error)) (expression, error) {
	left, err := part()
	for err == nil {
		if _, more := p.accept(sign); !more {
			break
		}
		var right expression
		right, err = part()
		left = operation{as, left, right}
	}
	return left, err
}

func (p *parser) condition() (expression, error) {
	if _, ok := p.accept("("); ok {
		e, err := p.either()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	}
	property := p.take()
	if property.kind != quoted {
		return nil, fmt.Errorf("%s, want a property such as $.level", property)
	}
	operator, ok := p.accept("=", "!=", "<", "<=", ">", ">=")
	if !ok {
		return nil, fmt.Errorf("%s, want a comparison", p.peek())
	}
	switch v := p.take(); v.kind {
	case text:
		return operation{operator, field{property.text}, literal{v.text}}, nil
	case number:
		n, err := strconv.ParseFloat(v.text, 64)
		return operation{operator, field{property.text}, literal{n}}, err
	default:
		return nil, fmt.Errorf(`%s, want a number or a "text"`, v)
	}
}

// Match says whether the event matches.
func (p *Pattern) Match(r Record) bool { return truth(p.condition.value(scope{row: r.fields})) }

// Fields lists the fields that the pattern reads, in its order.
func (p *Pattern) Fields() []string { return p.fields }
