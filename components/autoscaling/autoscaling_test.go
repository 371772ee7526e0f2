package autoscaling_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/autoscaling"
	"evenkeel/internal/pulumitest"
)

const (
	targetType   = "aws:appautoscaling/target:Target"
	policyType   = "aws:appautoscaling/policy:Policy"
	scheduleType = "aws:appautoscaling/scheduledAction:ScheduledAction"
)

func minimal() *autoscaling.Args {
	return &autoscaling.Args{
		Name: "orders-dev", Cluster: pulumi.String("orders-dev"), Service: pulumi.String("orders"), Min: 1, Max: 2, CPUPercent: 60,
	}
}

func full() *autoscaling.Args {
	return &autoscaling.Args{
		Name: "orders-prod", Cluster: pulumi.String("orders-prod"), Service: pulumi.String("orders"), Min: 2, Max: 10,
		CPUPercent: 60, MemoryPercent: 75, RequestsPerTask: 1000,
		LoadBalancerARNSuffix: pulumi.String("app/orders/1"), TargetGroupARNSuffix: pulumi.String("targetgroup/orders/2"),
		ScaleOutCooldownSeconds: 30, ScaleInCooldownSeconds: 600, DisableScaleIn: true,
		Schedules: map[string]autoscaling.Schedule{
			"night":   {At: "cron(0 20 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 0, Max: 0},
			"morning": {At: "cron(0 7 ? * MON-FRI *)", TimeZone: "Europe/Berlin", Min: 2, Max: 10},
		},
	}
}

func program(args *autoscaling.Args) pulumi.RunFunc {
	return pulumitest.Instances(autoscaling.New, args, "autoscaling")
}

func run(t *testing.T, args *autoscaling.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, tc := range map[string]struct {
		args *autoscaling.Args
		want []string
	}{
		"minimal": {minimal(), []string{policyType + " autoscaling-cpu", targetType + " autoscaling-target"}},
		"full": {full(), []string{
			policyType + " autoscaling-cpu", policyType + " autoscaling-memory", policyType + " autoscaling-requests",
			scheduleType + " autoscaling-schedule-morning", scheduleType + " autoscaling-schedule-night",
			targetType + " autoscaling-target",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, autoscaling.TypeToken, "autoscaling")
			pulumitest.ProtectsOnly(t, regs)
			assert.Equal(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, autoscaling.TypeToken)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, autoscaling.New, full(), autoscaling.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(autoscaling.New, "autoscaling", func(source *sns.Topic) *autoscaling.Args {
		args := full()
		args.Cluster = source.Name
		return args
	}))
	target := pulumitest.Find(t, preview, targetType, "autoscaling-target").Plain()
	assert.NotContains(t, target, "resourceId", "the cluster was not unknown: this test tests nothing")
}

func TestTarget(t *testing.T) {
	assert.Equal(t, map[string]any{
		"resourceId": "service/orders-dev/orders", "serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount",
		"minCapacity": 1.0, "maxCapacity": 2.0,
	}, pulumitest.Find(t, run(t, minimal()), targetType, "autoscaling-target").Plain())
}

// tracking returns what a policy follows.
func tracking(t *testing.T, args *autoscaling.Args, role string) map[string]any {
	t.Helper()
	p := pulumitest.Find(t, run(t, args), policyType, "autoscaling-"+role).Plain()
	assert.Equal(t, "TargetTrackingScaling", p["policyType"])
	assert.Equal(t, args.Name+"-"+role, p["name"])
	assert.Equal(t, "service/"+args.Name+"/orders", p["resourceId"])
	c, ok := p["targetTrackingScalingPolicyConfiguration"].(map[string]any)
	require.True(t, ok)
	return c
}

func TestPolicies(t *testing.T) {
	assert.Equal(t, map[string]any{
		"predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
		"targetValue":                   60.0, "scaleOutCooldown": 60.0, "scaleInCooldown": 300.0, "disableScaleIn": false,
	}, tracking(t, minimal(), "cpu"))
	assert.Equal(t, map[string]any{
		"predefinedMetricSpecification": map[string]any{"predefinedMetricType": "ECSServiceAverageMemoryUtilization"},
		"targetValue":                   75.0, "scaleOutCooldown": 30.0, "scaleInCooldown": 600.0, "disableScaleIn": true,
	}, tracking(t, full(), "memory"))
	assert.Equal(t, map[string]any{
		"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/orders/1/targetgroup/orders/2",
	}, tracking(t, full(), "requests")["predefinedMetricSpecification"])
}

// AWS does not support the predefined metric while CodeDeploy swaps groups.
func TestRequestsOfBothTargetGroups(t *testing.T) {
	args := full()
	args.Swap = pulumi.String("targetgroup/orders-green/3")
	count := func(id, group string) map[string]any {
		return map[string]any{"id": id, "returnData": false, "metricStat": map[string]any{
			"stat": "Sum", "metric": map[string]any{
				"namespace": "AWS/ApplicationELB", "metricName": "RequestCountPerTarget",
				"dimensions": []any{map[string]any{"name": "TargetGroup", "value": group}},
			},
		}}
	}
	got := tracking(t, args, "requests")
	assert.NotContains(t, got, "predefinedMetricSpecification")
	assert.Equal(t, map[string]any{"metrics": []any{
		count("one", "targetgroup/orders/2"), count("two", "targetgroup/orders-green/3"),
		map[string]any{"id": "requests", "expression": "one + two", "label": "requests per task", "returnData": true},
	}}, got["customizedMetricSpecification"])
	assert.InDelta(t, 1000, got["targetValue"], 0)
}

func TestSchedules(t *testing.T) {
	got := pulumitest.Find(t, run(t, full()), scheduleType, "autoscaling-schedule-night").Plain()
	for k, v := range map[string]any{
		"name": "orders-prod-night", "schedule": "cron(0 20 ? * MON-FRI *)", "timezone": "Europe/Berlin",
		"scalableTargetAction": map[string]any{"minCapacity": 0.0, "maxCapacity": 0.0},
	} {
		assert.Equal(t, v, got[k], k)
	}
}
