package signals

import (
	"fmt"
	"time"

	"evenkeel/internal/check"
)

// Spec is what a team decides of its service's signals.
type Spec struct {
	// Availability is the objective for requests that are answered without a
	// server error (5xx), in percent over BudgetPeriod, above MinimumObjective
	// and below 100.
	Availability float64
	// Latency is the objective for how fast requests are answered.
	Latency LatencyObjective
	// SlowestAnswer is the 99th percentile of answer times that pages.
	SlowestAnswer time.Duration
	// ContainerInsights says that ECS reports task counts to CloudWatch.
	// Without it there are no lines and alarms about running tasks.
	ContainerInsights bool
	// ApplicationNamespace is where the log filter's metrics are, as
	// "evenkeel/orders-dev".
	ApplicationNamespace string
	// TwoTargetGroups says that CodeDeploy moves traffic between two target
	// groups. What is measured of one is then the sum of both, of which the one
	// without targets reports nothing.
	TwoTargetGroups bool
	// CPUTarget and MemoryTarget are what autoscaling aims at, in percent; 0
	// when it does not follow that metric.
	CPUTarget, MemoryTarget float64
}

// LatencyObjective says which share of requests is answered in which time.
type LatencyObjective struct {
	// Percent of requests over BudgetPeriod, above MinimumObjective and below 100.
	Percent float64
	// Within is the longest good answer time, in whole milliseconds.
	Within time.Duration
}

// MaximumObjective is the largest objective, in percent: a budget of 26 seconds
// a month. Whatever pages comes too late for a smaller one.
// https://sre.google/workbook/alerting-on-slos/#extreme_availability_goals
const MaximumObjective = 99.999

// Check records every problem with the values.
func (s Spec) Check(l *check.List, p check.Path) {
	CheckObjective(l, p.Field("Availability"), s.Availability)
	CheckObjective(l, p.Field("Latency").Field("Percent"), s.Latency.Percent)
	if s.Latency.Within < time.Millisecond || s.Latency.Within%time.Millisecond != 0 {
		l.Addf(p.Field("Latency").Field("Within"), "is %s, want whole milliseconds, 1 or more", s.Latency.Within)
	}
	if s.SlowestAnswer < s.Latency.Within {
		l.Addf(p.Field("SlowestAnswer"), "is %s, want at least Latency.Within (%s): a good answer would page", s.SlowestAnswer, s.Latency.Within)
	}
	if s.ApplicationNamespace == "" {
		l.Addf(p.Field("ApplicationNamespace"), "is required")
	}
	for field, v := range map[string]float64{"CPUTarget": s.CPUTarget, "MemoryTarget": s.MemoryTarget} {
		if v < 0 || v > 100 {
			l.Addf(p.Field(field), "is %v, want 0 to 100", v)
		}
	}
}

// CheckObjective records what is wrong with an objective in percent.
func CheckObjective(l *check.List, p check.Path, percent float64) {
	if problem := ObjectiveProblem(percent); problem != "" {
		l.Addf(p, "%s", problem)
	}
}

// ObjectiveProblem words what is wrong with an objective in percent, or returns
// "".
func ObjectiveProblem(percent float64) string {
	least := MinimumObjective()
	switch {
	case percent >= 100:
		return fmt.Sprintf("is %v, want less than 100: no service keeps it, and there is no error budget to spend", percent)
	case percent > MaximumObjective:
		return fmt.Sprintf("is %v, want at most %v: less than 26 seconds of budget a month end before anybody can act", percent, MaximumObjective)
	case percent <= least:
		return fmt.Sprintf("is %v, want more than %.2f: not even a total outage spends a larger error budget at the %v times speed that pages",
			percent, least, Burns()[0].Rate)
	}
	return ""
}
