package dashboard_test

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/dashboard"
)

// element is what a page consists of.
type element struct {
	name       string
	attributes map[string]string
	text       string
	inside     []*element
}

func (e *element) each(f func(*element)) {
	f(e)
	for _, c := range e.inside {
		c.each(f)
	}
}

func (e *element) all(name, class string) []*element {
	var out []*element
	e.each(func(x *element) {
		if x.name == name && (class == "" || x.attributes["class"] == class) {
			out = append(out, x)
		}
	})
	return out
}

func (e *element) number(t *testing.T, attribute string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(e.attributes[attribute], 64)
	require.NoError(t, err, "%s of <%s>", attribute, e.name)
	return v
}

// read parses a page, which must be well-formed.
func read(t *testing.T, page string) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			require.Len(t, open, 1, "an element is not closed")
			return root
		}
		require.NoError(t, err)
		top := open[len(open)-1]
		switch x := token.(type) {
		case xml.StartElement:
			e := &element{name: x.Name.Local, attributes: map[string]string{}}
			for _, a := range x.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			top.inside = append(top.inside, e)
			open = append(open, e)
		case xml.EndElement:
			require.Equal(t, top.name, x.Name.Local)
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(x)
			}
		}
	}
}

func TestEveryWidgetIsDrawn(t *testing.T) {
	for _, name := range []string{"full", "plain"} {
		t.Run(name, func(t *testing.T) {
			text := body(t, name)
			sections := read(t, report(t, text)).all("section", "")
			all := widgets(t, text)
			require.Len(t, sections, len(all))
			for i, w := range all {
				s := sections[i]
				if w.Properties.Title != "" {
					titles := s.all("h2", "")
					require.Len(t, titles, 1)
					assert.Equal(t, w.Properties.Title, titles[0].text)
				}
				assert.Contains(t, s.attributes["style"], "grid-area:"+strings.Join([]string{
					strconv.Itoa(w.Y + 1), strconv.Itoa(w.X + 1), "span " + strconv.Itoa(w.Height), "span " + strconv.Itoa(w.Width),
				}, "/"))
				if w.Properties.View == "timeSeries" {
					checkChart(t, w, s)
				}
			}
		})
	}
}

// checkChart finds every line in the legend with a value, and every threshold
// within the plot, with its label.
func checkChart(t *testing.T, w widget, s *element) {
	t.Helper()
	title := w.Properties.Title
	legend := s.all("li", "")
	require.Len(t, legend, len(w.visible()), title)
	for i, o := range w.visible() {
		assert.Regexp(t, `^`+regexp.QuoteMeta(o["label"].(string))+` [0-9]`, legend[i].text, title)
	}
	require.Len(t, s.all("svg", ""), 2, title)
	for _, class := range []string{"wide", "narrow"} {
		plots := s.all("svg", class)
		require.Len(t, plots, 1, "%s: %s", title, class)
		checkPlot(t, w, plots[0])
	}
}

// checkPlot finds lines, ticks, and every threshold once, within the plot.
func checkPlot(t *testing.T, w widget, s *element) {
	t.Helper()
	title := w.Properties.Title
	assert.NotEmpty(t, append(s.all("polyline", "line"), s.all("circle", "dot")...), "%s has no lines", title)
	assert.Greater(t, len(s.all("text", "tick")), 5, title)
	assert.Len(t, s.all("text", "unit"), 1, title)

	thresholds, labels := s.all("line", "threshold"), s.all("text", "label")
	assert.Len(t, labels, len(w.Properties.Annotations.Horizontal), title)
	require.Len(t, thresholds, len(w.Properties.Annotations.Horizontal), title)
	grid := s.all("line", "grid")
	require.NotEmpty(t, grid, title)
	bottom, top := grid[0].number(t, "y1"), grid[len(grid)-1].number(t, "y1")
	for i, a := range w.Properties.Annotations.Horizontal {
		assert.Greater(t, thresholds[i].number(t, "y1"), top, "%s: %s", title, a.Label)
		assert.Less(t, thresholds[i].number(t, "y1"), bottom, "%s: %s", title, a.Label)
		found := 0
		for _, l := range labels {
			if strings.HasPrefix(l.text, a.Label) {
				found++
			}
		}
		assert.Equal(t, 1, found, "%s: %s", title, a.Label)
	}
	box := strings.Fields(s.attributes["viewBox"])
	width, err := strconv.ParseFloat(box[2], 64)
	require.NoError(t, err)
	height, err := strconv.ParseFloat(box[3], 64)
	require.NoError(t, err)
	for _, p := range s.all("polyline", "line") {
		for point := range strings.FieldsSeq(p.attributes["points"]) {
			at, y, _ := strings.Cut(point, ",")
			h, err := strconv.ParseFloat(at, 64)
			require.NoError(t, err)
			v, err := strconv.ParseFloat(y, 64)
			require.NoError(t, err)
			require.True(t, h >= 0 && h <= width && v >= 0 && v <= height, "%s: %s is outside", title, point)
		}
	}
}

func TestPageNeedsNothingElse(t *testing.T) {
	page := report(t, body(t, "full"))
	assert.NotRegexp(t, `\bNaN\b|[+-]?\bInf\b`, page)
	assert.NotContains(t, page, "url(")
	assert.NotContains(t, page, "@import")
	assert.Contains(t, page, "SAMPLE DATA")
	assert.Contains(t, page, "prefers-color-scheme: dark")
	read(t, page).each(func(e *element) {
		assert.NotContains(t, []string{"script", "link", "img", "iframe", "object", "embed"}, e.name)
		for name := range e.attributes {
			assert.False(t, strings.HasPrefix(name, "on") || name == "src", "<%s %s>", e.name, name)
		}
	})
}

func TestTheSamePageEveryTime(t *testing.T) {
	assert.Equal(t, draw(t, body(t, "full")), draw(t, body(t, "full")))
}

// The incident of the sample is what the alarms are for.
func TestAlarmsHaveTheStateOfTheSample(t *testing.T) {
	text := body(t, "full")
	items := func(page string) map[string]string {
		out := map[string]string{}
		for _, li := range read(t, page).all("ul", "alarms")[0].all("li", "") {
			out[li.all("span", "")[0].text] = li.all("b", "")[0].text
		}
		return out
	}
	got := items(report(t, text))
	for key, want := range map[string]string{
		"availability-14x": "ALARM", "availability-6x": "ALARM", "errors": "ALARM", "slow-answers": "ALARM",
		"stopped-tasks": "ALARM", "application-errors": "ALARM",
		"cpu-saturated": "OK", "memory-saturated": "OK", "no-healthy-host": "OK", "latency-1x": "OK",
		"traffic-anomaly": "not sampled",
	} {
		assert.Equal(t, want, got[key], key)
	}
	for _, w := range widgets(t, text) {
		if w.Type == "alarm" {
			assert.Len(t, got, len(w.Properties.Alarms))
		}
	}

	page, err := dashboard.Report(text, "orders-test")
	require.NoError(t, err)
	for key, state := range items(string(page)) {
		assert.Equal(t, "not sampled", state, key)
	}
}

// The numbers on top are what the service of the sample could be proud of, and
// not more than all.
func TestObjectivesOfTheSample(t *testing.T) {
	values := read(t, report(t, body(t, "full"))).all("div", "values")
	require.Len(t, values, 2)
	for i, from := range []float64{99, 20} {
		numbers := values[i].all("b", "")
		require.Len(t, numbers, 2)
		for _, n := range numbers {
			v, err := strconv.ParseFloat(n.text, 64)
			require.NoError(t, err)
			assert.Greater(t, v, from)
			assert.Less(t, v, 100.0)
		}
	}
}

func TestTextsAreEscaped(t *testing.T) {
	const evil = `<script>alert("x")</script>`
	quoted := strconv.Quote(evil)
	text := `{"widgets":[
		{"type":"log","x":0,"y":0,"width":6,"height":3,"properties":{"title":` + quoted + `,"query":` + quoted + `}},
		{"type":"alarm","x":6,"y":0,"width":6,"height":3,"properties":{"title":"Alarms","alarms":[` + quoted + `]}},
		{"type":"text","x":12,"y":0,"width":6,"height":3,"properties":{"markdown":` + quoted + `}},
		{"type":"metric","x":0,"y":3,"width":6,"height":5,"properties":{"title":"T","view":"timeSeries","period":60,
			"yAxis":{"left":{"label":` + quoted + `}},
			"annotations":{"horizontal":[{"label":` + quoted + `,"value":3,"color":"#e69f00"}]},
			"metrics":[["AWS/ECS","CPUUtilization","ServiceName","api",{"id":"cpu","stat":"Average","label":` + quoted + `}]]}}
	]}`
	page, err := dashboard.Report([]byte(text), evil)
	require.NoError(t, err)
	assert.NotContains(t, string(page), "<script")
	assert.Contains(t, string(page), "<title>"+html.EscapeString(evil)+"</title>")
	read(t, string(page))
}

func TestReportErrors(t *testing.T) {
	metric := func(metrics, more string) string {
		return `{"widgets":[{"type":"metric","x":0,"y":0,"width":6,"height":5,"properties":{"title":"T","view":"timeSeries","period":60,"metrics":[` + metrics + `]` + more + `}}]}`
	}
	const cpu = `["AWS/ECS","CPUUtilization","ServiceName","api",{"id":"cpu","stat":"Average","label":"CPU"}]`
	const at = `widgets[0] "T": `
	for name, tc := range map[string]struct{ body, want string }{
		"no JSON":            {"widgets", "read dashboard body: invalid character 'w' looking for beginning of value"},
		"no widgets":         {`{"widgets":[]}`, "read dashboard body: has no widgets"},
		"unknown widget":     {`{"widgets":[{"type":"explorer","width":6,"height":6}]}`, `widgets[0] "": type: is "explorer", want metric, alarm, log or text`},
		"beyond the grid":    {`{"widgets":[{"type":"text","x":20,"width":6,"height":6}]}`, `widgets[0] "": stands at 20,0 and is 6x6, want it within 24 columns`},
		"unknown view":       {strings.Replace(metric(cpu, ""), "timeSeries", "pie", 1), at + `view: is "pie", want timeSeries or singleValue`},
		"unknown metric":     {metric(`["AWS/SQS","Age","QueueName","q",{"id":"a","stat":"Sum"}]`, ""), at + "metric AWS/SQS Age (QueueName q): is not in the sample"},
		"unknown rule":       {metric(`["AWS/Events","TriggeredRules","RuleName","r",{"id":"a","stat":"Sum"}]`, ""), at + "metric AWS/Events TriggeredRules (RuleName r): is not in the sample"},
		"AWS has none such":  {metric(`["AWS/ECS","ApplicationErrors",{"id":"a","stat":"Sum"}]`, ""), at + "metric AWS/ECS ApplicationErrors (): is not in the sample"},
		"unknown id":         {metric(`[{"id":"x","expression":"2 * y"}]`, ""), at + "evaluate: expression x: "},
		"id twice":           {metric(cpu+","+cpu, ""), at + "id cpu: is taken, want one that is not"},
		"no id":              {metric(`[{"expression":"1"}]`, ""), at + "metrics[0]: has no id"},
		"no options":         {metric(`["AWS/ECS","CPUUtilization"]`, ""), at + `metrics[0]: ends with "CPUUtilization", want an object with options`},
		"half a dimension":   {metric(`["AWS/ECS","CPUUtilization","ServiceName",{"id":"a","stat":"Sum"}]`, ""), at + "metrics[0]: has 3 texts before its options, want namespace, name and pairs"},
		"no list":            {metric(`{}`, ""), at + "metrics[0]: is {}, want a list that is not empty"},
		"number for a text":  {metric(`["AWS/ECS",5,{"id":"a"}]`, ""), at + "metrics[0]: has 5, want a text"},
		"color of a line":    {metric(`[{"id":"a","expression":"1","color":"red;x:y"}]`, ""), at + `metrics[0]: color: is "red;x:y", want one such as "#0072b2"`},
		"color of threshold": {metric(cpu, `,"annotations":{"horizontal":[{"label":"l","value":1,"color":"red"}]}`), at + `annotations.horizontal[0]: color: is "red", want one such as "#0072b2"`},
		"no period":          {strings.Replace(metric(cpu, ""), `"period":60`, `"period":0`, 1), at + "period: is 0s, want 1m to 3h0m0s, the time that is shown"},
		"absolute start":     {metric(cpu, `,"start":"2026-01-01"`), at + `start: is "2026-01-01", want a relative time, such as "-PT3H" or "-P30D"`},
		"endless start":      {metric(cpu, `,"start":"-P99999W"`), at + `start: is "-P99999W", want 1 to 10000 minutes, hours, days or weeks`},
		"unknown statistic":  {strings.Replace(metric(cpu, ""), "Average", "Mode", 1), at + "metric AWS/ECS CPUUtilization: statistic Mode: "},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := dashboard.Report([]byte(tc.body), "t")
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), tc.want), "%s\nwant %s", err, tc.want)
			assert.Nil(t, page)
		})
	}
}
