package dashboard

import (
	"fmt"
	"strings"

	"evenkeel/internal/metricmath"
	"evenkeel/internal/signals"
)

// state is the alarm's state by its name, which ends with its key; empty when
// it was not evaluated.
func (r report) state(name string) string {
	found, state := "", ""
	for key, s := range r.states {
		if (name == key || strings.HasSuffix(name, "-"+key)) && len(key) > len(found) {
			found, state = key, string(s)
		}
	}
	return state
}

// states evaluates every alarm at the end of the sample, as if all were OK
// before. Left out is what takes weeks of data: bands of what is usual.
func states(spec signals.Spec) (map[string]metricmath.State, error) {
	out := map[string]metricmath.State{}
	for _, a := range spec.Alarms() {
		if a.Condition.Comparison == signals.OutsideBand {
			continue
		}
		state, err := evaluate(a.Condition)
		if err != nil {
			return nil, fmt.Errorf("alarm %s: %w", a.Key, err)
		}
		out[a.Key] = state
	}
	for _, c := range spec.Composites() {
		if state, known := join(c.Rule, out); known {
			out[c.Key] = state
		}
	}
	return out, nil
}

func evaluate(c signals.Condition) (metricmath.State, error) {
	rule := metricmath.AlarmRule{
		Comparison: metricmath.Comparison(c.Comparison), Threshold: c.Threshold,
		EvaluationPeriods: c.Of, DatapointsToAlarm: c.Datapoints, TreatMissingData: metricmath.Missing(c.Missing),
	}
	w := metricmath.WindowEnding(now, c.Period, rule.EvaluationRange())
	metrics := metricmath.Env{}
	for _, m := range c.Series.Metrics {
		var of []string
		for _, d := range m.Dimensions {
			of = append(of, d.Name, string(d.Of))
		}
		var err error
		if metrics[m.ID], err = series(m.Namespace, m.Name, m.Stat, of, w); err != nil {
			return "", err
		}
	}
	var expressions []metricmath.Named
	for _, e := range c.Series.Expressions {
		expressions = append(expressions, metricmath.Named{ID: e.ID, Text: e.Text})
	}
	all, err := metricmath.EvalAll(w, metrics, expressions)
	if err != nil {
		return "", fmt.Errorf("evaluate: %w", err)
	}
	points, err := all[c.Series.Return].In(w)
	if err != nil {
		return "", fmt.Errorf("evaluate: %w", err)
	}
	return rule.State(points, metricmath.OK)
}

// join is the state of a composite alarm, known when all are that it needs.
func join(r signals.Rule, states map[string]metricmath.State) (metricmath.State, bool) {
	firing := 0
	for _, key := range r.Keys() {
		state, known := states[key]
		if !known {
			return "", false
		}
		if state == metricmath.Alarm {
			firing++
		}
	}
	if firing > 0 && (len(r.Any) > 0 || firing == len(r.All)) {
		return metricmath.Alarm, true
	}
	return metricmath.OK, true
}
