package dashboard_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evenkeel/components/dashboard"
	"evenkeel/internal/signals"
)

func spec() signals.Spec {
	return signals.Spec{
		Availability:  99.9,
		Latency:       signals.LatencyObjective{Percent: 99, Within: 300 * time.Millisecond},
		SlowestAnswer: time.Second, ContainerInsights: true, ApplicationNamespace: "evenkeel/orders-test",
		CPUTarget: 60, MemoryTarget: 75,
	}
}

func refs() map[signals.Ref]string {
	return map[signals.Ref]string{
		signals.LoadBalancer:          "app/orders-test/50dc6c495c0c9188",
		signals.TargetGroup:           "targetgroup/orders-test/73e2d6bc24d8a067",
		signals.Cluster:               "orders-test",
		signals.Service:               "api",
		signals.DeploymentStartedRule: "orders-test-deployment-started",
		signals.DeploymentFailedRule:  "orders-test-deployment-failed",
		signals.TaskStoppedRule:       "orders-test-task-stopped",
	}
}

func queries() []dashboard.Query {
	return []dashboard.Query{
		{Title: "Errors by route", Text: "filter status >= 500\n| stats count(*) as errors by route\n| sort errors desc\n"},
		{Title: "Deployments", Text: "fields @timestamp, detail.eventName", Events: true},
		{Title: "Slowest routes", Text: "stats pct(duration_ms, 99) as p99 by route"},
	}
}

// alarms are those that tell somebody.
func alarms() []string {
	var out []string
	for _, c := range spec().Composites() {
		if c.Severity != "" {
			out = append(out, alarmPrefix+c.Key)
		}
	}
	for _, a := range spec().Alarms() {
		if a.Severity != "" {
			out = append(out, alarmPrefix+a.Key)
		}
	}
	return out
}

const alarmPrefix = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:orders-test-"

func input() dashboard.Input {
	return dashboard.Input{
		Name: "orders-test", Region: "eu-central-1", Spec: spec(), Refs: refs(),
		Alarms:   alarms(),
		LogGroup: "/evenkeel/orders-test/api", EventLogGroup: "/evenkeel/orders-test/events",
		Queries: queries(), RunbookURL: "https://git.example.com/orders/docs/runbooks",
	}
}

// inputs are the shapes that a page can have.
func inputs() map[string]dashboard.Input {
	plain := input()
	plain.Spec.ContainerInsights = false
	plain.Alarms, plain.Queries, plain.EventLogGroup, plain.RunbookURL = nil, nil, "", ""
	return map[string]dashboard.Input{"full": input(), "plain": plain}
}

// The body as CloudWatch reads it, apart from the renderer's own structures.
type (
	body struct {
		Start, PeriodOverride string
		Widgets               []widget
	}
	widget struct {
		Type                string
		X, Y, Width, Height int
		Properties          properties
	}
	properties struct {
		Title, View, Start, Markdown, Query string
		Period                              int
		SetPeriodToTimeRange                bool
		Alarms                              []string
		Metrics                             [][]any
		Annotations                         struct{ Horizontal []annotation }
		YAxis                               struct{ Left struct{ Label string } }
	}
	annotation struct {
		Label, Color string
		Value        float64
	}
)

func render(t *testing.T, in dashboard.Input) (string, body) {
	t.Helper()
	text, err := dashboard.Render(in)
	require.NoError(t, err)
	var b body
	require.NoError(t, json.Unmarshal([]byte(text), &b))
	return text, b
}

func titled(t *testing.T, b body, title string) widget {
	t.Helper()
	for _, w := range b.Widgets {
		if w.Properties.Title == title {
			return w
		}
	}
	require.Fail(t, "no widget "+title)
	return widget{}
}

// last are the options of a row of metrics.
func last(t *testing.T, row []any) map[string]any {
	t.Helper()
	require.NotEmpty(t, row)
	o, ok := row[len(row)-1].(map[string]any)
	require.True(t, ok, "%v has no options", row)
	return o
}
