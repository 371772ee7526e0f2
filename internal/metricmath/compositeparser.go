package metricmath

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ParseRule reads the rule of a composite alarm: ALARM, OK and
// INSUFFICIENT_DATA of an alarm's name or ARN, AT_LEAST(M, STATE, (a, b)) with M
// a number or a percentage and STATE perhaps after NOT, TRUE, FALSE, NOT, AND,
// OR and parentheses. A name may be bare when it has no spaces, parentheses,
// commas or quotes; in quotes, \" and \\ stand for " and \. The error is a
// *SyntaxError, also for a rule beyond the limits above and for an AT_LEAST that
// can never hold. NOT binds tighter than AND, and AND than OR; AWS does not say.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
func ParseRule(text string) (*CompositeRule, error) {
	p := &ruleParser{text: text}
	if len(text) > MaxRule {
		return nil, p.fail(ruleToken{text: fmt.Sprintf("%d bytes", len(text))}, fmt.Sprintf("at most %d bytes", MaxRule))
	}
	if err := p.lex(); err != nil {
		return nil, err
	}
	root, err := p.join("OR", func() (rule, error) { return p.join("AND", p.operand) })
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.text != "" {
		return nil, p.fail(t, "AND, OR or "+end)
	}
	r := &CompositeRule{root}
	start := ruleToken{text: text}
	if n := len(r.Alarms()); n > MaxChildren {
		return nil, p.fail(start, fmt.Sprintf("a rule of at most %d alarms, not %d", MaxChildren, n))
	}
	if p.elements > MaxElements {
		return nil, p.fail(start, fmt.Sprintf("a rule of at most %d elements, not %d", MaxElements, p.elements))
	}
	return r, nil
}

type ruleToken struct {
	// text is "" at the end.
	text   string
	offset int
	// name is what a word names when it is an alarm.
	name   string
	quoted bool
}

type ruleParser struct {
	text     string
	tokens   []ruleToken
	depth    int
	elements int
}

func (p *ruleParser) fail(t ruleToken, want string) error {
	return syntaxError("alarm rule", p.text, t.offset, quoted(t.text), want)
}

// lex splits the text into parentheses, commas, words and quoted names.
func (p *ruleParser) lex() error {
	for i := 0; i < len(p.text); {
		rest := p.text[i:]
		t := ruleToken{offset: i}
		switch {
		case strings.IndexByte("(),", rest[0]) >= 0:
			t.text = rest[:1]
		case rest[0] == '"':
			t.quoted = true
			t.text, t.name = quotedName(rest)
			if t.text == "" {
				return p.fail(ruleToken{text: rest, offset: i}, `a name that ends with a "`)
			}
		default:
			t.text = word(rest)
			t.name = t.text
			if t.text == "" {
				i += len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
				continue
			}
		}
		p.tokens = append(p.tokens, t)
		i += len(t.text)
	}
	return nil
}

func word(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`(),"`, r) })
	if i < 0 {
		return text
	}
	return text[:i]
}

// quotedName is the name that text starts with, as it is written and as it is
// meant; "" when it does not end.
func quotedName(text string) (written, name string) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return text[:i+1], b.String()
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", ""
}

func (p *ruleParser) peek() ruleToken {
	if len(p.tokens) == 0 {
		return ruleToken{offset: len(p.text)}
	}
	return p.tokens[0]
}

func (p *ruleParser) take() ruleToken {
	t := p.peek()
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *ruleParser) expect(symbol string) error {
	if t := p.take(); t.text != symbol {
		return p.fail(t, strconv.Quote(symbol))
	}
	return nil
}

// join reads one side or more with the word between them.
func (p *ruleParser) join(between string, side func() (rule, error)) (rule, error) {
	left, err := side()
	for err == nil && p.peek().text == between {
		p.take()
		var right rule
		right, err = side()
		left = joinRule{between, left, right}
	}
	return left, err
}

func (p *ruleParser) operand() (rule, error) {
	p.depth++
	defer func() { p.depth-- }()
	t := p.take()
	if p.depth > maxDepth {
		return nil, p.fail(t, fmt.Sprintf("at most %d levels of nesting", maxDepth))
	}
	p.elements++
	switch t.text {
	case "TRUE", "FALSE":
		return constantRule(t.text == "TRUE"), nil
	case "NOT":
		p.elements--
		of, err := p.operand()
		return notRule{of}, err
	case "(":
		inner, err := p.join("OR", func() (rule, error) { return p.join("AND", p.operand) })
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case "AT_LEAST":
		return p.atLeast()
	}
	state, found := stateOf(t)
	if !found {
		return nil, p.fail(t, `ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or "("`)
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	return alarmRule{state, name}, p.expect(")")
}

func stateOf(t ruleToken) (State, bool) {
	switch s := State(t.text); s {
	case Alarm, OK, InsufficientData:
		return s, true
	}
	return "", false
}

func (p *ruleParser) name() (string, error) {
	t := p.take()
	if t.name == "" {
		return "", p.fail(t, "the name of an alarm")
	}
	return t.name, nil
}

// atLeast reads what follows AT_LEAST.
func (p *ruleParser) atLeast() (rule, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	number := p.take()
	digits, percent := strings.CutSuffix(number.text, "%")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || percent && n > 100 || span(digits, isDigit) < len(digits) {
		return nil, p.fail(number, "a number from 1, or a percentage from 1% to 100%")
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	r := atLeastRule{number: n, percent: percent}
	condition := p.take()
	if r.not = condition.text == "NOT"; r.not {
		condition = p.take()
	}
	var found bool
	if r.state, found = stateOf(condition); !found {
		return nil, p.fail(condition, "ALARM, OK or INSUFFICIENT_DATA")
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if r.of, err = p.nameList(); err != nil {
		return nil, err
	}
	p.elements += len(r.of)
	if !percent && n > len(r.of) {
		return nil, p.fail(number, fmt.Sprintf("at most %d, the number of alarms", len(r.of)))
	}
	return r, p.expect(")")
}

func (p *ruleParser) nameList() ([]string, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var names []string
	for {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if p.peek().text != "," {
			return names, p.expect(")")
		}
		p.take()
	}
}
