package dashboard

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark"
)

// A cell of the grid, in pixels, where the page is as wide as it gets; charts
// are drawn for that and scaled down.
const (
	columnWidth = 48.0
	rowHeight   = 40.0
	gap         = 10.0
	// besideChart and aboveChart are what else a widget has: padding, and its
	// title and legend.
	besideChart = 26.0
	aboveChart  = 76.0
	// On a narrow screen a chart scaled down would have texts too small to
	// read, so there is one drawn for a phone's width.
	narrowWidth  = 330.0
	narrowHeight = 170.0
)

func (w widget) chartSize() (width, height float64) {
	columns, rows := float64(w.Width), float64(w.Height)
	return columns*columnWidth + (columns-1)*gap - besideChart, rows*rowHeight + (rows-1)*gap - aboveChart
}

// html draws the inside of a widget; id is that of its title.
func (r report) html(w widget, id string) (string, error) {
	switch w.Type {
	case "metric":
		return r.metric(w, id)
	case "alarm":
		return r.alarms(w.Properties), nil
	case "log":
		return logs(w.Properties), nil
	case "text":
		return text(w.Properties)
	}
	return "", fmt.Errorf("type: is %q, want metric, alarm, log or text", w.Type)
}

func (r report) metric(w widget, id string) (string, error) {
	for i, a := range w.Properties.Annotations.Horizontal {
		if !colorPattern.MatchString(a.Color) {
			return "", fmt.Errorf("annotations.horizontal[%d]: color: is %q, want one such as \"#0072b2\"", i, a.Color)
		}
		w.Properties.Annotations.Horizontal[i].Color = colorOr(a.Color)
	}
	window, err := w.Properties.window(r.document.Start)
	if err != nil {
		return "", err
	}
	lines, err := w.Properties.lines(window)
	if err != nil {
		return "", err
	}
	switch w.Properties.View {
	case "timeSeries":
		width, height := w.chartSize()
		wide := newChart(w.Properties, window, lines, width, height)
		narrow := newChart(w.Properties, window, lines, narrowWidth, narrowHeight)
		return wide.svg("wide", id) + narrow.svg("narrow", id) + wide.legend(), nil
	case "singleValue":
		return values(lines), nil
	}
	return "", fmt.Errorf("view: is %q, want timeSeries or singleValue", w.Properties.View)
}

func values(lines []line) string {
	var b strings.Builder
	b.WriteString(`<div class="values">`)
	for _, l := range lines {
		value := "--"
		if v, _, ok := l.last(); ok {
			value = digits(v, 5)
		}
		fmt.Fprintf(&b, `<div><b style="--c:%s">%s</b><span>%s</span></div>`, l.color, value, html.EscapeString(l.label))
	}
	b.WriteString(`</div>`)
	return b.String()
}

// stateNames are the classes of alarm states.
var stateNames = map[string]string{"OK": "ok", "ALARM": "alarm"}

func (r report) alarms(p properties) string {
	var b strings.Builder
	b.WriteString(`<ul class="alarms">`)
	common := commonPrefix(p.Alarms)
	for _, state := range []string{"ALARM", "", "OK"} {
		for _, arn := range p.Alarms {
			name := alarmName(arn)
			if r.state(name) != state {
				continue
			}
			class, said := stateNames[state], state
			if state == "" {
				class, said = "none", "not sampled"
			}
			fmt.Fprintf(&b, `<li class="%s" title="%s: %s"><i></i><span>%s</span><b>%s</b></li>`, class,
				html.EscapeString(name), said, html.EscapeString(strings.TrimPrefix(name, common)), said)
		}
	}
	b.WriteString(`</ul>`)
	return b.String()
}

// commonPrefix is what all names begin with, up to a dash: the stack's name,
// which says nothing where it stands before each.
func commonPrefix(arns []string) string {
	if len(arns) < 2 {
		return ""
	}
	prefix := alarmName(arns[0])
	for _, arn := range arns[1:] {
		for !strings.HasPrefix(alarmName(arn), prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix[:strings.LastIndexByte(prefix, '-')+1]
}

// alarmName is the name that an ARN ends with, or the logical name that a
// reference has.
func alarmName(arn string) string {
	if _, name, is := strings.Cut(arn, ":alarm:"); is {
		return name
	}
	return referred(arn)
}

// referred is what a reference like "${aws:sns/topic:Topic::page.arn}" is to:
// "page". Other texts stay.
func referred(text string) string {
	inner, is := strings.CutPrefix(text, "${")
	if _, name, found := strings.Cut(inner, "::"); is && found {
		name, _, _ = strings.Cut(strings.TrimSuffix(name, "}"), ".")
		return name
	}
	return text
}

func logs(p properties) string {
	return `<pre>` + html.EscapeString(p.Query) + `</pre><p class="note">CloudWatch runs this query over the time shown. The sample has no logs.</p>`
}

func text(p properties) (string, error) {
	var b bytes.Buffer
	if err := goldmark.Convert([]byte(p.Markdown), &b); err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return `<div class="text">` + b.String() + `</div>`, nil
}
