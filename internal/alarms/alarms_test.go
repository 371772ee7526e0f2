package alarms_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/alarms"
	"evenkeel/internal/graph"
)

// sample is a stack with one alarm of each kind.
func sample() *graph.Graph {
	metric := func(id, stat, name string, period int) map[string]any {
		return map[string]any{"id": id, "returnData": false, "metric": map[string]any{
			"namespace": "AWS/ApplicationELB", "metricName": name, "stat": stat, "period": period,
		}}
	}
	expression := func(id, text string, returned bool) map[string]any {
		return map[string]any{"id": id, "expression": text, "returnData": returned}
	}
	topic := "${aws:sns/topic:Topic::notifications-page.arn}"
	return &graph.Graph{Stack: "dev", Resources: []graph.Resource{
		{Type: "aws:sns/topic:Topic", Name: "notifications-page", Inputs: map[string]any{"name": "orders-dev-page"}},
		{Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Name: "o-errors-signal", Inputs: map[string]any{
			"name": "orders-dev-errors-signal", "alarmDescription": "Feeds other alarms, tells nobody: 5 % is no noise.",
			"metricQueries": []any{
				metric("r", "Sum", "RequestCount", 60), metric("e", "Sum", "HTTPCode_ELB_5XX_Count", 60), expression("share", "100 * e / r", true),
			},
			"comparisonOperator": "GreaterThanThreshold", "threshold": 5, "evaluationPeriods": 5, "datapointsToAlarm": 3, "treatMissingData": "notBreaching",
		}},
		{Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Name: "o-long", Inputs: map[string]any{
			"name": "orders-dev-long", "alarmDescription": "Feeds other alarms, tells nobody: shows that it matters.",
			"metricQueries":      []any{metric("r", "Sum", "RequestCount", 259200), expression("share", "r * 2", true)},
			"comparisonOperator": "GreaterThanOrEqualToThreshold", "threshold": 0.1, "evaluationPeriods": 1, "treatMissingData": "missing",
		}},
		{Type: "aws:cloudwatch/compositeAlarm:CompositeAlarm", Name: "o-errors", Inputs: map[string]any{
			"alarmName": "orders-dev-errors", "alarmRule": `ALARM("orders-dev-errors-signal")`,
			"alarmDescription": "Users | see errors.\nSince now.\nFirst: look.\nRunbook: https://x.example/runbooks/errors.md\nDashboard: https://y",
			"alarmActions":     []any{topic}, "okActions": []any{topic}, "tags": map[string]any{"Severity": "sev2"},
			"actionsSuppressor": map[string]any{"alarm": "orders-dev-both"},
		}},
		{Type: "aws:cloudwatch/compositeAlarm:CompositeAlarm", Name: "o-both", Inputs: map[string]any{
			"alarmName": "orders-dev-both", "alarmRule": `ALARM("orders-dev-long") OR ALARM("orders-dev-errors-signal")`,
			"alarmDescription": "Nobody can use it.\nSince now.\nFirst: look.\nRunbook: https://x.example/runbooks/both.md\nDashboard: https://y",
			"alarmActions":     []any{"arn:aws:sns:eu-west-1:1:elsewhere"}, "okActions": []any{"arn:aws:sns:eu-west-1:1:elsewhere"},
			"tags": map[string]any{"Severity": "sev1"},
		}},
	}}
}

func TestCatalogue(t *testing.T) {
	c, err := alarms.Of(sample())
	require.NoError(t, err)
	var names []string
	for _, a := range c.Alarms {
		names = append(names, a.Name)
	}
	assert.Equal(t, []string{"orders-dev-both", "orders-dev-errors", "orders-dev-errors-signal", "orders-dev-long"}, names, "the most urgent first")
	assert.Equal(t, alarms.Alarm{
		Name: "orders-dev-errors", Type: "composite", Severity: "sev2", Rule: `ALARM("orders-dev-errors-signal")`,
		Expression: "100 * e / r; r = Sum of RequestCount, e = Sum of HTTPCode_ELB_5XX_Count", Threshold: "> 5", ForHowLong: "3 of 5 × 1m",
		Missing: "notBreaching", Actions: []string{"orders-dev-page"}, OKActions: []string{"orders-dev-page"}, HeldBy: "orders-dev-both",
		Runbook: "https://x.example/runbooks/errors.md", Description: c.Alarms[1].Description,
	}, c.Alarms[1])
	assert.Equal(t, "Users | see errors.", c.Alarms[1].Users())
	assert.Equal(t, "errors", c.Alarms[1].RunbookPage())
	assert.Equal(t, []string{"elsewhere"}, c.Alarms[0].Actions)
	assert.Equal(t, `ALARM("orders-dev-long") OR ALARM("orders-dev-errors-signal")`, c.Alarms[0].Expression)
	assert.Equal(t, "over 72h", c.Alarms[3].ForHowLong)
	assert.Equal(t, "≥ 0.1", c.Alarms[3].Threshold)
}

func TestJSON(t *testing.T) {
	c, err := alarms.Of(sample())
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, c.WriteJSON(&b))
	var doc struct {
		Stack  string           `json:"stack"`
		Alarms []map[string]any `json:"alarms"`
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &doc))
	assert.Equal(t, "dev", doc.Stack)
	require.Len(t, doc.Alarms, 4)
	for _, a := range doc.Alarms {
		for _, key := range []string{"name", "type", "severity", "actions", "runbook", "description"} {
			assert.Contains(t, a, key)
		}
	}
}

func TestText(t *testing.T) {
	c, err := alarms.Of(sample())
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, c.WriteText(&b))
	assert.Contains(t, b.String(), "Stack dev has 4 alarms.\n\nsev1: pages, users cannot use the service\n  orders-dev-both ")
	assert.Contains(t, b.String(), "100 * e / r > 5, 3 of 5 × 1m, where r = Sum of RequestCount")
	assert.Contains(t, b.String(), "orders-dev-page; runbook errors; not during orders-dev-both")

	b.Reset()
	none := alarms.Catalogue{Stack: "dev"}
	require.NoError(t, none.WriteText(&b))
	assert.Equal(t, "Stack dev has no alarms.\n", b.String())
}

func TestMarkdown(t *testing.T) {
	c, err := alarms.Of(sample())
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, c.WriteMarkdown(&b))
	assert.Contains(t, b.String(), `| Users \| see errors. |`)
	assert.Contains(t, b.String(), "[errors](runbooks/errors.md)")
	for _, line := range strings.Split(b.String(), "\n") {
		if strings.HasPrefix(line, "|") {
			bars := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			assert.Contains(t, []int{5, 6}, bars, line)
		}
	}
}

func TestNoAlarms(t *testing.T) {
	c, err := alarms.Of(&graph.Graph{Stack: "dev"})
	require.NoError(t, err)
	require.NoError(t, c.WriteJSON(os.Stdout))
	assert.NotNil(t, c.Alarms, "an empty list, not null")
}
