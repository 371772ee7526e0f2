package objectives_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/objectives"
	"evenkeel/internal/golden"
	"evenkeel/internal/metricmath"
	"evenkeel/internal/pulumitest"
	"evenkeel/internal/signals"
)

const (
	metricType    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	ruleType      = "aws:cloudwatch/eventRule:EventRule"
	targetType    = "aws:cloudwatch/eventTarget:EventTarget"

	pageTopic   = "arn:aws:sns:eu-west-1:123456789012:orders-prod-page"
	ticketTopic = "arn:aws:sns:eu-west-1:123456789012:orders-prod-ticket"
)

func valid() *objectives.Args {
	return &objectives.Args{
		Name: "orders-prod", AccountID: pulumi.String("123456789012"), Region: "eu-west-1",
		Spec: signals.Spec{
			Availability: 99.9, Latency: signals.LatencyObjective{Percent: 99, Within: 300 * time.Millisecond},
			SlowestAnswer: time.Second, ContainerInsights: true, ApplicationNamespace: "evenkeel/orders-prod", CPUTarget: 60, MemoryTarget: 75,
		},
		ClusterName: "orders-prod", ServiceName: "orders",
		LoadBalancerARNSuffix: pulumi.String("app/orders/1"), TargetGroupARNSuffix: pulumi.String("targetgroup/orders/2"),
		PageTopicARN: pulumi.String(pageTopic), TicketTopicARN: pulumi.String(ticketTopic),
		RunbookURL:   "https://github.com/example/orders/blob/main/docs/runbooks",
		DashboardURL: "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/orders-prod",
		EventLogDays: 30,
	}
}

func run(t *testing.T, args *objectives.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, pulumitest.Instances(objectives.New, args, "objectives"))
}

func TestChildrenAndTheirNames(t *testing.T) {
	regs := run(t, valid())
	pulumitest.CheckComponent(t, regs, objectives.TypeToken, "objectives")
	pulumitest.ProtectsOnly(t, regs)
	golden.Equal(t, "testdata/children.txt", strings.Join(pulumitest.Addresses(pulumitest.Children(regs, objectives.TypeToken)), "\n")+"\n")
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, objectives.New, valid(), objectives.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(objectives.New, "objectives", func(source *sns.Topic) *objectives.Args {
		args := valid()
		args.AccountID, args.LoadBalancerARNSuffix, args.PageTopicARN = source.Arn, source.Arn, source.Arn
		return args
	}))
	assert.NotContains(t, pulumitest.Find(t, preview, ruleType, "objectives-rule-task-stopped").Plain(), "eventPattern",
		"the account was not unknown: this test tests nothing")
}

// alarm is what both kinds of alarms have.
type alarm struct {
	name, description string
	inputs            map[string]any
}

func alarms(t *testing.T, args *objectives.Args) []alarm {
	t.Helper()
	var out []alarm
	for _, r := range run(t, args) {
		if r.Type != metricType && r.Type != compositeType {
			continue
		}
		in := r.Plain()
		name, ok := in["name"].(string)
		if !ok {
			name = in["alarmName"].(string)
		}
		out = append(out, alarm{name, in["alarmDescription"].(string), in})
	}
	require.Greater(t, len(out), 40)
	return out
}

func (a alarm) tells() bool { return len(a.list("alarmActions")) > 0 }

func (a alarm) list(key string) []any {
	l, _ := a.inputs[key].([]any)
	return l
}

func (a alarm) tag(key string) string {
	tags, _ := a.inputs["tags"].(map[string]any)
	s, _ := tags[key].(string)
	return s
}

func TestWhoeverIsToldGetsEverything(t *testing.T) {
	topics := map[string]string{"sev1": pageTopic, "sev2": pageTopic, "sev3": ticketTopic}
	told := 0
	for _, a := range alarms(t, valid()) {
		// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		assert.LessOrEqual(t, len(a.description), 1024, a.name)
		if !a.tells() {
			assert.Empty(t, a.list("okActions"), a.name)
			assert.Empty(t, a.tag("Severity"), a.name)
			continue
		}
		told++
		want, known := topics[a.tag("Severity")]
		require.True(t, known, "%s has severity %q", a.name, a.tag("Severity"))
		assert.Equal(t, []any{want}, a.list("alarmActions"), a.name)
		assert.Equal(t, []any{want}, a.list("okActions"), a.name)
		lines := strings.Split(a.description, "\n")
		require.GreaterOrEqual(t, len(lines), 6, a.description)
		for i, start := range []string{
			"", "", "First: ", "Runbook: " + valid().RunbookURL + "/" + a.tag("Runbook") + ".md", "Dashboard: " + valid().DashboardURL,
		} {
			assert.True(t, strings.HasPrefix(lines[i], start), "%s: %q does not start with %q", a.name, lines[i], start)
			assert.Greater(t, len(lines[i]), len("First: "), a.name)
		}
	}
	assert.GreaterOrEqual(t, told, 15)
}

// Every runbook that an alarm links is there, and no other.
func TestRunbooksExist(t *testing.T) {
	linked := map[string]bool{"README.md": true}
	for _, a := range alarms(t, valid()) {
		if a.tells() {
			linked[a.tag("Runbook")+".md"] = true
		}
	}
	pages, err := filepath.Glob("../../docs/runbooks/*.md")
	require.NoError(t, err)
	there := map[string]bool{}
	for _, p := range pages {
		there[filepath.Base(p)] = true
		info, err := os.Stat(p)
		require.NoError(t, err)
		assert.Greater(t, info.Size(), int64(400), "%s says nothing", p)
	}
	assert.Equal(t, linked, there)
}

func TestRulesReferToAlarmsThatExist(t *testing.T) {
	all := alarms(t, valid())
	names := map[string]bool{}
	for _, a := range all {
		assert.False(t, names[a.name], a.name)
		names[a.name] = true
	}
	rules := 0
	for _, a := range all {
		text, ok := a.inputs["alarmRule"].(string)
		if !ok {
			continue
		}
		rules++
		rule, err := metricmath.ParseRule(text)
		require.NoError(t, err, "%s: %s", a.name, text)
		for _, n := range rule.Alarms() {
			assert.True(t, names[n], "%s depends on %s", a.name, n)
			assert.NotEqual(t, a.name, n)
		}
		if s, ok := a.inputs["actionsSuppressor"].(map[string]any); ok {
			assert.True(t, names[s["alarm"].(string)], "%s is held by %s", a.name, s["alarm"])
			assert.GreaterOrEqual(t, s["waitPeriod"], 60.0, a.name)
			assert.GreaterOrEqual(t, s["extensionPeriod"], 60.0, a.name)
		}
	}
	assert.Greater(t, rules, 12)
}

func TestQueries(t *testing.T) {
	for _, a := range alarms(t, valid()) {
		queries := a.list("metricQueries")
		if len(queries) == 0 {
			continue
		}
		returned := 0
		for _, q := range queries {
			q := q.(map[string]any)
			if q["returnData"] == true {
				returned++
			}
			if text, ok := q["expression"].(string); ok {
				_, err := metricmath.Parse(text)
				require.NoError(t, err, "%s: %s", a.name, text)
				continue
			}
			m := q["metric"].(map[string]any)
			assert.NotEmpty(t, m["stat"], a.name)
			for name, v := range orEmpty(m["dimensions"]) {
				assert.NotEmpty(t, v, "%s: %s", a.name, name)
			}
		}
		want := 1
		if a.inputs["thresholdMetricId"] != nil {
			want = 2
			assert.NotContains(t, a.inputs, "threshold", a.name)
		}
		assert.Equal(t, want, returned, "%s: what is compared", a.name)
	}
}

func orEmpty(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func TestOneAlarmInFull(t *testing.T) {
	for _, key := range []string{"availability-14x-1h", "traffic-anomaly", "no-healthy-host-signal"} {
		in := pulumitest.Find(t, run(t, valid()), metricType, "objectives-"+key).Plain()
		golden.Equal(t, "testdata/"+key+".json", pretty(t, in))
	}
	in := pulumitest.Find(t, run(t, valid()), compositeType, "objectives-availability-6x").Plain()
	golden.Equal(t, "testdata/availability-6x.json", pretty(t, in))
}

func pretty(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return string(raw) + "\n"
}

func TestSilentAlarmsTellNobody(t *testing.T) {
	args := valid()
	args.Silent = true
	for _, a := range alarms(t, args) {
		assert.Empty(t, a.list("alarmActions"), a.name)
		assert.Empty(t, a.list("okActions"), a.name)
		// Changing it would replace a composite alarm by one of the same name.
		assert.NotContains(t, a.inputs, "actionsEnabled", a.name)
	}
}

func TestWithoutTaskCounts(t *testing.T) {
	args := valid()
	args.Spec.ContainerInsights = false
	raw := pretty(t, pulumitest.Addresses(run(t, args)))
	assert.NotContains(t, raw, "tasks-below-desired")
	for _, a := range alarms(t, args) {
		assert.NotContains(t, pretty(t, a.inputs), "ContainerInsights", a.name)
	}
}

func TestEventsOfThisServiceOnly(t *testing.T) {
	regs := run(t, valid())
	for _, event := range []string{"deployment-started", "deployment-failed", "task-stopped", "other"} {
		rule := pulumitest.Find(t, regs, ruleType, "objectives-rule-"+event).Plain()
		assert.Equal(t, "orders-prod-"+event, rule["name"])
		var pattern map[string]any
		require.NoError(t, json.Unmarshal([]byte(rule["eventPattern"].(string)), &pattern))
		golden.Equal(t, "testdata/pattern-"+event+".json", pretty(t, pattern))
		target := pulumitest.Find(t, regs, targetType, "objectives-target-"+event).Plain()
		assert.Equal(t, "${aws:cloudwatch/logGroup:LogGroup::objectives-events.arn}", target["arn"])
	}
	for ref, name := range map[signals.Ref]string{
		signals.DeploymentStartedRule: "orders-prod-deployment-started", signals.DeploymentFailedRule: "orders-prod-deployment-failed",
		signals.TaskStoppedRule: "orders-prod-task-stopped", signals.LoadBalancer: "",
	} {
		assert.Equal(t, name, objectives.RuleName("orders-prod", ref))
	}
}

func TestOnlyTheseRulesMayWriteToTheLog(t *testing.T) {
	policy := pulumitest.Find(t, run(t, valid()), "aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "objectives-events-policy").Plain()
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(policy["policyDocument"].(string)), &doc))
	golden.Equal(t, "testdata/log-policy.json", pretty(t, doc))
}
