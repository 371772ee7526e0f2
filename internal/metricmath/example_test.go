package metricmath_test

import (
	"fmt"
	"time"

	"evenkeel/internal/metricmath"
)

// A service of 100 requests a minute loses all its targets after an hour. The
// alarms of 1 h and 5 min at 14.4 times the budget of 99.9 % see it in the first
// full minute: (1 - 99.9 %) / 100 % x 1 h x 14.4 is 0.86 minutes.
// https://sre.google/workbook/alerting-on-slos/
func Example() {
	begin := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	outage := begin.Add(time.Hour)
	var requests, unserved []metricmath.Sample
	for at := begin; at.Before(outage.Add(5 * time.Minute)); at = at.Add(600 * time.Millisecond) {
		if at.Before(outage) {
			requests = append(requests, metricmath.Sample{At: at, Value: 1})
		} else {
			unserved = append(unserved, metricmath.Sample{At: at, Value: 1})
		}
	}
	evaluate := func(now time.Time, period time.Duration) metricmath.State {
		rule := metricmath.AlarmRule{
			Comparison: metricmath.GreaterThan, Threshold: 1.44,
			EvaluationPeriods: 1, TreatMissingData: metricmath.NotBreaching,
		}
		w := metricmath.WindowEnding(now, period, rule.EvaluationRange())
		metrics := metricmath.Env{}
		metrics["requests"], _ = metricmath.Aggregate(requests, w, "Sum")
		metrics["unserved"], _ = metricmath.Aggregate(unserved, w, "Sum")
		all, err := metricmath.EvalAll(w, metrics, []metricmath.Named{
			{ID: "valid", Text: "(requests + unserved + ABS(requests - unserved)) / 2"},
			{ID: "share", Text: "IF(valid >= 70, 100 * unserved / valid, 0)"},
		})
		if err != nil {
			fmt.Println(err)
		}
		points, _ := all["share"].In(w)
		state, _ := rule.State(points, metricmath.OK)
		return state
	}
	page, _ := metricmath.ParseRule(`ALARM("long") AND ALARM("short")`)
	for minute := range 3 {
		now := outage.Add(time.Duration(minute) * time.Minute)
		state, _ := page.State(map[string]metricmath.State{
			"long": evaluate(now, time.Hour), "short": evaluate(now, 5*time.Minute),
		})
		fmt.Println(minute, state)
	}
	// Output:
	// 0 OK
	// 1 ALARM
	// 2 ALARM
}
