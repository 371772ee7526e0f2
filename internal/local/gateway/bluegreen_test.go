package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	smithy "github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

// blueGreen is a stage whose service CodeDeploy controls.
type blueGreen struct {
	*stage
	deploy *codedeploy.Client
}

func newBlueGreen(t *testing.T, change func(*codedeploy.CreateDeploymentGroupInput)) *blueGreen {
	t.Helper()
	s := newStage(t)
	s.service(ecstypes.DeploymentControllerTypeCodeDeploy)
	b := &blueGreen{s, codedeploy.NewFromConfig(s.config())}
	ctx := t.Context()
	_, err := b.deploy.CreateApplication(ctx, &codedeploy.CreateApplicationInput{ApplicationName: &s.name, ComputePlatform: types.ComputePlatformEcs})
	require.NoError(t, err)
	_, err = b.deploy.CreateDeploymentConfig(ctx, &codedeploy.CreateDeploymentConfigInput{
		DeploymentConfigName: &s.name, ComputePlatform: types.ComputePlatformEcs,
		TrafficRoutingConfig: &types.TrafficRoutingConfig{
			Type: types.TrafficRoutingTypeTimeBasedCanary, TimeBasedCanary: &types.TimeBasedCanary{CanaryPercentage: 20, CanaryInterval: 3},
		},
	})
	require.NoError(t, err)
	nameOf := func(arn string) types.TargetGroupInfo {
		return types.TargetGroupInfo{Name: aws.String(strings.Split(arn, "/")[1])}
	}
	in := &codedeploy.CreateDeploymentGroupInput{
		ApplicationName: &s.name, DeploymentGroupName: aws.String("web"), ServiceRoleArn: aws.String("arn:aws:iam::123456789012:role/deploy"),
		DeploymentConfigName: &s.name,
		DeploymentStyle:      &types.DeploymentStyle{DeploymentType: types.DeploymentTypeBlueGreen, DeploymentOption: types.DeploymentOptionWithTrafficControl},
		EcsServices:          []types.ECSService{{ClusterName: &s.name, ServiceName: aws.String("web")}},
		BlueGreenDeploymentConfiguration: &types.BlueGreenDeploymentConfiguration{
			DeploymentReadyOption: &types.DeploymentReadyOption{ActionOnTimeout: types.DeploymentReadyActionStopDeployment, WaitTimeInMinutes: 20},
			TerminateBlueInstancesOnDeploymentSuccess: &types.BlueInstanceTerminationOption{
				Action: types.InstanceActionTerminate, TerminationWaitTimeInMinutes: 5,
			},
		},
		AlarmConfiguration: &types.AlarmConfiguration{Enabled: true, Alarms: []types.Alarm{{Name: &s.alarms[0]}, {Name: &s.alarms[1]}}},
		AutoRollbackConfiguration: &types.AutoRollbackConfiguration{Enabled: true, Events: []types.AutoRollbackEvent{
			types.AutoRollbackEventDeploymentFailure, types.AutoRollbackEventDeploymentStopOnAlarm,
		}},
		LoadBalancerInfo: &types.LoadBalancerInfo{TargetGroupPairInfoList: []types.TargetGroupPairInfo{{
			TargetGroups:     []types.TargetGroupInfo{nameOf(s.blue), nameOf(s.green)},
			ProdTrafficRoute: &types.TrafficRoute{ListenerArns: []string{s.production}}, TestTrafficRoute: &types.TrafficRoute{ListenerArns: []string{s.test}},
		}}},
	}
	if change != nil {
		change(in)
	}
	_, err = b.deploy.CreateDeploymentGroup(ctx, in)
	require.NoError(t, err)
	return b
}

func appSpec(definition string) string {
	return fmt.Sprintf(`{"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
		"TaskDefinition": %q, "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 8080}, "PlatformVersion": "LATEST",
		"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}},
		"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Base": 0, "Weight": 1}]}}}]}`, definition)
}

func (b *blueGreen) create(content string) (string, error) {
	out, err := b.deploy.CreateDeployment(b.t.Context(), &codedeploy.CreateDeploymentInput{
		ApplicationName: &b.name, DeploymentGroupName: aws.String("web"), Description: aws.String("by hand"),
		Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: &content}},
	})
	if err != nil {
		return "", err
	}
	return *out.DeploymentId, nil
}

// start deploys a revision whose image has a play.
func (b *blueGreen) start(n int, o gateway.Outcome) string {
	b.t.Helper()
	b.plays(n, o)
	id, err := b.create(appSpec(b.revisions[n]))
	require.NoError(b.t, err)
	return id
}

func (b *blueGreen) get(id string) types.DeploymentInfo {
	b.t.Helper()
	out, err := b.deploy.GetDeployment(b.t.Context(), &codedeploy.GetDeploymentInput{DeploymentId: &id})
	require.NoError(b.t, err)
	return *out.DeploymentInfo
}

func (b *blueGreen) comesTo(id string, status types.DeploymentStatus) types.DeploymentInfo {
	b.t.Helper()
	b.until(id+" is "+string(status), func() bool { return b.get(id).Status == status })
	return b.get(id)
}

func (b *blueGreen) target(id string) types.ECSTarget {
	b.t.Helper()
	list, err := b.deploy.ListDeploymentTargets(b.t.Context(), &codedeploy.ListDeploymentTargetsInput{DeploymentId: &id})
	require.NoError(b.t, err)
	require.Equal(b.t, []string{b.name + ":web"}, list.TargetIds)
	out, err := b.deploy.GetDeploymentTarget(b.t.Context(), &codedeploy.GetDeploymentTargetInput{DeploymentId: &id, TargetId: &list.TargetIds[0]})
	require.NoError(b.t, err)
	batch, err := b.deploy.BatchGetDeploymentTargets(b.t.Context(), &codedeploy.BatchGetDeploymentTargetsInput{DeploymentId: &id, TargetIds: list.TargetIds})
	require.NoError(b.t, err)
	assert.Len(b.t, batch.DeploymentTargets, 1)
	assert.Equal(b.t, types.DeploymentTargetTypeEcsTarget, out.DeploymentTarget.DeploymentTargetType)
	return *out.DeploymentTarget.EcsTarget
}

func (b *blueGreen) lifecycle(id string) map[string]types.LifecycleEventStatus {
	out := map[string]types.LifecycleEventStatus{}
	for _, e := range b.target(id).LifecycleEvents {
		out[*e.LifecycleEventName] = e.Status
	}
	return out
}

func (b *blueGreen) proceed(id string, wait types.DeploymentWaitType) error {
	_, err := b.deploy.ContinueDeployment(b.t.Context(), &codedeploy.ContinueDeploymentInput{DeploymentId: &id, DeploymentWaitType: wait})
	return err
}

func code(t *testing.T, err error) string {
	t.Helper()
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	return api.ErrorCode()
}

func TestCanaryEndToEnd(t *testing.T) {
	b := newBlueGreen(t, nil)
	id := b.startsAndWaits()
	b.shifts(id)
	b.ends(id)
	for _, call := range b.Calls(0) {
		assert.NotContains(t, []string{"elasticloadbalancing:ModifyListener", "cloudwatch:SetAlarmState"}, call.Name(), "what AWS does is nobody's call")
	}
}

// startsAndWaits starts a deployment and looks at it while traffic waits.
func (b *blueGreen) startsAndWaits() string {
	t := b.t
	t.Helper()
	before := b.described()
	assert.Empty(t, before.Deployments)
	require.Len(t, before.TaskSets, 1)
	assert.Equal(t, "PRIMARY", *before.TaskSets[0].Status)
	id := b.start(1, gateway.OutcomeHealthy)
	assert.Regexp(t, `^d-[A-Z0-9]{9}$`, id)
	assert.Equal(t, types.DeploymentStatusCreated, b.get(id).Status)
	_, err := b.create(appSpec(b.revisions[2]))
	assert.Equal(t, "DeploymentLimitExceededException", code(t, err))

	ready := b.comesTo(id, types.DeploymentStatusReady)
	assert.Nil(t, ready.DeploymentOverview, "counted only once it has ended")
	assert.Equal(t, b.name, *ready.DeploymentConfigName)
	assert.Equal(t, types.DeploymentCreatorUser, ready.Creator)
	require.NotNil(t, ready.StartTime)
	assert.Nil(t, ready.CompleteTime)
	_, green := b.weights(b.test)
	assert.Equal(t, int32(100), green, "the test listener reaches the new tasks")
	_, green = b.weights(b.production)
	assert.Equal(t, int32(0), green)
	for _, group := range []string{b.blue, b.green} {
		assert.Equal(t, map[elbtypes.TargetHealthStateEnum]int{elbtypes.TargetHealthStateEnumHealthy: 2}, b.targets(group))
	}
	waiting := b.described()
	require.Len(t, waiting.TaskSets, 2)
	assert.Equal(t, id, *waiting.TaskSets[0].ExternalId)
	assert.Equal(t, "LATEST", *waiting.TaskSets[0].PlatformVersion)
	assert.Equal(t, []string{"subnet-1"}, waiting.TaskSets[0].NetworkConfiguration.AwsvpcConfiguration.Subnets)
	assert.Equal(t, b.revisions[0], *waiting.TaskDefinition, "the old one serves")
	assert.Equal(t, int32(4), waiting.RunningCount)
	return id
}

func (b *blueGreen) shifts(id string) {
	t := b.t
	t.Helper()
	require.NoError(t, b.proceed(id, types.DeploymentWaitTypeReadyWait))
	assert.Equal(t, "DeploymentIsNotInReadyStateException", code(t, b.proceed(id, types.DeploymentWaitTypeReadyWait)))
	b.until("the first fifth moves", func() bool { _, green := b.weights(b.production); return green == 20 })
	sets := b.target(id).TaskSetsInfo
	require.Len(t, sets, 2)
	for _, set := range sets {
		want := map[types.TargetLabel]float64{types.TargetLabelBlue: 80, types.TargetLabelGreen: 20}[set.TaskSetLabel]
		assert.InDelta(t, want, set.TrafficWeight, 0.01)
		assert.Equal(t, int64(2), set.RunningCount)
		assert.Contains(t, b.blue+b.green, *set.TargetGroup.Name)
	}
	b.steps(3)
	_, green := b.weights(b.production)
	assert.Equal(t, int32(100), green)
	after := b.described()
	assert.Equal(t, b.revisions[1], *after.TaskDefinition)
	assert.Equal(t, b.green, *after.LoadBalancers[0].TargetGroupArn)
	assert.Equal(t, types.DeploymentStatusInProgress, b.get(id).Status, "the old tasks are kept for a while")
}

func (b *blueGreen) ends(id string) {
	t := b.t
	t.Helper()
	assert.True(t, b.get(id).InstanceTerminationWaitTimeStarted)
	require.NoError(t, b.proceed(id, types.DeploymentWaitTypeTerminationWait))
	done := b.comesTo(id, types.DeploymentStatusSucceeded)
	require.NotNil(t, done.CompleteTime)
	for name, status := range b.lifecycle(id) {
		assert.Equal(t, types.LifecycleEventStatusSucceeded, status, name)
	}
	b.until("the old task set is gone", func() bool { return len(b.described().TaskSets) == 1 })
	assert.Equal(t, "DeploymentAlreadyCompletedException", code(t, b.proceed(id, types.DeploymentWaitTypeReadyWait)))
}

// appSpecOf asks for the AppSpec of a deployment, which GetDeployment only names.
func (b *blueGreen) appSpecOf(d types.DeploymentInfo) string {
	b.t.Helper()
	assert.Nil(b.t, d.Revision.AppSpecContent.Content, "always null on AWS")
	require.NotNil(b.t, d.Revision.AppSpecContent.Sha256)
	out, err := b.deploy.GetApplicationRevision(b.t.Context(), &codedeploy.GetApplicationRevisionInput{ApplicationName: &b.name, Revision: d.Revision})
	require.NoError(b.t, err)
	return *out.Revision.AppSpecContent.Content
}

func TestAnAppSpecThatNobodyDeployedIsRefused(t *testing.T) {
	b := newBlueGreen(t, nil)
	ask := func(application, sum string) error {
		_, err := b.deploy.GetApplicationRevision(t.Context(), &codedeploy.GetApplicationRevisionInput{ApplicationName: &application, Revision: &types.RevisionLocation{
			RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Sha256: &sum},
		}})
		return err
	}
	assert.Equal(t, "RevisionDoesNotExistException", code(t, ask(b.name, "00")))
	assert.Equal(t, "ApplicationDoesNotExistException", code(t, ask(b.name+"x", "00")))
}

func TestBlueGreenAlarmRollsBack(t *testing.T) {
	b := newBlueGreen(t, nil)
	id := b.start(1, gateway.OutcomeAlarm)
	b.comesTo(id, types.DeploymentStatusReady)
	require.NoError(t, b.proceed(id, types.DeploymentWaitTypeReadyWait))
	stopped := b.comesTo(id, types.DeploymentStatusStopped)
	assert.Equal(t, types.ErrorCodeAlarmActive, stopped.ErrorInformation.Code)
	assert.Contains(t, *stopped.ErrorInformation.Message, "Activated alarms: <"+b.alarms[0]+">")
	events := b.lifecycle(id)
	assert.Equal(t, types.LifecycleEventStatusFailed, events["AllowTraffic"])
	assert.Equal(t, types.LifecycleEventStatusSkipped, events["AfterAllowTraffic"])
	undo := *stopped.RollbackInfo.RollbackDeploymentId
	done := b.comesTo(undo, types.DeploymentStatusSucceeded)
	assert.Equal(t, int64(1), done.DeploymentOverview.Succeeded)
	assert.Equal(t, types.DeploymentCreatorCodeDeployRollback, done.Creator)
	assert.Equal(t, id, *done.RollbackInfo.RollbackTriggeringDeploymentId)
	assert.Contains(t, b.appSpecOf(done), b.revisions[0])
	assert.Contains(t, b.appSpecOf(stopped), b.revisions[1])
	for _, listener := range []string{b.production, b.test} {
		blue, green := b.weights(listener)
		assert.Equal(t, []int32{100, 0}, []int32{blue, green})
	}
	out := b.described()
	assert.Equal(t, b.revisions[0], *out.TaskDefinition)
	assert.Equal(t, b.blue, *out.LoadBalancers[0].TargetGroupArn)
	list, err := b.deploy.ListDeployments(t.Context(), &codedeploy.ListDeploymentsInput{ApplicationName: &b.name, DeploymentGroupName: aws.String("web")})
	require.NoError(t, err)
	assert.Equal(t, []string{undo, id}, list.Deployments, "newest first")
	list, err = b.deploy.ListDeployments(t.Context(), &codedeploy.ListDeploymentsInput{IncludeOnlyStatuses: []types.DeploymentStatus{types.DeploymentStatusStopped}})
	require.NoError(t, err)
	assert.Equal(t, []string{id}, list.Deployments)
	batch, err := b.deploy.BatchGetDeployments(t.Context(), &codedeploy.BatchGetDeploymentsInput{DeploymentIds: []string{undo, id}})
	require.NoError(t, err)
	assert.Len(t, batch.DeploymentsInfo, 2)
}

func TestBlueGreenFailuresRollBack(t *testing.T) {
	for _, outcome := range []gateway.Outcome{gateway.OutcomeCrash, gateway.OutcomeUnhealthy, gateway.OutcomeStuck} {
		t.Run(string(outcome), func(t *testing.T) {
			b := newBlueGreen(t, nil)
			id := b.start(1, outcome)
			failed := b.comesTo(id, types.DeploymentStatusFailed)
			assert.Contains(t, *failed.ErrorInformation.Message, "timed out while waiting for the replacement task set to become healthy")
			assert.Equal(t, types.LifecycleEventStatusFailed, b.lifecycle(id)["Install"])
			b.comesTo(*failed.RollbackInfo.RollbackDeploymentId, types.DeploymentStatusSucceeded)
			out := b.described()
			assert.Equal(t, []int32{2, 0}, []int32{out.RunningCount, out.PendingCount})
			assert.Equal(t, b.revisions[0], *out.TaskDefinition)
		})
	}
}

func TestBlueGreenWithoutWaitsAndWithStop(t *testing.T) {
	b := newBlueGreen(t, func(in *codedeploy.CreateDeploymentGroupInput) {
		in.BlueGreenDeploymentConfiguration.DeploymentReadyOption = &types.DeploymentReadyOption{ActionOnTimeout: types.DeploymentReadyActionContinueDeployment}
		in.DeploymentConfigName = aws.String("CodeDeployDefault.ECSLinear10PercentEvery1Minutes")
	})
	id := b.start(1, gateway.OutcomeHealthy)
	b.until("half of it has moved", func() bool { _, green := b.weights(b.production); return green == 50 })
	_, err := b.deploy.StopDeployment(t.Context(), &codedeploy.StopDeploymentInput{DeploymentId: &id, AutoRollbackEnabled: aws.Bool(true)})
	require.NoError(t, err)
	stopped := b.get(id)
	assert.Equal(t, types.DeploymentStatusStopped, stopped.Status)
	assert.Equal(t, types.ErrorCodeManualStop, stopped.ErrorInformation.Code)
	b.comesTo(*stopped.RollbackInfo.RollbackDeploymentId, types.DeploymentStatusSucceeded)
	_, green := b.weights(b.production)
	assert.Equal(t, int32(0), green)
	_, err = b.deploy.StopDeployment(t.Context(), &codedeploy.StopDeploymentInput{DeploymentId: &id})
	assert.Equal(t, "DeploymentAlreadyCompletedException", code(t, err))
	_, err = b.deploy.StopDeployment(t.Context(), &codedeploy.StopDeploymentInput{DeploymentId: aws.String("d-NOTHERE00")})
	assert.Equal(t, "DeploymentDoesNotExistException", code(t, err))
}

func TestAppSpecIsChecked(t *testing.T) {
	b := newBlueGreen(t, nil)
	good := appSpec(b.revisions[1])
	_, err := b.ecs.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &b.revisions[2]})
	require.NoError(t, err)
	for want, content := range map[string]string{
		"version is 1, want 0.0":                    strings.Replace(good, "0.0", "1", 1),
		"Resources has 0 entries":                   `{"version": 0.0, "Resources": []}`,
		"Type is \"AWS::Lambda::Function\"":         strings.Replace(good, "AWS::ECS::Service", "AWS::Lambda::Function", 1),
		"TaskDefinition is not set":                 strings.Replace(good, `"TaskDefinition"`, `"Definition"`, 1),
		"ContainerName is not set":                  strings.Replace(good, `"ContainerName"`, `"Name"`, 1),
		"ContainerPort is 0, want 1 to 65535":       strings.Replace(good, "8080", "0", 1),
		`ContainerName is "app2", want one of`:      strings.Replace(good, `"app"`, `"app2"`, 1),
		"TaskDefinition " + b.revisions[1] + "9":    appSpec(b.revisions[1] + "9"),
		"ClientException: TaskDefinition is inacti": appSpec(b.revisions[2]),
		"it is neither JSON nor YAML":               "{",
		"it is no object":                           "hello",
	} {
		_, err := b.create(content)
		require.Error(t, err, want)
		assert.Equal(t, "InvalidRevisionException", code(t, err), want)
		assert.Contains(t, err.Error(), want)
	}
	_, err = b.create("")
	assert.Equal(t, "RevisionRequiredException", code(t, err))
	id, err := b.create(fmt.Sprintf(`version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: %q
        LoadBalancerInfo:
          ContainerName: app
          ContainerPort: 8080
`, b.revisions[1]))
	require.NoError(t, err, "an AppSpec may be YAML")
	b.comesTo(id, types.DeploymentStatusReady)
}

func TestCodeDeployOwnsItsService(t *testing.T) {
	s := newStage(t)
	s.service(ecstypes.DeploymentControllerTypeCodeDeploy)
	const tail = " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
	for want, in := range map[string]*ecs.UpdateServiceInput{
		"Unable to update task definition" + tail:  {TaskDefinition: &s.revisions[1]},
		"Unable to update load balancers" + tail:   {LoadBalancers: []ecstypes.LoadBalancer{{TargetGroupArn: &s.green}}},
		"Unable to update platform version" + tail: {PlatformVersion: aws.String("1.4.0")},
		"Cannot force a new deployment" + tail:     {ForceNewDeployment: true},
		"Unable to update network parameters" + tail: {NetworkConfiguration: &ecstypes.NetworkConfiguration{
			AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-1"}},
		}},
	} {
		in.Cluster, in.Service = &s.name, aws.String("web")
		_, err := s.ecs.UpdateService(t.Context(), in)
		require.ErrorContains(t, err, "InvalidParameterException: "+want)
	}
	_, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: &s.name, Service: aws.String("web"), DesiredCount: aws.Int32(3)})
	require.NoError(t, err)
	s.until("3 run", func() bool { return s.described().RunningCount == 3 })
	assert.Equal(t, int32(3), s.described().TaskSets[0].ComputedDesiredCount)
}
