package signals

import (
	"slices"
	"strings"
)

// signalSuffix ends the name of a metric alarm whose composite tells people.
const signalSuffix = "-signal"

// RollbackKeys are the metric alarms that a deployment is rolled back on: what
// users feel at once. An alarm that a first deployment starts in, such as
// no-healthy-host, is not among them: ECS ignores all of them in a deployment
// that starts while one is in ALARM.
func RollbackKeys() []string { return []string{"errors" + signalSuffix, "slow-answers" + signalSuffix} }

// Alarms are all metric alarms, in the order of their importance.
func (s Spec) Alarms() []Alarm {
	var out []Alarm
	for _, o := range s.objectives() {
		for _, b := range Burns() {
			out = append(out, o.alarms(b)...)
		}
	}
	for _, y := range s.symptoms() {
		a := y.Alarm
		if y.heldBy != "" {
			a.Key, a.Severity, a.Message = a.Key+signalSuffix, "", Message{}
		}
		out = append(out, a)
	}
	return append(out, deployingAlarm())
}

// Composites are all composite alarms, each after those it depends on.
func (s Spec) Composites() []Composite {
	var out []Composite
	paging := map[string][]string{}
	for _, o := range s.objectives() {
		for i := range Burns() {
			c := o.composite(i)
			out = append(out, c)
			if c.Severity.Pages() {
				paging[o.key] = append(paging[o.key], c.Key)
			}
		}
	}
	out = append(out,
		Composite{Key: availabilityBurning, Rule: Rule{Any: paging["availability"]}, Because: "somebody is awake already"},
		Composite{
			Key: objectiveBurning, Rule: Rule{Any: append([]string{availabilityBurning}, paging["latency"]...)},
			Because: "somebody is awake already",
		},
		Composite{
			Key: symptomsHeld, Rule: Rule{Any: []string{objectiveBurning, deploying}},
			Because: "somebody is awake already, or a deployment explains it",
		})
	for _, y := range s.symptoms() {
		if y.heldBy == "" {
			continue
		}
		out = append(out, Composite{
			Key: y.Key, Rule: Rule{All: []string{y.Key + signalSuffix}}, Severity: y.Severity, Message: y.Message,
			HeldBy: y.heldBy, Wait: wait, Extension: y.Condition.Period,
			Because: "tells nobody who is awake for the same reason already",
		})
	}
	return out
}

// Telling are the keys of the alarms that tell somebody, the most urgent first.
func (s Spec) Telling() []string {
	type told struct {
		severity Severity
		key      string
	}
	var all []told
	for _, c := range s.Composites() {
		all = append(all, told{c.Severity, c.Key})
	}
	for _, a := range s.Alarms() {
		all = append(all, told{a.Severity, a.Key})
	}
	slices.SortStableFunc(all, func(a, b told) int { return strings.Compare(string(a.severity), string(b.severity)) })
	var out []string
	for _, t := range all {
		if t.severity != "" {
			out = append(out, t.key)
		}
	}
	return out
}

// Annotations are the thresholds of the alarms on a signal, and for latency the
// objective itself.
func (s Spec) Annotations(signal string) []Annotation {
	var out []Annotation
	for _, y := range s.symptoms() {
		if y.Signal != signal || y.Condition.Comparison == OutsideBand || y.Condition.Series.Return == "down" {
			continue
		}
		out = append(out, Annotation{
			Label: string(y.Severity) + ": " + y.Key, Value: y.Condition.Threshold, Severity: y.Severity,
		})
	}
	if signal == "latency" {
		out = append(out, Annotation{Label: "objective: " + s.Latency.Within.String(), Value: s.Latency.Within.Seconds()})
	}
	return out
}

// ErrorBudget are lines for a window of BudgetPeriod: the share of the
// availability and the latency budget, in percent, that is left.
func (s Spec) ErrorBudget() []Series {
	var out []Series
	for _, o := range s.objectives() {
		line := o.series(0)
		line.Label, line.Unit = o.key+" budget left", Percent
		line.Expressions = append(line.Expressions, Expression{"left", "100 - 100 * share / " + number(100-o.percent)})
		line.Return = "left"
		out = append(out, line)
	}
	return out
}

// Attained are lines for a window of BudgetPeriod: what share of requests was
// good, in percent.
func (s Spec) Attained() []Series {
	var out []Series
	for _, o := range s.objectives() {
		line := o.series(0)
		line.Label, line.Unit = o.key, Percent
		line.Expressions = append(line.Expressions, Expression{"good_share", "100 - share"})
		line.Return = "good_share"
		out = append(out, line)
	}
	return out
}
