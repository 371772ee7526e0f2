package dashboard

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"evenkeel/internal/signals"
)

// Input is everything that the page is drawn from, as texts.
type Input struct {
	// Name is what the page is about, for example "orders-dev".
	Name   string
	Region string
	Spec   signals.Spec
	// Refs has a text for every signals.Ref.
	Refs map[signals.Ref]string
	// Alarms are the ARNs of those whose states are shown, firing ones first.
	Alarms []string
	// LogGroup holds the service's log, EventLogGroup the events of ECS; the
	// latter is empty where they are not kept.
	LogGroup, EventLogGroup string
	Queries                 []Query
	RunbookURL              string
}

// What cost lines are measured on, besides what signals are.
const (
	logGroup      signals.Ref = "logGroup"
	eventLogGroup signals.Ref = "eventLogGroup"
)

func (in Input) refs() map[signals.Ref]string {
	out := maps.Clone(in.Refs)
	if out == nil {
		out = map[signals.Ref]string{}
	}
	out[logGroup], out[eventLogGroup] = in.LogGroup, in.EventLogGroup
	return out
}

// The time that lines show. Cost moves slowly and is billed by the hour.
const (
	shown     = "-PT3H"
	costShown = "-P1D"
	costEvery = time.Hour
)

// Render draws the page as a dashboard body: JSON with sorted keys, the same
// text for the same input. A missing text of Refs is an error.
func Render(in Input) (string, error) {
	for _, ref := range in.Spec.Refs() {
		if in.Refs[ref] == "" {
			return "", fmt.Errorf("render dashboard %q: Refs[%q]: is required", in.Name, ref)
		}
	}
	p := page{}
	in.objectives(&p)
	all := in.Spec.Signals()
	for _, pair := range [][]signals.Signal{all[:2], all[2:4]} {
		p.row(goldenHeight, in.signalWidgets(pair)...)
	}
	in.details(&p, all[4:])
	in.cost(&p)
	in.logs(&p)
	p.row(linksHeight, widget{Type: textWidget, Properties: textProperties{Markdown: in.links()}})
	// inherit: a line keeps its period however long a time one looks at, because
	// thresholds mean something in the alarm's period only.
	return document{Start: shown, PeriodOverride: "inherit", Widgets: p.widgets}.canonical()
}

// objectives is the first row: what was promised, and who is being told.
func (in Input) objectives(p *page) {
	days := int(signals.BudgetPeriod.Hours() / 24)
	whole := func(title string, lines []signals.Series) widget {
		return widget{Type: metricWidget, Properties: metricProperties{
			Title: fmt.Sprintf(title, days), Region: in.Region, View: "singleValue", Metrics: in.rows(lines...),
			// One value for exactly the last 30 days. A period of 30 days without
			// these two would begin at a multiple of itself since 1970.
			// These two and singleValueFullPrecision are documented by AWS's CDK, which
			// writes them into the body, but not on the body's own page.
			// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudwatch.SingleValueWidgetProps.html
			// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
			Start: fmt.Sprintf("-P%dD", days), SetPeriodToTimeRange: true,
			// Else 99.97 may be shown as 100.
			FullPrecision: true,
			Period:        int(signals.BudgetPeriod.Seconds()),
		}}
	}
	first := []widget{
		whole("Good requests in %d days, in percent", in.Spec.Attained()),
		whole("Error budget left of %d days, in percent", in.Spec.ErrorBudget()),
	}
	if len(in.Alarms) == 0 {
		p.row(objectivesHeight, first...)
		return
	}
	p.widths(objectivesHeight, []int{6, 6, 12}, append(first, widget{
		Type: alarmWidget, Properties: alarmProperties{Title: "Alarms", Alarms: in.Alarms, SortBy: firingFirst},
	})...)
}

func (in Input) signalWidgets(all []signals.Signal) []widget {
	var out []widget
	for _, s := range all {
		w := in.lines(s.Title, in.period(s.Key), s.Lines...)
		for _, a := range in.Spec.Annotations(s.Key) {
			if w.Annotations == nil {
				w.Annotations = &annotations{}
			}
			w.Annotations.Horizontal = append(w.Annotations.Horizontal, horizontal{
				Label: a.Label, Value: a.Value, Color: severityColor(a.Severity),
			})
		}
		out = append(out, widget{Type: metricWidget, Properties: w})
	}
	return out
}

// period is the longest of the alarms with a threshold on the signal: the
// threshold of an alarm over five minutes says nothing about one.
func (in Input) period(signal string) time.Duration {
	longest := time.Minute
	for _, a := range in.Spec.Alarms() {
		if a.Signal == signal && a.Condition.Comparison != signals.OutsideBand {
			longest = max(longest, a.Condition.Period)
		}
	}
	return longest
}

// sums tells whether the line is larger, the longer its period is.
func sums(s signals.Series) bool {
	for _, m := range s.Metrics {
		if m.ID == s.Return {
			return m.Stat == "Sum"
		}
	}
	return false
}

func (in Input) lines(title string, period time.Duration, lines ...signals.Series) metricProperties {
	stacked := false
	label := string(lines[0].Unit)
	if period > time.Minute && sums(lines[0]) {
		label += " in " + strings.TrimSuffix(strings.TrimSuffix(period.String(), "0s"), "0m")
	}
	return metricProperties{
		Title: title, Region: in.Region, View: "timeSeries", Stacked: &stacked,
		Metrics: in.rows(lines...), Period: int(period.Seconds()),
		YAxis:  &yAxis{Left: axis{Label: label}},
		Legend: &legend{Position: "bottom"},
	}
}
