package delivery_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/delivery"
	"evenkeel/internal/pulumitest"
)

const (
	applicationType   = "aws:codedeploy/application:Application"
	configurationType = "aws:codedeploy/deploymentConfig:DeploymentConfig"
	groupType         = "aws:codedeploy/deploymentGroup:DeploymentGroup"
	roleType          = "aws:iam/role:Role"
	policyType        = "aws:iam/rolePolicy:RolePolicy"

	balancer     = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/orders/1/"
	executionARN = "arn:aws:iam::111122223333:role/orders-execution"
	taskARN      = "arn:aws:iam::111122223333:role/orders-task"
)

// minimal is what AWS has a configuration for.
func minimal() *delivery.Args {
	return &delivery.Args{
		Name: "orders-dev", Region: "eu-west-1", AccountID: pulumi.String("111122223333"),
		Strategy: delivery.BlueGreen, TerminationWaitMinutes: 5,
		ClusterName: pulumi.String("orders-dev"), ServiceName: pulumi.String("orders"),
		ListenerARN: pulumi.String(balancer + "users"), TestListenerARN: pulumi.String(balancer + "test"),
		TargetGroupNames: [2]pulumi.StringInput{pulumi.String("targets"), pulumi.String("green")},
		ExecutionRoleARN: pulumi.String(executionARN), TaskRoleARN: pulumi.String(taskARN),
	}
}

func full() *delivery.Args {
	a := minimal()
	a.Strategy, a.Percent, a.Minutes = delivery.Canary, 5, 20
	a.ReadyWaitMinutes, a.TerminationWaitMinutes = 30, 120
	a.Alarms = []string{"orders-dev-errors-signal", "orders-dev-slow-answers-signal"}
	return a
}

func run(t *testing.T, args *delivery.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, pulumitest.Instances(delivery.New, args, "delivery"))
}

func inputs(t *testing.T, args *delivery.Args, typ, name string) map[string]any {
	t.Helper()
	return pulumitest.Find(t, run(t, args), typ, name).Plain()
}

func TestChildrenAndTheirNames(t *testing.T) {
	always := []string{
		applicationType + " delivery-application", groupType + " delivery-group",
		roleType + " delivery-role", policyType + " delivery-policy",
	}
	for name, tc := range map[string]struct {
		args *delivery.Args
		want []string
	}{
		"minimal": {minimal(), always},
		"full":    {full(), append(slices.Clone(always), configurationType+" delivery-configuration")},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, delivery.TypeToken, "delivery")
			pulumitest.ProtectsOnly(t, regs)
			assert.ElementsMatch(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, delivery.TypeToken)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, delivery.New, full(), delivery.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(delivery.New, "delivery", func(source *sns.Topic) *delivery.Args {
		a := full()
		a.AccountID, a.ClusterName, a.ServiceName = source.Owner, source.Arn, source.Arn
		a.ListenerARN, a.TestListenerARN, a.ExecutionRoleARN, a.TaskRoleARN = source.Arn, source.Arn, source.Arn, source.Arn
		a.TargetGroupNames = [2]pulumi.StringInput{source.Arn, source.Owner}
		return a
	}))
	assert.NotContains(t, pulumitest.Find(t, preview, policyType, "delivery-policy").Plain(), "policy",
		"the inputs were not unknown: this test tests nothing")
}

// AWS's own configuration where there is one, because another one with the same
// numbers would only be one thing more to read.
func TestConfiguration(t *testing.T) {
	type shift struct {
		strategy         delivery.Strategy
		percent, minutes int
	}
	for s, want := range map[shift]string{
		{delivery.BlueGreen, 0, 0}:  "CodeDeployDefault.ECSAllAtOnce",
		{delivery.Canary, 10, 5}:    "CodeDeployDefault.ECSCanary10Percent5Minutes",
		{delivery.Canary, 10, 15}:   "CodeDeployDefault.ECSCanary10Percent15Minutes",
		{delivery.Linear, 10, 1}:    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
		{delivery.Linear, 10, 3}:    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
		{delivery.Canary, 10, 1}:    "orders-dev-canary-10-1",
		{delivery.Linear, 10, 5}:    "orders-dev-linear-10-5",
		{delivery.Linear, 99, 2880}: "orders-dev-linear-99-2880",
	} {
		a := minimal()
		a.Strategy, a.Percent, a.Minutes = s.strategy, s.percent, s.minutes
		regs := run(t, a)
		own := slices.Contains(pulumitest.Addresses(regs), configurationType+" delivery-configuration")
		assert.Equal(t, !strings.HasPrefix(want, "CodeDeployDefault."), own, want)
		assert.Equal(t, want, pulumitest.Find(t, regs, groupType, "delivery-group").Plain()["deploymentConfigName"])
	}
	assert.Equal(t, map[string]any{
		"deploymentConfigName": "orders-dev-canary-5-20", "computePlatform": "ECS",
		"trafficRoutingConfig": map[string]any{
			"type": "TimeBasedCanary", "timeBasedCanary": map[string]any{"percentage": 5.0, "interval": 20.0},
		},
	}, inputs(t, full(), configurationType, "delivery-configuration"))
	linear := full()
	linear.Strategy = delivery.Linear
	assert.Equal(t, map[string]any{
		"type": "TimeBasedLinear", "timeBasedLinear": map[string]any{"percentage": 5.0, "interval": 20.0},
	}, inputs(t, linear, configurationType, "delivery-configuration")["trafficRoutingConfig"])
}

func TestGroup(t *testing.T) {
	want := func(configuration string, ready, end float64, alarms []any) map[string]any {
		return map[string]any{
			"appName": "orders-dev", "deploymentGroupName": "orders-dev", "deploymentConfigName": configuration,
			"serviceRoleArn":  "${" + roleType + "::delivery-role.arn}",
			"deploymentStyle": map[string]any{"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
			"ecsService":      map[string]any{"clusterName": "orders-dev", "serviceName": "orders"},
			"loadBalancerInfo": map[string]any{"targetGroupPairInfo": map[string]any{
				"prodTrafficRoute": map[string]any{"listenerArns": []any{balancer + "users"}},
				"testTrafficRoute": map[string]any{"listenerArns": []any{balancer + "test"}},
				"targetGroups":     []any{map[string]any{"name": "targets"}, map[string]any{"name": "green"}},
			}},
			"blueGreenDeploymentConfig": map[string]any{
				"deploymentReadyOption": map[string]any{"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": ready},
				"terminateBlueInstancesOnDeploymentSuccess": map[string]any{
					"action": "TERMINATE", "terminationWaitTimeInMinutes": end,
				},
			},
			"alarmConfiguration": map[string]any{"alarms": alarms, "enabled": len(alarms) > 0, "ignorePollAlarmFailure": false},
			"autoRollbackConfiguration": map[string]any{
				"enabled": true, "events": []any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"},
			},
		}
	}
	assert.Equal(t, want("CodeDeployDefault.ECSAllAtOnce", 60, 5, []any{}), inputs(t, minimal(), groupType, "delivery-group"))
	assert.Equal(t, want("orders-dev-canary-5-20", 30, 120, []any{"orders-dev-errors-signal", "orders-dev-slow-answers-signal"}),
		inputs(t, full(), groupType, "delivery-group"))
	assert.Equal(t, map[string]any{"name": "orders-dev", "computePlatform": "ECS"}, inputs(t, minimal(), applicationType, "delivery-application"))
}

// CodeDeploy looks at the service and its listeners when the group is made.
func TestGroupWaitsForTheRolesPolicy(t *testing.T) {
	group := pulumitest.Find(t, run(t, minimal()), groupType, "delivery-group")
	assert.Contains(t, strings.Join(group.DependsOn, "\n"), "::delivery-policy")
}

func TestPolicyGoldens(t *testing.T) {
	regs := run(t, minimal())
	pulumitest.GoldenJSON(t, "testdata/policy.json", pulumitest.Text(t, pulumitest.Find(t, regs, policyType, "delivery-policy"), "policy"))
	pulumitest.GoldenJSON(t, "testdata/trust.json", pulumitest.Text(t, pulumitest.Find(t, regs, roleType, "delivery-role"), "assumeRolePolicy"))
}

func TestPolicy(t *testing.T) {
	regs := run(t, minimal())
	got := pulumitest.Policy(t, pulumitest.Find(t, regs, policyType, "delivery-policy"), "policy")
	for sid, s := range got {
		assert.Equal(t, "Allow", s.Effect, sid)
		if sid != "SeeTraffic" {
			assert.NotContains(t, s.Resource, "*", "%s: only what AWS cannot narrow down is on everything", sid)
		}
		for _, action := range s.Action {
			assert.NotContains(t, action, "*", sid)
		}
		for _, never := range []string{
			"s3:GetObject", "lambda:InvokeFunction", "sns:Publish", "ecs:UpdateService", "ecs:RegisterTaskDefinition",
			"elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteListener",
		} {
			assert.False(t, s.Allows(never), "%s allows %s", sid, never)
		}
	}
	assert.Equal(t, []string{
		"arn:aws:ecs:eu-west-1:111122223333:service/orders-dev/orders", "arn:aws:ecs:eu-west-1:111122223333:task-set/orders-dev/orders/*",
	}, got["ReplaceTasks"].Resource)
	assert.Equal(t, []string{balancer + "users", balancer + "test"}, got["MoveTraffic"].Resource)
	rules := strings.Replace(balancer, ":listener/", ":listener-rule/", 1)
	assert.Equal(t, []string{rules + "users/*", rules + "test/*"}, got["MoveTrafficByRule"].Resource)
	pass := got["PassTaskRoles"]
	assert.Equal(t, []string{executionARN, taskARN}, pass.Resource)
	assert.Equal(t, map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}}, pass.Condition)
	for sid, s := range got {
		assert.Equal(t, sid == "PassTaskRoles", s.Allows("iam:PassRole"), sid)
	}
	trust := pulumitest.Policy(t, pulumitest.Find(t, regs, roleType, "delivery-role"), "assumeRolePolicy")["AssumedByService"]
	assert.Equal(t, map[string][]string{"Service": {"codedeploy.amazonaws.com"}}, trust.Principal)
	for _, r := range regs {
		assert.NotContains(t, r.Type, "PolicyAttachment", "%s: AWS's managed policies allow too much", r.Name)
	}
}

func TestOutputs(t *testing.T) {
	got := pulumitest.Outputs(t, delivery.New, "delivery", full(), func(d *delivery.Delivery) pulumi.StringMap {
		return pulumi.StringMap{
			"application": d.ApplicationName, "group": d.GroupName, "configuration": d.ConfigurationName, "role": d.RoleARN,
		}
	})
	assert.Equal(t, map[string]any{
		"application": "orders-dev", "group": "orders-dev", "configuration": "orders-dev-canary-5-20",
		"role": "${" + roleType + "::delivery-role.arn}",
	}, got)
}
