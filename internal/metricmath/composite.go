package metricmath

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The limits of a composite alarm's rule.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
const (
	// MaxRule is its length in bytes.
	MaxRule = 10240
	// MaxChildren is how many alarms it may name.
	MaxChildren = 100
	// MaxElements counts alarms, TRUE, FALSE and pairs of parentheses.
	MaxElements = 500
)

// CompositeRule is the rule of a composite alarm.
type CompositeRule struct{ root rule }

// rule is a part of a rule. least tells String where parentheses are needed:
// 1 in OR, 2 in AND, 3 in NOT.
type rule interface {
	holds(states map[string]State) (bool, error)
	write(b *strings.Builder, least int)
	names() []string
}

type (
	constantRule bool
	alarmRule    struct {
		state State
		name  string
	}
	notRule  struct{ of rule }
	joinRule struct {
		word        string
		left, right rule
	}
	atLeastRule struct {
		// number is of alarms, or a percentage of them.
		number  int
		percent bool
		not     bool
		state   State
		of      []string
	}
)

// Alarms are the names and ARNs of the alarms in the rule, sorted, as they are
// written there.
func (r *CompositeRule) Alarms() []string {
	names := r.root.names()
	slices.Sort(names)
	return slices.Compact(names)
}

// Holds tells whether the rule is true of alarms in these states. An alarm of
// the rule that has none is an error.
func (r *CompositeRule) Holds(states map[string]State) (bool, error) { return r.root.holds(states) }

// State is Alarm when the rule holds and OK when it does not.
func (r *CompositeRule) State(states map[string]State) (State, error) {
	holds, err := r.Holds(states)
	switch {
	case err != nil:
		return "", err
	case holds:
		return Alarm, nil
	}
	return OK, nil
}

// String is the rule in its canonical form: every name in quotes, and no
// parentheses that change nothing. ParseRule reads it as r again.
func (r *CompositeRule) String() string {
	var b strings.Builder
	r.root.write(&b, 1)
	return b.String()
}

func (c constantRule) holds(map[string]State) (bool, error) { return bool(c), nil }
func (c constantRule) names() []string                      { return nil }
func (c constantRule) write(b *strings.Builder, _ int) {
	b.WriteString(strings.ToUpper(strconv.FormatBool(bool(c))))
}

func (a alarmRule) holds(states map[string]State) (bool, error) { return in(states, a.name, a.state) }
func (a alarmRule) names() []string                             { return []string{a.name} }
func (a alarmRule) write(b *strings.Builder, _ int) {
	b.WriteString(string(a.state) + "(" + quoteName(a.name) + ")")
}

func in(states map[string]State, name string, state State) (bool, error) {
	actual, found := states[name]
	if !found {
		return false, fmt.Errorf("alarm rule: %q is not among the alarms", name)
	}
	return actual == state, nil
}

func (n notRule) holds(states map[string]State) (bool, error) {
	holds, err := n.of.holds(states)
	return !holds, err
}
func (n notRule) names() []string { return n.of.names() }
func (n notRule) write(b *strings.Builder, _ int) {
	b.WriteString("NOT ")
	n.of.write(b, 3)
}

// holds evaluates both sides, so that an unknown alarm is found wherever it is.
func (j joinRule) holds(states map[string]State) (bool, error) {
	left, err := j.left.holds(states)
	if err != nil {
		return false, err
	}
	right, err := j.right.holds(states)
	if j.word == "OR" {
		return left || right, err
	}
	return left && right, err
}
func (j joinRule) names() []string { return append(j.left.names(), j.right.names()...) }
func (j joinRule) write(b *strings.Builder, least int) {
	own := 1
	if j.word == "AND" {
		own = 2
	}
	parenthesize(b, own < least, func() {
		j.left.write(b, own)
		b.WriteString(" " + j.word + " ")
		j.right.write(b, own+1)
	})
}

func (a atLeastRule) holds(states map[string]State) (bool, error) {
	count := 0
	for _, name := range a.of {
		is, err := in(states, name, a.state)
		if err != nil {
			return false, err
		}
		if is != a.not {
			count++
		}
	}
	if a.percent {
		return 100*count >= a.number*len(a.of), nil
	}
	return count >= a.number, nil
}
func (a atLeastRule) names() []string { return slices.Clone(a.of) }
func (a atLeastRule) write(b *strings.Builder, _ int) {
	b.WriteString("AT_LEAST(" + strconv.Itoa(a.number))
	if a.percent {
		b.WriteByte('%')
	}
	b.WriteString(", ")
	if a.not {
		b.WriteString("NOT ")
	}
	b.WriteString(string(a.state) + ", (")
	for i, name := range a.of {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoteName(name))
	}
	b.WriteString("))")
}

func quoteName(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}
