package release_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	cdtypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"evenkeel/internal/release"
)

const (
	oldDigest   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	newDigest   = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	thirdDigest = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
	registry    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders-prod"
	family      = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders-prod:"
)

// fakeClock moves when somebody sleeps.
type fakeClock struct {
	now  time.Time
	stop func(time.Time) bool
}

func (c *fakeClock) Now() time.Time { return c.now }

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	if c.stop != nil && c.stop(c.now) {
		return context.Canceled
	}
	return ctx.Err()
}

// fakeAWS answers as AWS's API reference describes. A test scripts the services'
// states, each shown once, the last one for ever.
type fakeAWS struct {
	services []types.Service
	images   map[string]string      // of each revision's container
	tags     map[string][]types.Tag // of each revision
	stopped  []types.Task           // the stopped tasks
	alarms   map[string]cwtypes.StateValue
	scan     *ecrtypes.ImageDetail
	noSecret bool
	trusts   string // whom the tasks' role trusts; empty if there is no role

	deliveries []cdtypes.DeploymentInfo
	targets    []cdtypes.ECSTarget
	created    []*codedeploy.CreateDeploymentInput
	continued  int
	letGo      []string // whose termination wait was ended
	halted     []*codedeploy.StopDeploymentInput
	running    []string // ids of deployments on their way
}

func (f *fakeAWS) DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	s := f.services[0]
	if len(f.services) > 1 {
		f.services = f.services[1:]
	}
	return &ecs.DescribeServicesOutput{Services: []types.Service{s}}, nil
}

func (f *fakeAWS) DescribeTaskDefinition(_ context.Context, in *ecs.DescribeTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	arn := *in.TaskDefinition
	image, ok := f.images[arn]
	if !ok {
		return nil, fmt.Errorf("unexpected task definition %s", arn)
	}
	return &ecs.DescribeTaskDefinitionOutput{
		Tags: f.tags[arn],
		TaskDefinition: &types.TaskDefinition{TaskDefinitionArn: &arn, ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/orders-execution"), ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("orders"), Image: aws.String(registry + "@" + image),
			Secrets: []types.Secret{{Name: aws.String("DATABASE_URL"), ValueFrom: aws.String("arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-prod/database-url-AbCdEf:url::")}},
		}}},
	}, nil
}

func (f *fakeAWS) ListTaskDefinitions(context.Context, *ecs.ListTaskDefinitionsInput, ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error) {
	out := &ecs.ListTaskDefinitionsOutput{}
	for n := range 10 { // in no order that anybody asked for
		if arn := fmt.Sprint(family, n); f.images[arn] != "" {
			out.TaskDefinitionArns = append(out.TaskDefinitionArns, arn)
		}
	}
	return out, nil
}

func (f *fakeAWS) ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	out := &ecs.ListTasksOutput{}
	for _, t := range f.stopped {
		out.TaskArns = append(out.TaskArns, *t.TaskArn)
	}
	return out, nil
}

func (f *fakeAWS) DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	return &ecs.DescribeTasksOutput{Tasks: f.stopped}, nil
}

func (f *fakeAWS) TagResource(_ context.Context, in *ecs.TagResourceInput, _ ...func(*ecs.Options)) (*ecs.TagResourceOutput, error) {
	f.tags[*in.ResourceArn] = append(f.tags[*in.ResourceArn], in.Tags...)
	return &ecs.TagResourceOutput{}, nil
}

func (f *fakeAWS) DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	if f.scan == nil {
		return nil, &ecrtypes.ImageNotFoundException{}
	}
	return &ecr.DescribeImagesOutput{ImageDetails: []ecrtypes.ImageDetail{*f.scan}}, nil
}

func (f *fakeAWS) DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	out := &cloudwatch.DescribeAlarmsOutput{}
	for name, state := range f.alarms {
		out.MetricAlarms = append(out.MetricAlarms, cwtypes.MetricAlarm{AlarmName: &name, StateValue: state})
	}
	return out, nil
}

func (f *fakeAWS) DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	if f.noSecret {
		return &secretsmanager.DescribeSecretOutput{}, nil
	}
	return &secretsmanager.DescribeSecretOutput{VersionIdsToStages: map[string][]string{"1": {"AWSCURRENT"}}}, nil
}

func (f *fakeAWS) GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	if f.trusts == "" {
		return nil, &iamtypes.NoSuchEntityException{}
	}
	trust := url.QueryEscape(`{"Statement":[{"Principal":{"Service":["` + f.trusts + `"]}}]}`)
	return &iam.GetRoleOutput{Role: &iamtypes.Role{AssumeRolePolicyDocument: &trust}}, nil
}

func (f *fakeAWS) CreateDeployment(_ context.Context, in *codedeploy.CreateDeploymentInput, _ ...func(*codedeploy.Options)) (*codedeploy.CreateDeploymentOutput, error) {
	f.created = append(f.created, in)
	return &codedeploy.CreateDeploymentOutput{DeploymentId: aws.String("d-1")}, nil
}

func (f *fakeAWS) GetDeployment(_ context.Context, in *codedeploy.GetDeploymentInput, _ ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentOutput, error) {
	d := f.deliveries[0]
	if len(f.deliveries) > 1 {
		f.deliveries = f.deliveries[1:]
	}
	d.DeploymentId = in.DeploymentId
	return &codedeploy.GetDeploymentOutput{DeploymentInfo: &d}, nil
}

// GetApplicationRevision knows an AppSpec by its SHA-256, which here is the ARN of
// the task definition in it: GetDeployment never says more.
func (f *fakeAWS) GetApplicationRevision(
	_ context.Context, in *codedeploy.GetApplicationRevisionInput, _ ...func(*codedeploy.Options),
) (*codedeploy.GetApplicationRevisionOutput, error) {
	content := `{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":"` + *in.Revision.AppSpecContent.Sha256 + `"}}}]}`
	return &codedeploy.GetApplicationRevisionOutput{Revision: &cdtypes.RevisionLocation{
		RevisionType: cdtypes.RevisionLocationTypeAppSpecContent, AppSpecContent: &cdtypes.AppSpecContent{Content: &content, Sha256: in.Revision.AppSpecContent.Sha256},
	}}, nil
}

func (f *fakeAWS) ListDeployments(context.Context, *codedeploy.ListDeploymentsInput, ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentsOutput, error) {
	return &codedeploy.ListDeploymentsOutput{Deployments: f.running}, nil
}

func (f *fakeAWS) ListDeploymentTargets(context.Context, *codedeploy.ListDeploymentTargetsInput, ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentTargetsOutput, error) {
	if len(f.targets) == 0 {
		return nil, &cdtypes.DeploymentNotStartedException{}
	}
	return &codedeploy.ListDeploymentTargetsOutput{TargetIds: []string{"orders-prod:orders"}}, nil
}

func (f *fakeAWS) GetDeploymentTarget(context.Context, *codedeploy.GetDeploymentTargetInput, ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentTargetOutput, error) {
	t := f.targets[0]
	if len(f.targets) > 1 {
		f.targets = f.targets[1:]
	}
	return &codedeploy.GetDeploymentTargetOutput{DeploymentTarget: &cdtypes.DeploymentTarget{EcsTarget: &t}}, nil
}

func (f *fakeAWS) ContinueDeployment(_ context.Context, in *codedeploy.ContinueDeploymentInput, _ ...func(*codedeploy.Options)) (*codedeploy.ContinueDeploymentOutput, error) {
	if in.DeploymentWaitType == cdtypes.DeploymentWaitTypeTerminationWait {
		f.letGo, f.running = append(f.letGo, *in.DeploymentId), nil
	} else {
		f.continued++
	}
	return &codedeploy.ContinueDeploymentOutput{}, nil
}

func (f *fakeAWS) StopDeployment(_ context.Context, in *codedeploy.StopDeploymentInput, _ ...func(*codedeploy.Options)) (*codedeploy.StopDeploymentOutput, error) {
	f.halted = append(f.halted, in)
	return &codedeploy.StopDeploymentOutput{}, nil
}

// fakePulumi registers a new revision with each update.
type fakePulumi struct {
	aws      *fakeAWS
	outputs  map[string]any
	updates  []string
	revision int
	err      error
	// after runs when an update is done.
	after func(image string)
}

func (p *fakePulumi) Outputs(context.Context) (map[string]any, error) { return p.outputs, nil }

func (p *fakePulumi) Update(_ context.Context, image string) (map[string]any, error) {
	p.updates = append(p.updates, image)
	if p.err != nil {
		return nil, p.err
	}
	p.revision++
	arn := fmt.Sprint(family, p.revision)
	p.aws.images[arn] = image
	p.outputs["taskDefinitionArn"], p.outputs["image"] = arn, image
	if p.after != nil {
		p.after(image)
	}
	return p.outputs, nil
}

// stage is a stack with revision 1 serving, and everything a release talks to.
type stage struct {
	aws    *fakeAWS
	pulumi *fakePulumi
	clock  *fakeClock
	told   *bytes.Buffer
	release.Releaser
}

func newStage(t *testing.T, strategy string) *stage {
	t.Helper()
	a := &fakeAWS{
		trusts: "ecs-tasks.amazonaws.com",
		images: map[string]string{family + "1": oldDigest}, tags: map[string][]types.Tag{},
		alarms: map[string]cwtypes.StateValue{"orders-prod-errors-signal": cwtypes.StateValueOk},
		scan:   &ecrtypes.ImageDetail{ImageScanStatus: &ecrtypes.ImageScanStatus{Status: ecrtypes.ScanStatusComplete}},
	}
	s := &stage{aws: a, clock: &fakeClock{now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}, told: &bytes.Buffer{}}
	s.pulumi = &fakePulumi{aws: a, revision: 1, outputs: map[string]any{
		"region": "eu-west-1", "repositoryUrl": registry, "clusterName": "orders-prod", "serviceName": "orders", "taskDefinitionArn": family + "1",
		"deploymentStrategy": strategy, "containerName": "orders", "containerPort": 8080, "rollbackAlarms": []any{"orders-prod-errors-signal"},
		"url": "https://api.example.com", "smokePath": "/readyz", "capacityProvider": "FARGATE", "runbookUrl": "https://example.com/runbooks",
		"taskNetwork": map[string]any{"subnets": []any{"subnet-1"}, "securityGroups": []any{"sg-1"}, "assignPublicIp": false},
	}}
	if strategy != "rolling" {
		s.pulumi.outputs["testUrl"] = "https://api.example.com:8443"
		s.pulumi.outputs["codedeployApplication"], s.pulumi.outputs["codedeployGroup"] = "orders-prod", "orders-prod"
	}
	s.Releaser = release.Releaser{
		Deployer: s.pulumi, Clock: s.clock, Progress: s.told, HTTP: http.DefaultClient,
		Connect: func(context.Context, string) (release.Clients, error) {
			return release.Clients{ECS: a, CodeDeploy: a, ECR: a, CloudWatch: a, Secrets: a, IAM: a}, nil
		},
		Options: release.Options{Stack: "prod"},
	}
	return s
}

// deployment is one of ECS's, as DescribeServices shows it.
func deployment(revision int, status string, state types.DeploymentRolloutState, desired, running, failed int32) types.Deployment {
	return types.Deployment{
		Id: aws.String(fmt.Sprint("ecs-svc/", revision)), TaskDefinition: aws.String(fmt.Sprint(family, revision)), Status: &status, RolloutState: state,
		DesiredCount: desired, RunningCount: running, FailedTasks: failed, CreatedAt: aws.Time(time.Unix(int64(revision), 0)),
	}
}

func service(deployments ...types.Deployment) types.Service {
	s := types.Service{ServiceName: aws.String("orders"), Status: aws.String("ACTIVE"), Deployments: deployments}
	for _, d := range deployments {
		s.RunningCount += d.RunningCount
	}
	return s
}

// taskSets is a service of CodeDeploy's with a primary revision.
func taskSets(primary int) types.Service {
	return types.Service{
		ServiceName: aws.String("orders"), Status: aws.String("ACTIVE"), RunningCount: 2, DesiredCount: 2,
		TaskSets: []types.TaskSet{{
			Status: aws.String("PRIMARY"), TaskDefinition: aws.String(fmt.Sprint(family, primary)), RunningCount: 2, ComputedDesiredCount: 2,
			StabilityStatus: types.StabilityStatusSteadyState,
		}},
	}
}

const (
	complete = types.DeploymentRolloutStateCompleted
	ongoing  = types.DeploymentRolloutStateInProgress
	failed   = types.DeploymentRolloutStateFailed
)

func lines(s string) int { return strings.Count(s, "\n") }
