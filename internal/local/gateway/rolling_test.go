package gateway_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func primary(s types.Service) types.Deployment {
	for _, d := range s.Deployments {
		if *d.Status == "PRIMARY" {
			return d
		}
	}
	return types.Deployment{}
}

func eventsOf(s types.Service) string {
	var out []string
	for _, e := range s.Events {
		out = append(out, *e.Message)
	}
	return strings.Join(out, "\n")
}

// finished waits until the primary deployment is COMPLETED and of a revision.
func (s *stage) finished(revision int) types.Service {
	s.t.Helper()
	var out types.Service
	s.until("the deployment completes", func() bool {
		out = s.described()
		return primary(out).RolloutState == types.DeploymentRolloutStateCompleted && *primary(out).TaskDefinition == s.revisions[revision]
	})
	assert.Equal(s.t, s.revisions[revision], *out.TaskDefinition)
	assert.Equal(s.t, []int32{2, 2, 0}, []int32{out.DesiredCount, out.RunningCount, out.PendingCount})
	require.Len(s.t, out.Deployments, 1)
	return out
}

func TestRollingHealthy(t *testing.T) {
	s := newStage(t)
	s.service(types.DeploymentControllerTypeEcs)
	assert.Equal(t, map[elbtypes.TargetHealthStateEnum]int{elbtypes.TargetHealthStateEnumHealthy: 2}, s.targets(s.blue))
	updated := s.deploy(1, gateway.OutcomeHealthy)
	require.Len(t, updated.Deployments, 2)
	p := updated.Deployments[0]
	assert.Equal(t, "PRIMARY", *p.Status)
	assert.Regexp(t, `^ecs-svc/\d{19}$`, *p.Id)
	assert.Equal(t, types.DeploymentRolloutStateInProgress, p.RolloutState)
	assert.Equal(t, "ECS deployment "+*p.Id+" in progress.", *p.RolloutStateReason)
	assert.Equal(t, []int32{2, 0, 0}, []int32{p.DesiredCount, p.RunningCount, p.PendingCount})
	assert.Equal(t, types.LaunchTypeFargate, p.LaunchType)
	assert.Equal(t, "ACTIVE", *updated.Deployments[1].Status)

	seen := map[string]bool{}
	s.until("new tasks run", func() bool {
		for _, task := range s.tasks(types.DesiredStatusRunning) {
			if *task.StartedBy == *p.Id {
				seen[*task.LastStatus] = true
				assert.Equal(t, s.revisions[1], *task.TaskDefinitionArn)
				assert.Equal(t, "service:web", *task.Group)
			}
		}
		return seen["RUNNING"]
	})
	assert.Equal(t, map[string]bool{"PROVISIONING": true, "PENDING": true, "RUNNING": true}, seen)
	assert.Equal(t, 2, s.targets(s.blue)[elbtypes.TargetHealthStateEnumInitial])
	out := s.finished(1)
	assert.Equal(t, "ECS deployment "+*p.Id+" completed.", *primary(out).RolloutStateReason)
	assert.True(t, strings.HasPrefix(eventsOf(out), "(service web) has reached a steady state."), "the newest event is first")
	for _, task := range s.tasks(types.DesiredStatusRunning) {
		assert.Equal(t, types.HealthStatusHealthy, task.HealthStatus)
		assert.Equal(t, s.digests[1], *task.Containers[0].ImageDigest)
	}
	stopped := s.tasks(types.DesiredStatusStopped)
	require.Len(t, stopped, 2)
	assert.Equal(t, types.TaskStopCodeServiceSchedulerInitiated, stopped[0].StopCode)
	require.NotNil(t, stopped[0].StoppedAt)
}

func TestRollingFailuresRollBack(t *testing.T) {
	for outcome, want := range map[gateway.Outcome]struct {
		code   types.TaskStopCode
		reason string
		exit   int32
	}{
		gateway.OutcomeCrash:     {types.TaskStopCodeEssentialContainerExited, "Essential container in task exited", 1},
		gateway.OutcomeUnhealthy: {types.TaskStopCodeServiceSchedulerInitiated, "Task failed ELB health checks in (target-group ", 0},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			s := newStage(t)
			s.service(types.DeploymentControllerTypeEcs)
			bad := *primary(s.deploy(1, outcome)).Id
			var failed types.Deployment
			s.until("it fails", func() bool {
				for _, d := range s.described().Deployments {
					if *d.Id == bad && d.RolloutState == types.DeploymentRolloutStateFailed {
						failed = d
					}
				}
				return failed.Id != nil
			})
			assert.Equal(t, "ECS deployment circuit breaker: tasks failed to start.", *failed.RolloutStateReason)
			assert.GreaterOrEqual(t, failed.FailedTasks, int32(3))
			assert.Contains(t, *primary(s.described()).RolloutStateReason, "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/")
			out := s.finished(0)
			assert.Contains(t, eventsOf(out), "(deployment "+bad+") deployment failed: tasks failed to start.")
			found := 0
			for _, task := range s.tasks(types.DesiredStatusStopped) {
				if task.StopCode == want.code && strings.HasPrefix(*task.StoppedReason, want.reason) {
					found++
					assert.Equal(t, want.exit, *task.Containers[0].ExitCode)
					assert.Equal(t, "STOPPED", *task.LastStatus)
				}
			}
			assert.GreaterOrEqual(t, found, 3)
		})
	}
}

func TestRollingAlarmRollsBack(t *testing.T) {
	for name, composite := range map[string]bool{"metric": false, "composite": true} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			if composite {
				_, err := s.cw.PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{
					AlarmName: aws.String(s.name + "-any"), AlarmRule: aws.String("ALARM(" + s.alarms[0] + ")"),
				})
				require.NoError(t, err)
				s.alarms = []string{s.name + "-any"}
			}
			s.service(types.DeploymentControllerTypeEcs)
			before := s.alarm(0)
			assert.NotEqual(t, cwtypes.StateValueAlarm, before)
			bad := *primary(s.deploy(1, gateway.OutcomeAlarm)).Id
			s.until("the alarm rings", func() bool { return s.described().Status != nil && s.alarm(0) == cwtypes.StateValueAlarm })
			s.until("it rolls back", func() bool { return *primary(s.described()).Id != bad })
			out := s.finished(0)
			assert.Contains(t, eventsOf(out), "(deployment "+bad+") deployment failed: alarm detected.")
			assert.Equal(t, cwtypes.StateValueOk, s.alarm(0), "what set it off is gone")
		})
	}
}

func TestAlarmSetByHandRollsBack(t *testing.T) {
	s := newStage(t)
	s.service(types.DeploymentControllerTypeEcs)
	s.deploy(1, gateway.OutcomeHealthy)
	s.steps(3)
	_, err := s.cw.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: &s.alarms[1], StateValue: cwtypes.StateValueAlarm, StateReason: aws.String("by hand"),
	})
	require.NoError(t, err)
	s.finished(0)
}

func TestRollingStuck(t *testing.T) {
	s := newStage(t)
	s.service(types.DeploymentControllerTypeEcs)
	s.deploy(1, gateway.OutcomeStuck)
	s.steps(200)
	out := s.described()
	assert.Equal(t, types.DeploymentRolloutStateInProgress, primary(out).RolloutState)
	assert.Equal(t, []int32{2, 2}, []int32{out.RunningCount, out.PendingCount})
	assert.Contains(t, eventsOf(out), "was unable to place a task. Reason: Capacity is unavailable at this time.")
}

func TestServiceScalesAndReplacesTasks(t *testing.T) {
	s := newStage(t)
	s.service(types.DeploymentControllerTypeEcs)
	id := *primary(s.described()).Id
	_, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.name, Service: aws.String("web"), DesiredCount: aws.Int32(5)})
	require.NoError(t, err)
	s.until("5 run", func() bool { return s.described().RunningCount == 5 })
	_, err = s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: &s.name, Service: aws.String("web"), DesiredCount: aws.Int32(1), TaskDefinition: &s.revisions[0],
	})
	require.NoError(t, err)
	s.until("1 runs", func() bool { return s.described().RunningCount == 1 })
	assert.Equal(t, id, *primary(s.described()).Id, "the same task definition is no new deployment")

	task := s.tasks(types.DesiredStatusRunning)[0]
	_, err = s.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &s.name, Task: task.TaskArn, Reason: aws.String("drill")})
	require.NoError(t, err)
	s.until("another runs", func() bool {
		now := s.tasks(types.DesiredStatusRunning)
		return len(now) == 1 && *now[0].TaskArn != *task.TaskArn && *now[0].LastStatus == "RUNNING"
	})
	_, err = s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.name, Service: aws.String("web"), ForceNewDeployment: true})
	require.NoError(t, err)
	assert.NotEqual(t, id, *primary(s.described()).Id)
}

func TestDeletedServiceHasNoTasks(t *testing.T) {
	s := newStage(t)
	s.service(types.DeploymentControllerTypeEcs)
	_, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.name, Service: aws.String("web"), DesiredCount: aws.Int32(0)})
	require.NoError(t, err)
	_, err = s.ecs.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: &s.name, Service: aws.String("web")})
	require.NoError(t, err)
	assert.Equal(t, "INACTIVE", *s.described().Status)
	assert.Empty(t, s.tasks(types.DesiredStatusRunning))
	assert.Empty(t, s.targets(s.blue))
}

func TestInactiveTaskDefinitionIsRefused(t *testing.T) {
	s := newStage(t)
	s.service(types.DeploymentControllerTypeEcs)
	_, err := s.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &s.revisions[1]})
	require.NoError(t, err)
	_, err = s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.name, Service: aws.String("web"), TaskDefinition: &s.revisions[1]})
	require.ErrorContains(t, err, "ClientException: TaskDefinition is inactive")
	_, err = s.ecs.CreateService(t.Context(), &ecs.CreateServiceInput{Cluster: &s.name, ServiceName: aws.String("other"), TaskDefinition: &s.revisions[1]})
	require.ErrorContains(t, err, "ClientException: TaskDefinition is inactive")
	assert.Equal(t, s.revisions[0], *s.described().TaskDefinition)
}
