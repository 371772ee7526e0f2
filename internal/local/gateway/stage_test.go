package gateway_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

// stage is a load-balanced service on a gateway whose clock the test moves.
type stage struct {
	emulated
	t   *testing.T
	ecs *ecs.Client
	elb *elb.Client
	cw  *cloudwatch.Client

	mu  sync.Mutex
	now time.Time

	name             string
	blue, green      string
	production, test string
	revisions        [3]string
	digests          [3]string
	alarms           []string
}

const stepMS = 100

func newStage(t *testing.T) *stage {
	t.Helper()
	overMoto(t) // or skips
	s := &stage{t: t, now: time.Now().Truncate(time.Second), name: unique(t)}
	s.emulated = overAt(t, motoURL, motoLog, func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now
	})
	s.ecs, s.elb, s.cw = ecs.NewFromConfig(s.config()), elb.NewFromConfig(s.config()), cloudwatch.NewFromConfig(s.config())
	require.NoError(t, s.SetPlay(gateway.Play{StepMS: stepMS}))
	s.balance()
	s.define()
	for _, name := range []string{"errors", "latency"} {
		name = s.name + "-" + name
		_, err := s.cw.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
			AlarmName: &name, MetricName: aws.String("m"), Namespace: aws.String("n"), Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
			Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold, Statistic: cwtypes.StatisticSum,
		})
		require.NoError(t, err)
		s.alarms = append(s.alarms, name)
	}
	return s
}

// balance makes a load balancer with two target groups and two listeners.
func (s *stage) balance() {
	subnets := query(s.t, s.emulated, "ec2", "2016-11-15", "DescribeSubnets", url.Values{})
	value := func(name string, n int) string {
		parts := strings.Split(subnets, "<"+name+">")
		require.Greater(s.t, len(parts), n)
		v, _, _ := strings.Cut(parts[n], "<")
		return v
	}
	ctx := s.t.Context()
	short := strings.ReplaceAll(s.name, "-", "")
	short = short[max(0, len(short)-20):]
	lb, err := s.elb.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name: aws.String("l" + short), Subnets: []string{value("subnetId", 1), value("subnetId", 2)},
	})
	require.NoError(s.t, err)
	for prefix, arn := range map[string]*string{"b": &s.blue, "g": &s.green} {
		tg, err := s.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
			Name: aws.String(prefix + short), Port: aws.Int32(8080), Protocol: elbtypes.ProtocolEnumHttp, VpcId: aws.String(value("vpcId", 1)),
			TargetType: elbtypes.TargetTypeEnumIp,
		})
		require.NoError(s.t, err)
		*arn = *tg.TargetGroups[0].TargetGroupArn
	}
	for port, arn := range map[int32]*string{80: &s.production, 8080: &s.test} {
		l, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: lb.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(port), Protocol: elbtypes.ProtocolEnumHttp,
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &s.blue}},
		})
		require.NoError(s.t, err)
		*arn = *l.Listeners[0].ListenerArn
	}
}

// define makes three revisions of a task definition, each with an image of its own.
func (s *stage) define() {
	_, err := s.ecs.CreateCluster(s.t.Context(), &ecs.CreateClusterInput{ClusterName: &s.name})
	require.NoError(s.t, err)
	for n := range s.revisions {
		s.digests[n] = "sha256:" + strings.Repeat(string(rune('a'+n)), 64)
		out, err := s.ecs.RegisterTaskDefinition(s.t.Context(), &ecs.RegisterTaskDefinitionInput{
			Family: &s.name, Cpu: aws.String("256"), Memory: aws.String("512"),
			ContainerDefinitions: []types.ContainerDefinition{{
				Name: aws.String("app"), Image: aws.String("repo@" + s.digests[n]), PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(8080)}},
			}},
		})
		require.NoError(s.t, err)
		s.revisions[n] = *out.TaskDefinition.TaskDefinitionArn
	}
}

// service makes a service of two tasks and waits until it is steady.
func (s *stage) service(controller types.DeploymentControllerType) {
	s.t.Helper()
	in := &ecs.CreateServiceInput{
		Cluster: &s.name, ServiceName: aws.String("web"), TaskDefinition: &s.revisions[0], DesiredCount: aws.Int32(2),
		LaunchType: types.LaunchTypeFargate, DeploymentController: &types.DeploymentController{Type: controller},
		LoadBalancers: []types.LoadBalancer{{TargetGroupArn: &s.blue, ContainerName: aws.String("app"), ContainerPort: aws.Int32(8080)}},
	}
	if controller == types.DeploymentControllerTypeEcs {
		in.DeploymentConfiguration = &types.DeploymentConfiguration{
			MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(200),
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true},
			Alarms:                   &types.DeploymentAlarms{AlarmNames: s.alarms, Enable: true, Rollback: true},
		}
	}
	_, err := s.ecs.CreateService(s.t.Context(), in)
	require.NoError(s.t, err)
	s.until("the service is steady", func() bool {
		d := s.described()
		return d.RunningCount == 2 && (len(d.TaskSets) == 1 && d.TaskSets[0].StabilityStatus == types.StabilityStatusSteadyState ||
			len(d.Deployments) == 1 && d.Deployments[0].RolloutState == types.DeploymentRolloutStateCompleted)
	})
}

func (s *stage) steps(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(time.Duration(n) * stepMS * time.Millisecond)
}

func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	for range 120 {
		if holds() {
			return
		}
		s.steps(1)
	}
	require.Fail(s.t, "never happened in 120 steps: "+what)
}

func (s *stage) described() types.Service {
	s.t.Helper()
	return described(s.t, s.ecs, s.name, "web")
}

// deploy updates the service to a revision whose image has a play.
func (s *stage) deploy(n int, o gateway.Outcome) types.Service {
	s.t.Helper()
	s.plays(n, o)
	out, err := s.ecs.UpdateService(s.t.Context(), &ecs.UpdateServiceInput{Cluster: &s.name, Service: aws.String("web"), TaskDefinition: &s.revisions[n]})
	require.NoError(s.t, err)
	return *out.Service
}

func (s *stage) plays(n int, o gateway.Outcome) {
	s.t.Helper()
	require.NoError(s.t, s.SetPlay(gateway.Play{Image: s.digests[n], Outcome: o, StepMS: stepMS}))
}

func (s *stage) tasks(desired types.DesiredStatus) []types.Task {
	s.t.Helper()
	list, err := s.ecs.ListTasks(s.t.Context(), &ecs.ListTasksInput{Cluster: &s.name, ServiceName: aws.String("web"), DesiredStatus: desired})
	require.NoError(s.t, err)
	if len(list.TaskArns) == 0 {
		return nil
	}
	out, err := s.ecs.DescribeTasks(s.t.Context(), &ecs.DescribeTasksInput{Cluster: &s.name, Tasks: list.TaskArns})
	require.NoError(s.t, err)
	require.Empty(s.t, out.Failures)
	return out.Tasks
}

// targets counts the targets of a group by state.
func (s *stage) targets(group string) map[elbtypes.TargetHealthStateEnum]int {
	s.t.Helper()
	out, err := s.elb.DescribeTargetHealth(s.t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	require.NoError(s.t, err)
	counts := map[elbtypes.TargetHealthStateEnum]int{}
	for _, d := range out.TargetHealthDescriptions {
		counts[d.TargetHealth.State]++
	}
	return counts
}

// weights are the shares of the two target groups in a listener's default action.
func (s *stage) weights(listener string) (blue, green int32) {
	s.t.Helper()
	out, err := s.elb.DescribeListeners(s.t.Context(), &elb.DescribeListenersInput{ListenerArns: []string{listener}})
	require.NoError(s.t, err)
	action := out.Listeners[0].DefaultActions[0]
	if action.ForwardConfig == nil || len(action.ForwardConfig.TargetGroups) < 2 {
		return 100, 0
	}
	for _, tg := range action.ForwardConfig.TargetGroups {
		if *tg.TargetGroupArn == s.blue {
			blue = *tg.Weight
		} else {
			green = *tg.Weight
		}
	}
	return blue, green
}

func (s *stage) alarm(n int) cwtypes.StateValue {
	s.t.Helper()
	out, err := s.cw.DescribeAlarms(s.t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{s.alarms[n]}, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm, cwtypes.AlarmTypeMetricAlarm},
	})
	require.NoError(s.t, err)
	for _, a := range out.CompositeAlarms {
		return a.StateValue
	}
	require.Len(s.t, out.MetricAlarms, 1)
	return out.MetricAlarms[0].StateValue
}
