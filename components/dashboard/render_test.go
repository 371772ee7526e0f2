package dashboard_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/dashboard"
	"evenkeel/internal/metricmath"
	"evenkeel/internal/pulumitest"
	"evenkeel/internal/signals"
)

func TestGolden(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			text, _ := render(t, in)
			pulumitest.GoldenJSON(t, "testdata/"+name+".json", text)
		})
	}
}

func bodySchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open("testdata/dashboard-body.schema.json")
	require.NoError(t, err)
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("body.json", doc))
	s, err := c.Compile("body.json")
	require.NoError(t, err)
	return s
}

func validate(t *testing.T, text string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return bodySchema(t).Validate(value)
}

func TestBodyIsWhatCloudWatchDocuments(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			text, _ := render(t, in)
			assert.NoError(t, validate(t, text))
		})
	}
}

// The schema finds what is wrong: without this, the test above could pass for
// any body.
func TestSchemaIsStrict(t *testing.T) {
	text, _ := render(t, input())
	for name, change := range map[string][2]string{
		"unknown option of the body":    {`"periodOverride"`, `"periodOverrides"`},
		"unknown option of a widget":    {`"width"`, `"widths"`},
		"unknown option of a metric":    {`"stat"`, `"statistic"`},
		"unknown statistic":             {`"stat":"p99"`, `"stat":"P99"`},
		"unknown view":                  {`"view":"timeSeries"`, `"view":"line"`},
		"id in capitals":                {`"id":"requests"`, `"id":"Requests"`},
		"color by name":                 {`"color":"#0072b2"`, `"color":"blue"`},
		"time that is no duration":      {`"start":"-PT3H"`, `"start":"-3H"`},
		"period of less than a minute":  {`"period":60`, `"period":59`},
		"column beyond the grid":        {`"x":12`, `"x":24`},
		"dimension without a value":     {`"LoadBalancer","app/orders-test/50dc6c495c0c9188",`, `"LoadBalancer",`},
		"range of a widget that has no": {`"view":"singleValue"`, `"view":"timeSeries"`},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(text, change[0], change[1], 1)
			require.NotEqual(t, text, broken)
			assert.Error(t, validate(t, broken))
		})
	}
}

func TestTheSameInputGivesTheSameText(t *testing.T) {
	first, _ := render(t, input())
	for range 20 {
		again, _ := render(t, input())
		require.Equal(t, first, again)
	}
	var value any
	require.NoError(t, json.Unmarshal([]byte(first), &value))
	assert.NotContains(t, first, `\u003e`, "an expression with >= is not readable")
}

func TestWidgetsFillTheGridAndDoNotOverlap(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			_, b := render(t, in)
			cells := map[[2]int]string{}
			for _, w := range b.Widgets {
				assert.LessOrEqual(t, w.X+w.Width, 24, w.Properties.Title)
				for x := w.X; x < w.X+w.Width; x++ {
					for y := w.Y; y < w.Y+w.Height; y++ {
						at := [2]int{x, y}
						require.Empty(t, cells[at], "%s covers it at %v", w.Properties.Title, at)
						cells[at] = w.Type + w.Properties.Title
					}
				}
			}
			bottom := 0
			for _, w := range b.Widgets {
				bottom = max(bottom, w.Y+w.Height)
			}
			for y := range bottom {
				assert.NotEmpty(t, cells[[2]int{0, y}], "row %d is empty", y)
			}
		})
	}
}

func TestGoldenSignalsAreOnTheFirstScreen(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			_, b := render(t, in)
			for _, s := range in.Spec.Signals()[:4] {
				w := titled(t, b, s.Title)
				assert.LessOrEqual(t, w.Y+w.Height, 20, s.Title)
				assert.Equal(t, 12, w.Width)
			}
			// Deployments stand right under them, with the same time under the same x.
			under, over := titled(t, b, "Deployments and stopped tasks"), titled(t, b, "Errors")
			assert.Equal(t, []int{over.X, over.Y + over.Height, over.Width}, []int{under.X, under.Y, under.Width})
		})
	}
}

func TestEverySignalIsDrawnWithItsThresholds(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			_, b := render(t, in)
			drawn := 0
			for _, s := range in.Spec.Signals() {
				w := titled(t, b, s.Title)
				var got []signals.Annotation
				colors := map[string]signals.Severity{"#d55e00": signals.Sev1, "#e69f00": signals.Sev2, "#8c8c8c": signals.Sev3, "#009e73": ""}
				for _, a := range w.Properties.Annotations.Horizontal {
					severity, known := colors[a.Color]
					assert.True(t, known, a.Color)
					got = append(got, signals.Annotation{Label: a.Label, Value: a.Value, Severity: severity})
				}
				assert.Equal(t, in.Spec.Annotations(s.Key), got, s.Key)
				drawn += len(got)
			}
			assert.NotZero(t, drawn)
		})
	}
}

// A threshold is one of an alarm's period, and of no other.
func TestLinesHaveThePeriodOfTheirAlarms(t *testing.T) {
	_, b := render(t, input())
	assert.Equal(t, "inherit", b.PeriodOverride)
	for title, seconds := range map[string]int{
		"Latency": 60, "Traffic": 60, "Errors": 60, "Saturation": 60,
		"Deployments and stopped tasks": 300, "Errors in the log": 300, "Cost: tasks": 3600,
	} {
		assert.Equal(t, seconds, titled(t, b, title).Properties.Period, title)
	}
}

func TestAxesSayWhatTheyCount(t *testing.T) {
	_, b := render(t, input())
	for title, want := range map[string]string{
		"Latency": "seconds", "Errors": "percent", "Errors in the log": "events in 5m",
		"Cost: logs written": "bytes in 1h", "Cost: tasks": "tasks",
	} {
		assert.Equal(t, want, titled(t, b, title).Properties.YAxis.Left.Label, title)
	}
}

func TestObjectivesAreOfThirtyDays(t *testing.T) {
	_, b := render(t, input())
	for _, title := range []string{"Good requests in 30 days, in percent", "Error budget left of 30 days, in percent"} {
		w := titled(t, b, title)
		assert.Equal(t, 0, w.Y)
		assert.Equal(t, "singleValue", w.Properties.View)
		assert.Equal(t, "-P30D", w.Properties.Start)
		assert.True(t, w.Properties.SetPeriodToTimeRange)
	}
	assert.Equal(t, input().Alarms, titled(t, b, "Alarms").Properties.Alarms)
}

func TestMetricsAndExpressions(t *testing.T) {
	for name, in := range inputs() {
		t.Run(name, func(t *testing.T) {
			_, b := render(t, in)
			for _, w := range b.Widgets {
				ids, labels := map[string]bool{}, map[any]bool{}
				for _, row := range w.Properties.Metrics {
					o := last(t, row)
					id := o["id"].(string)
					assert.False(t, ids[id], "%s: %s twice", w.Properties.Title, id)
					ids[id] = true
					// Whatever is drawn has a name and a color; whatever is only
					// calculated with is hidden.
					if o["visible"] == false {
						assert.NotContains(t, o, "label", id)
						continue
					}
					assert.NotContains(t, o, "visible", id)
					assert.NotEmpty(t, o["label"], id)
					assert.NotEmpty(t, o["color"], id)
					assert.False(t, labels[o["label"]], "%s: %v twice", w.Properties.Title, o["label"])
					labels[o["label"]] = true
				}
				assert.Equal(t, w.Type == "metric", len(labels) > 0, w.Properties.Title)
				for _, row := range w.Properties.Metrics {
					checkExpression(t, w.Properties.Title, last(t, row), ids)
				}
			}
		})
	}
}

func checkExpression(t *testing.T, title string, o map[string]any, ids map[string]bool) {
	t.Helper()
	text, is := o["expression"].(string)
	if !is {
		return
	}
	parsed, err := metricmath.Parse(text)
	require.NoError(t, err, "%s: %s", title, text)
	for _, id := range parsed.IDs() {
		assert.True(t, ids[id], "%s: %s names %s, which the widget has not", title, text, id)
	}
}

// Two objectives in one widget use the same names for different things.
func TestExpressionsOfTwoLinesDoNotMix(t *testing.T) {
	_, b := render(t, input())
	expressions := map[string]string{}
	for _, row := range titled(t, b, "Error budget left of 30 days, in percent").Properties.Metrics {
		if o := last(t, row); o["expression"] != nil {
			expressions[o["id"].(string)] = o["expression"].(string)
		}
	}
	assert.Equal(t, map[string]string{
		"bad": "unserved + broken", "valid": "(requests + bad + ABS(requests - bad)) / 2", "share": "100 * bad / valid",
		"left": "100 - 100 * share / 0.1", "share_2": "100 - good", "left_2": "100 - 100 * share_2 / 1",
	}, expressions)
}

func TestQueriesLookIntoTheirLogGroup(t *testing.T) {
	_, b := render(t, input())
	assert.Equal(t, "SOURCE '/evenkeel/orders-test/api' | filter status >= 500\n| stats count(*) as errors by route\n| sort errors desc",
		titled(t, b, "Errors by route").Properties.Query)
	assert.Equal(t, "SOURCE '/evenkeel/orders-test/events' | fields @timestamp, detail.eventName",
		titled(t, b, "Deployments").Properties.Query)
}

// Whoever is told by an alarm finds its runbook here.
func TestLinks(t *testing.T) {
	_, b := render(t, input())
	text := b.Widgets[len(b.Widgets)-1].Properties.Markdown
	pages := map[string]bool{}
	for _, c := range spec().Composites() {
		pages[c.Message.Runbook] = true
	}
	for _, a := range spec().Alarms() {
		pages[a.Message.Runbook] = true
	}
	delete(pages, "")
	require.NotEmpty(t, pages)
	for page := range pages {
		link := "[" + page + "](https://git.example.com/orders/docs/runbooks/" + page + ".md)"
		assert.Equal(t, 1, strings.Count(text, link), link)
	}
	assert.Contains(t, text, "https://eu-central-1.console.aws.amazon.com/ecs/v2/clusters/orders-test/services/api/health?region=eu-central-1")

	without := input()
	without.RunbookURL = ""
	_, b = render(t, without)
	assert.NotContains(t, b.Widgets[len(b.Widgets)-1].Properties.Markdown, "Runbooks")
}

// Either target group may be the live one.
func TestRenderOverTwoTargetGroups(t *testing.T) {
	in := input()
	in.Spec.TwoTargetGroups = true
	_, err := dashboard.Render(in)
	require.EqualError(t, err, `render dashboard "orders-test": Refs["otherTargetGroup"]: is required`)
	in.Refs[signals.OtherTargetGroup] = "targetgroup/orders-test-green/1"
	text, _ := render(t, in)
	for _, metric := range []string{"RequestCountPerTarget", "HealthyHostCount", "UnHealthyHostCount"} {
		for _, group := range []string{"targetgroup/orders-test/73e2d6bc24d8a067", "targetgroup/orders-test-green/1"} {
			assert.Contains(t, text, `"`+metric+`","TargetGroup","`+group+`"`)
		}
	}
	assert.Contains(t, text, `"per_task_one + per_task_other"`)
}

func TestRenderNeedsEveryReference(t *testing.T) {
	for _, ref := range spec().Refs() {
		in := input()
		delete(in.Refs, ref)
		_, err := dashboard.Render(in)
		assert.EqualError(t, err, `render dashboard "orders-test": Refs["`+string(ref)+`"]: is required`)
	}
}
