// Package alarms is the catalogue of a stack's alarms, for people: when each
// rings, for how long that must last, whom it tells and what they then do. It is
// read from the resource graph, so it lists what the program registers.
package alarms

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"evenkeel/internal/graph"
)

// The resource types.
const (
	metricType    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
)

// Alarm is one alarm.
type Alarm struct {
	Name string `json:"name"`
	// Type is "metric" or "composite".
	Type string `json:"type"`
	// Severity is "sev1", "sev2" or "sev3", empty for an alarm that tells nobody.
	Severity string `json:"severity"`
	// Expression is what is measured, in CloudWatch's names: what is compared,
	// then after a ";" what the names in it stand for. A composite alarm over one
	// metric alarm has that one's condition, any other its rule.
	Expression string `json:"expression"`
	// Rule is a composite alarm's rule.
	Rule string `json:"rule,omitempty"`
	// Threshold is such as "> 1.44", empty for a composite alarm.
	Threshold string `json:"threshold,omitempty"`
	// ForHowLong is such as "3 of 5 periods of 1m".
	ForHowLong string `json:"forHowLong,omitempty"`
	// Missing is what a period without data counts as, by CloudWatch's name.
	Missing string `json:"missing,omitempty"`
	// Actions and OKActions are the topics that hear of its start and end.
	Actions   []string `json:"actions"`
	OKActions []string `json:"okActions"`
	// HeldBy is the alarm during which this one tells nobody.
	HeldBy string `json:"heldBy,omitempty"`
	// Runbook is the URL of the page to open, empty when nobody is told.
	Runbook string `json:"runbook"`
	// Description is what arrives with the message.
	Description string `json:"description"`
}

// Catalogue is every alarm of a stack.
type Catalogue struct {
	Stack string `json:"stack"`
	// Alarms are sorted: the most urgent first, those that tell nobody last.
	Alarms []Alarm `json:"alarms"`
}

// Of reads the catalogue from a stack's resource graph.
func Of(g *graph.Graph) (*Catalogue, error) {
	out := &Catalogue{Stack: g.Stack, Alarms: []Alarm{}}
	topics := topicNames(g)
	for _, r := range g.Resources {
		if r.Type != metricType && r.Type != compositeType {
			continue
		}
		// By JSON, because the names and types of the inputs are the provider's.
		raw, err := json.Marshal(r.Inputs)
		if err != nil {
			return nil, fmt.Errorf("read alarm %s: %w", r.Name, err)
		}
		var in inputs
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, fmt.Errorf("read alarm %s: %w", r.Name, err)
		}
		out.Alarms = append(out.Alarms, in.alarm(topics))
	}
	out.inline()
	slices.SortStableFunc(out.Alarms, func(a, b Alarm) int {
		return strings.Compare(a.order()+a.Name, b.order()+b.Name)
	})
	return out, nil
}

// inline gives a composite alarm over one metric alarm that one's condition.
func (c *Catalogue) inline() {
	byRule := map[string]Alarm{}
	for _, a := range c.Alarms {
		byRule[fmt.Sprintf("ALARM(%q)", a.Name)] = a
	}
	for i, a := range c.Alarms {
		if only, ok := byRule[a.Rule]; ok && only.Type == "metric" {
			a.Expression, a.Threshold, a.ForHowLong, a.Missing = only.Expression, only.Threshold, only.ForHowLong, only.Missing
			c.Alarms[i] = a
		}
	}
}

// topicNames are the names of the topics by the reference to their ARN.
func topicNames(g *graph.Graph) map[string]string {
	out := map[string]string{}
	for _, r := range g.Resources {
		if name, ok := r.Inputs["name"].(string); ok && r.Type == "aws:sns/topic:Topic" {
			out[fmt.Sprintf("${%s::%s.arn}", r.Type, r.Name)] = name
		}
	}
	return out
}

// order sorts by urgency.
func (a Alarm) order() string {
	if a.Severity == "" {
		return "~"
	}
	return a.Severity
}

// Users is what users feel, the first line of the description.
func (a Alarm) Users() string {
	first, _, _ := strings.Cut(a.Description, "\n")
	return first
}

// RunbookPage is the runbook's name, as "errors".
func (a Alarm) RunbookPage() string {
	return strings.TrimSuffix(a.Runbook[strings.LastIndexByte(a.Runbook, '/')+1:], ".md")
}

// inputs are those of both types of alarms.
type inputs struct {
	Name               string            `json:"name"`
	AlarmName          string            `json:"alarmName"`
	AlarmDescription   string            `json:"alarmDescription"`
	AlarmRule          string            `json:"alarmRule"`
	MetricQueries      []query           `json:"metricQueries"`
	ComparisonOperator string            `json:"comparisonOperator"`
	Threshold          float64           `json:"threshold"`
	ThresholdMetricID  string            `json:"thresholdMetricId"`
	EvaluationPeriods  int               `json:"evaluationPeriods"`
	DatapointsToAlarm  int               `json:"datapointsToAlarm"`
	TreatMissingData   string            `json:"treatMissingData"`
	AlarmActions       []string          `json:"alarmActions"`
	OKActions          []string          `json:"okActions"`
	Tags               map[string]string `json:"tags"`
	ActionsSuppressor  struct {
		Alarm string `json:"alarm"`
	} `json:"actionsSuppressor"`
}

type query struct {
	ID         string `json:"id"`
	Expression string `json:"expression"`
	ReturnData bool   `json:"returnData"`
	Metric     *struct {
		Namespace  string `json:"namespace"`
		MetricName string `json:"metricName"`
		Stat       string `json:"stat"`
		Period     int    `json:"period"`
	} `json:"metric"`
}

func (in inputs) alarm(topics map[string]string) Alarm {
	a := Alarm{
		Name: in.Name + in.AlarmName, Type: "composite", Severity: in.Tags["Severity"], Expression: in.AlarmRule, Rule: in.AlarmRule,
		Actions: named(in.AlarmActions, topics), OKActions: named(in.OKActions, topics), HeldBy: in.ActionsSuppressor.Alarm,
		Description: in.AlarmDescription,
	}
	for _, line := range strings.Split(in.AlarmDescription, "\n") {
		if url, ok := strings.CutPrefix(line, "Runbook: "); ok {
			a.Runbook = url
		}
	}
	if len(in.MetricQueries) == 0 {
		return a
	}
	a.Type, a.Missing = "metric", in.TreatMissingData
	a.Expression, a.Threshold, a.ForHowLong = in.expression(), in.threshold(), in.forHowLong()
	return a
}

// expression writes what is compared, then what its names stand for.
func (in inputs) expression() string {
	var compared, where []string
	for _, q := range in.MetricQueries {
		text := q.Expression
		if q.Metric != nil {
			text = fmt.Sprintf("%s of %s", q.Metric.Stat, q.Metric.MetricName)
		}
		switch {
		case !q.ReturnData || q.ID == in.ThresholdMetricID:
			where = append(where, q.ID+" = "+text)
		default:
			compared = append(compared, text)
		}
	}
	out := strings.Join(compared, ", ")
	if len(where) > 0 {
		out += "; " + strings.Join(where, ", ")
	}
	return out
}

var signs = map[string]string{
	"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": "≥",
	"LessThanThreshold": "<", "LessThanOrEqualToThreshold": "≤",
}

func (in inputs) threshold() string {
	if in.ThresholdMetricID != "" {
		return "outside " + in.ThresholdMetricID
	}
	return signs[in.ComparisonOperator] + " " + strconv.FormatFloat(in.Threshold, 'f', -1, 64)
}

// forHowLong words M of N, as "in 3 of 5 minutes".
func (in inputs) forHowLong() string {
	period := 0
	for _, q := range in.MetricQueries {
		if q.Metric != nil {
			period = max(period, q.Metric.Period)
		}
	}
	length := short(time.Duration(period) * time.Second)
	m := in.DatapointsToAlarm
	if m == 0 {
		m = in.EvaluationPeriods
	}
	if in.EvaluationPeriods == 1 {
		return "over " + length
	}
	return fmt.Sprintf("%d of %d × %s", m, in.EvaluationPeriods, length)
}

// short is a duration without its zero parts: "5m", "6h".
func short(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// named are the names of topics: of those of the stack by the reference, of
// others the last part of the ARN.
func named(actions []string, topics map[string]string) []string {
	out := []string{}
	for _, a := range actions {
		name, own := topics[a]
		if !own {
			name = a[strings.LastIndexByte(a, ':')+1:]
		}
		out = append(out, name)
	}
	return out
}
