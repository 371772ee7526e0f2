package objectives

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/signals"
)

func (b *builder) metricAlarm(a signals.Alarm) error {
	c := a.Condition
	args := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(b.args.physical(a.Key)),
		AlarmDescription:   pulumi.String(b.describe(a.Severity, a.Message, c.Because)),
		MetricQueries:      b.queries(c),
		ComparisonOperator: pulumi.String(string(c.Comparison)),
		EvaluationPeriods:  pulumi.Int(c.Of),
		DatapointsToAlarm:  pulumi.Int(c.Datapoints),
		TreatMissingData:   pulumi.String(string(c.Missing)),
		Tags:               tags(a.Severity, a.Message, a.Signal),
	}
	if c.Band != "" {
		args.ThresholdMetricId = pulumi.String(c.Band)
	} else {
		args.Threshold = pulumi.Float64(c.Threshold)
	}
	if b.tells(a.Severity) {
		topic := b.topic(a.Severity)
		args.AlarmActions, args.OkActions = pulumi.Array{topic}, pulumi.Array{topic}
	}
	child := b.child(a.Key)
	alarm, err := cloudwatch.NewMetricAlarm(b.ctx, child, args, pulumi.Parent(b.parent))
	if err != nil {
		return fmt.Errorf("create alarm %s: %w", child, err)
	}
	b.alarms[a.Key], b.parent.AlarmARNs[a.Key] = alarm, alarm.Arn
	return nil
}

// queries render a condition's series: everything feeds the one id that is
// compared.
func (b *builder) queries(c signals.Condition) cloudwatch.MetricAlarmMetricQueryArray {
	var out cloudwatch.MetricAlarmMetricQueryArray
	period := pulumi.Int(int(c.Period / time.Second))
	// With a band, both it and what it bounds are returned.
	returned := func(id string) pulumi.BoolInput { return pulumi.Bool(id == c.Series.Return || id == c.Band) }
	for _, m := range c.Series.Metrics {
		dimensions := pulumi.StringMap{}
		for _, d := range m.Dimensions {
			dimensions[d.Name] = b.resolve(d.Of)
		}
		metric := &cloudwatch.MetricAlarmMetricQueryMetricArgs{
			Namespace: pulumi.String(m.Namespace), MetricName: pulumi.String(m.Name),
			Stat: pulumi.String(m.Stat), Period: period,
		}
		if len(dimensions) > 0 {
			metric.Dimensions = dimensions
		}
		out = append(out, &cloudwatch.MetricAlarmMetricQueryArgs{Id: pulumi.String(m.ID), Metric: metric, ReturnData: returned(m.ID)})
	}
	for _, e := range c.Series.Expressions {
		q := &cloudwatch.MetricAlarmMetricQueryArgs{Id: pulumi.String(e.ID), Expression: pulumi.String(e.Text), ReturnData: returned(e.ID)}
		if e.ID == c.Series.Return {
			q.Label = pulumi.String(c.Series.Label)
		}
		out = append(out, q)
	}
	return out
}

func (b *builder) compositeAlarm(a signals.Composite) error {
	var after []pulumi.Resource
	for _, key := range a.Rule.Keys() {
		after = append(after, b.alarms[key])
	}
	args := &cloudwatch.CompositeAlarmArgs{
		AlarmName:        pulumi.String(b.args.physical(a.Key)),
		AlarmDescription: pulumi.String(b.describe(a.Severity, a.Message, a.Because)),
		AlarmRule:        pulumi.String(b.rule(a.Rule)),
		Tags:             tags(a.Severity, a.Message, ""),
	}
	if b.tells(a.Severity) {
		topic := pulumi.StringArray{b.topic(a.Severity)}
		args.AlarmActions, args.OkActions = topic, topic
	}
	if a.HeldBy != "" {
		args.ActionsSuppressor = &cloudwatch.CompositeAlarmActionsSuppressorArgs{
			Alarm:           pulumi.String(b.args.physical(a.HeldBy)),
			WaitPeriod:      pulumi.Int(int(a.Wait / time.Second)),
			ExtensionPeriod: pulumi.Int(int(a.Extension / time.Second)),
		}
		after = append(after, b.alarms[a.HeldBy])
	}
	child := b.child(a.Key)
	alarm, err := cloudwatch.NewCompositeAlarm(b.ctx, child, args, pulumi.Parent(b.parent), pulumi.DependsOn(after))
	if err != nil {
		return fmt.Errorf("create composite alarm %s: %w", child, err)
	}
	b.alarms[a.Key], b.parent.AlarmARNs[a.Key] = alarm, alarm.Arn
	return nil
}

// tells says whether an alarm has actions. Silence takes them away and does not
// disable them: disabling would replace a composite alarm, and deleting the old
// one would take the new one, which has its name, with it.
func (b *builder) tells(s signals.Severity) bool { return s != "" && !b.args.Silent }

// rule renders a composite alarm's rule.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func (b *builder) rule(r signals.Rule) string {
	terms := func(keys []string, join string) string {
		var out []string
		for _, k := range keys {
			out = append(out, fmt.Sprintf("ALARM(%q)", b.args.physical(k)))
		}
		return strings.Join(out, join)
	}
	if len(r.Any) > 0 {
		return terms(r.Any, " OR ")
	}
	return terms(r.All, " AND ")
}

// describe is what arrives with a message: for an alarm that tells somebody,
// everything that they need; for another, why it exists.
func (b *builder) describe(s signals.Severity, m signals.Message, because string) string {
	if s == "" {
		return "Feeds other alarms, tells nobody: " + because + "."
	}
	lines := []string{
		m.Users, m.Since, "First: " + m.First,
		"Runbook: " + b.args.RunbookURL + "/" + m.Runbook + ".md",
		"Dashboard: " + b.args.DashboardURL,
	}
	if m.Query != "" {
		lines = append(lines, "Saved query: "+b.args.Name+"/"+m.Query)
	}
	return strings.Join(append(lines, "Why these numbers: "+because+"."), "\n")
}

func tags(s signals.Severity, m signals.Message, signal string) pulumi.StringMapInput {
	out := pulumi.StringMap{}
	for key, v := range map[string]string{"Severity": string(s), "Runbook": m.Runbook, "Signal": signal} {
		if v != "" {
			out[key] = pulumi.String(v)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
