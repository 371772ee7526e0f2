package e2e_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	codedeploytypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStrategies takes a stack through the strategies on the real engine: a
// canary from before the first image on, what CodeDeploy moves left alone, another
// shift of traffic, and rolling, which is refused first and then announced.
// CodeDeploy's part in a deployment is played here: the calls that a finished one
// leaves behind.
func TestStrategies(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.edit("Pulumi.dev.yaml", "  evenkeel:secrets:", "  evenkeel:deployment:\n    strategy: canary\n  evenkeel:secrets:")
	s := &strategies{t: t, p: p}
	p.must(&s.up, "local", "up")
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	require.Empty(t, s.up.Refused)
	cfg := awsConfig(s.up.Endpoint)
	s.balancer, s.ecs, s.deploy = elb.NewFromConfig(cfg), ecs.NewFromConfig(cfg), codedeploy.NewFromConfig(cfg)

	t.Run("outputs say how to release", s.outputs)
	t.Run("the group is what the stack describes", func(t *testing.T) { s.group(t, "orders-dev-canary-10-10") })
	t.Run("nothing to do", s.nothing)
	t.Run("the first image replaces a service in which nothing runs", s.firstImage)
	t.Run("nothing to do", s.nothing)
	t.Run("a finished deployment is no drift", s.finished)
	t.Run("the next image leaves the service to CodeDeploy", s.nextImage)
	t.Run("another strategy is another configuration", s.linear)
	t.Run("rolling is refused", s.refused)
	t.Run("rolling after an announced replacement", s.rolling)
	t.Run("and back", s.back)
	t.Run("down leaves nothing", func(t *testing.T) {
		var down result
		p.must(&down, "local", "down", "--keep-emulator")
		nothingOnAWS(t, s.up)
		applications, err := s.deploy.ListApplications(context.Background(), &codedeploy.ListApplicationsInput{})
		require.NoError(t, err)
		assert.Empty(t, applications.Applications)
	})
}

// strategies is the state of TestStrategies.
type strategies struct {
	t        *testing.T
	p        *testProject
	up       result
	balancer *elb.Client
	ecs      *ecs.Client
	deploy   *codedeploy.Client
}

func (s *strategies) outputs(t *testing.T) {
	out := s.up.Outputs
	assert.Equal(t, "canary", out["deploymentStrategy"])
	assert.Equal(t, "orders", out["containerName"])
	assert.EqualValues(t, 8080, out["containerPort"])
	assert.Equal(t, []any{"orders-dev-errors-signal", "orders-dev-slow-answers-signal"}, out["rollbackAlarms"])
	assert.Equal(t, "/healthz", out["smokePath"])
	assert.Equal(t, "FARGATE", out["capacityProvider"])
	assert.Equal(t, out["url"].(string)+":8080", out["testUrl"])
	assert.Equal(t, "orders-dev", out["codedeployApplication"])
	assert.Equal(t, "orders-dev", out["codedeployGroup"])
	assert.NotEmpty(t, out["runbookUrl"])
	network, _ := out["taskNetwork"].(map[string]any)
	assert.NotEmpty(t, network["subnets"])
	assert.Len(t, network["securityGroups"], 1)
	assert.Contains(t, network, "assignPublicIp")
}

// group asks CodeDeploy for the deployment group.
func (s *strategies) group(t *testing.T, configuration string) {
	t.Helper()
	out, err := s.deploy.GetDeploymentGroup(context.Background(), &codedeploy.GetDeploymentGroupInput{
		ApplicationName: aws.String("orders-dev"), DeploymentGroupName: aws.String("orders-dev"),
	})
	require.NoError(t, err)
	g := out.DeploymentGroupInfo
	assert.Equal(t, configuration, aws.ToString(g.DeploymentConfigName))
	ready := g.BlueGreenDeploymentConfiguration.DeploymentReadyOption
	assert.Equal(t, codedeploytypes.DeploymentReadyActionStopDeployment, ready.ActionOnTimeout)
	assert.EqualValues(t, 60, ready.WaitTimeInMinutes)
	assert.NotZero(t, g.BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes)
	assert.Len(t, g.AlarmConfiguration.Alarms, 2)
	assert.True(t, g.AlarmConfiguration.Enabled)
	assert.Len(t, g.AutoRollbackConfiguration.Events, 3)
	pair := g.LoadBalancerInfo.TargetGroupPairInfoList[0]
	production, test, _, _ := s.traffic(t)
	assert.Equal(t, []string{aws.ToString(production.ListenerArn)}, pair.ProdTrafficRoute.ListenerArns)
	assert.Equal(t, []string{aws.ToString(test.ListenerArn)}, pair.TestTrafficRoute.ListenerArns)
	assert.Len(t, pair.TargetGroups, 2)
}

// traffic finds both listeners and both target groups; those of a test are zero
// without CodeDeploy. A group is told by its name.
func (s *strategies) traffic(t *testing.T) (production, test elbtypes.Listener, blue, green string) {
	t.Helper()
	ctx := context.Background()
	balancers, err := s.balancer.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	require.Len(t, balancers.LoadBalancers, 1)
	listeners, err := s.balancer.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: balancers.LoadBalancers[0].LoadBalancerArn})
	require.NoError(t, err)
	for _, l := range listeners.Listeners {
		if aws.ToInt32(l.Port) == 80 {
			production = l
		} else {
			test = l
		}
	}
	groups, err := s.balancer.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
	require.NoError(t, err)
	for _, g := range groups.TargetGroups {
		if strings.HasPrefix(aws.ToString(g.TargetGroupName), "ingress-targets-green") {
			green = aws.ToString(g.TargetGroupArn)
		} else {
			blue = aws.ToString(g.TargetGroupArn)
		}
	}
	return production, test, blue, green
}

// nothing asserts that neither a preview nor AWS's own view shows a change.
func (s *strategies) nothing(t *testing.T) {
	for _, args := range [][]string{{"local", "preview"}, {"local", "preview", "--refresh"}} {
		var r result
		s.p.must(&r, args...)
		r.onlySame(t)
	}
}

func (s *strategies) service(t *testing.T) ecstypes.Service { return describeService(t, s.ecs, s.up) }

func (s *strategies) firstImage(t *testing.T) {
	before := s.service(t)
	assert.Equal(t, ecstypes.DeploymentControllerTypeCodeDeploy, before.DeploymentController.Type)
	assert.Zero(t, before.DesiredCount)
	s.p.edit("Pulumi.dev.yaml", "  evenkeel:environment: development\n", "  evenkeel:environment: development\n  evenkeel:image: "+digest+"\n")
	calls := len(requests(t, s.p, "dev", "ecs", "CreateService"))
	var up result
	s.p.must(&up, "local", "up")
	assert.GreaterOrEqual(t, up.Changes["replace"], 2, "the task definition and the service: %v", up.Changes)
	assert.Greater(t, len(requests(t, s.p, "dev", "ecs", "CreateService")), calls, "AWS refuses to update it")
	s.up = up
	service := s.service(t)
	assert.Equal(t, "ACTIVE", aws.ToString(service.Status))
	assert.EqualValues(t, 1, service.DesiredCount)
	assert.Equal(t, up.Outputs["taskDefinitionArn"], aws.ToString(service.TaskDefinition))
	s.group(t, "orders-dev-canary-10-10")
	for _, r := range requests(t, s.p, "dev", "ecs", "UpdateService") {
		assert.NotContains(t, r, "taskDefinition", "AWS refuses to update it")
	}
}

// forward does what CodeDeploy does with a listener.
func (s *strategies) forward(t *testing.T, l elbtypes.Listener, group string) {
	t.Helper()
	_, err := s.balancer.ModifyListener(context.Background(), &elb.ModifyListenerInput{
		ListenerArn: l.ListenerArn,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{
			TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: aws.String(group), Weight: aws.Int32(100)}},
		}}},
	})
	require.NoError(t, err)
}

func forwardsTo(l elbtypes.Listener) string {
	for _, a := range l.DefaultActions {
		if a.TargetGroupArn != nil {
			return aws.ToString(a.TargetGroupArn)
		}
		for _, g := range a.ForwardConfig.TargetGroups {
			return aws.ToString(g.TargetGroupArn)
		}
	}
	return ""
}

func (s *strategies) finished(t *testing.T) {
	production, test, blue, green := s.traffic(t)
	require.NotEmpty(t, green)
	assert.Equal(t, blue, forwardsTo(production))
	assert.Equal(t, green, forwardsTo(test))
	s.forward(t, production, green)
	s.forward(t, test, green)
	// What a release notes on the revision.
	_, err := s.ecs.TagResource(context.Background(), &ecs.TagResourceInput{
		ResourceArn: aws.String(s.up.Outputs["taskDefinitionArn"].(string)),
		Tags:        []ecstypes.Tag{{Key: aws.String("evenkeel:released"), Value: aws.String("2026-03-01T02:00:00Z")}},
	})
	require.NoError(t, err)
	s.nothing(t)
	var up result
	s.p.must(&up, "local", "up")
	up.onlySame(t)
	production, _, _, _ = s.traffic(t)
	assert.Equal(t, green, forwardsTo(production), "traffic stays where CodeDeploy left it")
}

func (s *strategies) nextImage(t *testing.T) {
	running := aws.ToString(s.service(t).TaskDefinition)
	s.p.edit("Pulumi.dev.yaml", digest, strings.Replace(digest, "9f86", "0000", 1))
	var up result
	s.p.must(&up, "local", "up")
	assert.Equal(t, 1, up.Changes["replace"], "a new revision: %v", up.Changes)
	assert.Zero(t, up.Changes["update"], "%v", up.Changes)
	assert.NotEqual(t, running, up.Outputs["taskDefinitionArn"], "what a release deploys")
	assert.Equal(t, running, aws.ToString(s.service(t).TaskDefinition), "the service runs what it ran")
	s.nothing(t)
}

func (s *strategies) linear(t *testing.T) {
	s.p.edit("Pulumi.dev.yaml", "strategy: canary", "strategy: linear")
	var up result
	s.p.must(&up, "local", "up")
	assert.Equal(t, map[string]int{"update": 1, "delete": 1}, without(up.Changes, "same"), "the group's configuration, and the one that nobody uses")
	s.group(t, "CodeDeployDefault.ECSLinear10PercentEvery1Minutes")
	s.nothing(t)
}

func without(changes map[string]int, op string) map[string]int {
	out := map[string]int{}
	for k, n := range changes {
		if k != op {
			out[k] = n
		}
	}
	return out
}

func (s *strategies) refused(t *testing.T) {
	before := s.service(t)
	s.p.edit("Pulumi.dev.yaml", "strategy: linear", "strategy: rolling")
	for _, command := range []string{"preview", "up"} {
		a := s.p.evenkeel("local", command)
		assert.NotZero(t, a.code, command)
		assert.Contains(t, a.stdout+a.stderr, `evenkeel:deployment.strategy: is "rolling", but what runs was deployed with "linear"`, command)
		assert.Contains(t, a.stdout+a.stderr, "evenkeel:deployment.replaceService: true", command)
	}
	assert.Equal(t, aws.ToString(before.ServiceArn), aws.ToString(s.service(t).ServiceArn))
	assert.Equal(t, before.DeploymentController.Type, s.service(t).DeploymentController.Type, "nothing has changed")
}

// The listener forwards to the group that goes, and Pulumi does not know.
func (s *strategies) rolling(t *testing.T) {
	production, _, _, green := s.traffic(t)
	require.Equal(t, green, forwardsTo(production), "the premise of this test")
	s.p.edit("Pulumi.dev.yaml", "strategy: rolling", "strategy: rolling\n    replaceService: true")
	var up result
	s.p.must(&up, "local", "up")
	s.up = up
	assert.Equal(t, "rolling", up.Outputs["deploymentStrategy"])
	assert.NotContains(t, up.Outputs, "testUrl")
	service := s.service(t)
	assert.Equal(t, ecstypes.DeploymentControllerTypeEcs, service.DeploymentController.Type)
	assert.Equal(t, up.Outputs["taskDefinitionArn"], aws.ToString(service.TaskDefinition), "with what was ignored until now")
	production, test, blue, green := s.traffic(t)
	assert.Equal(t, blue, forwardsTo(production))
	assert.Nil(t, test.ListenerArn)
	assert.Empty(t, green)
	s.nothing(t)
}

func (s *strategies) back(t *testing.T) {
	s.p.edit("Pulumi.dev.yaml", "strategy: rolling", "strategy: blueGreen")
	var up result
	s.p.must(&up, "local", "up")
	s.up = up
	assert.Equal(t, ecstypes.DeploymentControllerTypeCodeDeploy, s.service(t).DeploymentController.Type)
	s.group(t, "CodeDeployDefault.ECSAllAtOnce")
	s.nothing(t)
}
