package signals

import (
	"fmt"
	"time"
)

// wait is how long an alarm waits for the one that would hold it back: both
// see the same minute, but CloudWatch evaluates them one after the other.
const wait = 2 * time.Minute

// objective is one of the two objectives, with what differs between them.
type objective struct {
	key     string
	percent float64
	series  func(minimum int) Series
	users   func(b Burn) string
	query   string
}

func (s Spec) objectives() []objective {
	return []objective{
		{
			key: "availability", percent: s.Availability, series: failed, query: "errors-by-route",
			users: func(b Burn) string {
				return fmt.Sprintf("More than %v %% of requests fail with a server error (5xx).", b.Threshold(s.Availability))
			},
		},
		{
			key: "latency", percent: s.Latency.Percent, query: "slowest-routes",
			series: func(minimum int) Series { return slow(s.Latency.Within, minimum) },
			users: func(b Burn) string {
				return fmt.Sprintf("More than %v %% of requests take longer than %s.", b.Threshold(s.Latency.Percent), s.Latency.Within)
			},
		},
	}
}

// severity is the pair's, except that slow answers are not an outage.
func (o objective) severity(b Burn) Severity {
	if o.key == "latency" && b.Severity == Sev1 {
		return Sev2
	}
	return b.Severity
}

func (o objective) longKey(b Burn) string {
	return fmt.Sprintf("%s-%s-%s", o.key, b.Key, window(b.Long))
}

func (o objective) shortKey(b Burn) string {
	return fmt.Sprintf("%s-%s-%s", o.key, b.Key, window(b.Short))
}
func (o objective) joinKey(b Burn) string { return o.key + "-" + b.Key }

// alarms are both windows of a pair. They tell nobody: their composite does.
func (o objective) alarms(b Burn) []Alarm {
	condition := func(period time.Duration, minimum int, because string) Condition {
		return Condition{
			Series: o.series(minimum), Comparison: Above, Threshold: b.Threshold(o.percent),
			Period: period, Datapoints: 1, Of: 1, Missing: NotBreaching, Because: because,
		}
	}
	minimum := b.MinimumRequests(o.percent)
	return []Alarm{
		{Key: o.longKey(b), Condition: condition(b.Long, minimum, fmt.Sprintf(
			"%v times the error budget's speed over %s is %.0f %% of the budget; fewer than %d requests say nothing",
			b.Rate, window(b.Long), 100*b.Budget(), minimum))},
		{Key: o.shortKey(b), Condition: condition(b.Short, 0, fmt.Sprintf(
			"a twelfth of %s: ends the alarm soon after the errors end", window(b.Long)))},
	}
}

// composite joins the windows of pair i, held back by the next faster pair.
func (o objective) composite(i int) Composite {
	b := Burns()[i]
	kind, first := "page", "Was there a deployment or a configuration change? Roll it back first, then look for the cause."
	if !o.severity(b).Pages() {
		kind, first = "ticket", "Look which route or dependency spends the budget, and plan the repair before it is gone."
	}
	c := Composite{
		Key: o.joinKey(b), Rule: Rule{All: []string{o.longKey(b), o.shortKey(b)}}, Severity: o.severity(b),
		Message: Message{
			Users: o.users(b),
			Since: fmt.Sprintf("Measured over the last %s and still so in the last %s: %.0f %% of the %d-day error budget is spent.",
				window(b.Long), window(b.Short), 100*b.Budget(), int(BudgetPeriod.Hours()/24)),
			First:   first,
			Runbook: o.key + "-" + kind, Query: o.query,
		},
		Because: "the long window shows that it matters, the short one that it still goes on",
	}
	if i > 0 {
		c.HeldBy, c.Wait, c.Extension = o.joinKey(Burns()[i-1]), wait, b.Short
		c.Because += "; the faster pair has told already"
	}
	return c
}

// window renders a window as people say it: "5m", "6h", "3d".
func window(d time.Duration) string {
	switch {
	case d%(24*time.Hour) == 0 && d > 24*time.Hour:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
}
