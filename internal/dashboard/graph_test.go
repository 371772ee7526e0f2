package dashboard_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/dashboard"
	"evenkeel/internal/graph"
)

func TestFromGraph(t *testing.T) {
	const text = `{"widgets":[{"type":"alarm","width":6,"height":6,"properties":{"title":"Alarms","alarms":["${aws:cloudwatch/compositeAlarm:CompositeAlarm::objectives-errors.arn}","${aws:cloudwatch/metricAlarm:MetricAlarm::objectives-cpu-saturated.arn}"]}}]}`
	board := func(name string, inputs map[string]any) graph.Resource {
		return graph.Resource{Type: "aws:cloudwatch/dashboard:Dashboard", Name: name, Inputs: inputs}
	}
	good := board("dashboard-dashboard", map[string]any{"dashboardName": "orders-dev", "dashboardBody": text})
	other := graph.Resource{Type: "aws:sns/topic:Topic", Name: "topic"}
	for name, tc := range map[string]struct {
		resources []graph.Resource
		want      string
	}{
		"one":     {[]graph.Resource{other, good}, ""},
		"none":    {[]graph.Resource{other}, "find the dashboard of stack dev: there are 0, want one"},
		"several": {[]graph.Resource{good, good}, "find the dashboard of stack dev: there are 2, want one"},
		"no body": {
			[]graph.Resource{board("b", map[string]any{"dashboardName": "orders-dev"})},
			"find the dashboard of stack dev: aws:cloudwatch/dashboard:Dashboard::b has no name or no body",
		},
	} {
		t.Run(name, func(t *testing.T) {
			title, body, err := dashboard.FromGraph(&graph.Graph{Stack: "dev", Resources: tc.resources})
			if tc.want != "" {
				assert.EqualError(t, err, tc.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "orders-dev", title)
			assert.Equal(t, text, string(body))
			// References are named by what they refer to.
			page := report(t, body)
			assert.Contains(t, page, "<span>errors</span><b>ALARM</b>")
			assert.Contains(t, page, "<span>cpu-saturated</span><b>OK</b>")
		})
	}
}
