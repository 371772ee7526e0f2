package gateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deployed makes a cluster, two revisions of a task definition, and a service.
func deployed(t *testing.T, client *ecs.Client) (cluster string, revisions [2]string, created *types.Service) {
	t.Helper()
	ctx := t.Context()
	cluster = unique(t)
	_, err := client.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: &cluster})
	require.NoError(t, err)
	for n := range revisions {
		out, err := client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
			Family: &cluster, ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("app"), Image: aws.String("app"), Memory: aws.Int32(128)}},
		})
		require.NoError(t, err)
		revisions[n] = *out.TaskDefinition.TaskDefinitionArn
	}
	out, err := client.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), TaskDefinition: &revisions[0], DesiredCount: aws.Int32(2),
		HealthCheckGracePeriodSeconds: aws.Int32(30), EnableExecuteCommand: true, EnableECSManagedTags: true,
		AvailabilityZoneRebalancing: types.AvailabilityZoneRebalancingEnabled, PropagateTags: types.PropagateTagsService,
		PlatformVersion: aws.String("1.4.0"),
		DeploymentConfiguration: &types.DeploymentConfiguration{
			MinimumHealthyPercent: aws.Int32(100), MaximumPercent: aws.Int32(200),
			DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: true, Rollback: true},
			Alarms:                   &types.DeploymentAlarms{AlarmNames: []string{"errors"}, Enable: true, Rollback: true},
		},
	})
	require.NoError(t, err)
	return cluster, revisions, out.Service
}

func described(t *testing.T, client *ecs.Client, cluster, service string) types.Service {
	t.Helper()
	out, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{service}})
	require.NoError(t, err)
	require.Len(t, out.Services, 1)
	return out.Services[0]
}

func TestECSServiceKeepsWhatMotoDrops(t *testing.T) {
	e := overMoto(t)
	client := ecs.NewFromConfig(e.config())
	cluster, _, created := deployed(t, client)
	for name, s := range map[string]types.Service{
		"created": *created, "described": described(t, client, cluster, "web"), "by ARN": described(t, client, cluster, *created.ServiceArn),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, aws.Int32(30), s.HealthCheckGracePeriodSeconds)
			assert.True(t, s.EnableExecuteCommand)
			assert.True(t, s.EnableECSManagedTags)
			assert.Equal(t, types.AvailabilityZoneRebalancingEnabled, s.AvailabilityZoneRebalancing)
			assert.Equal(t, types.PropagateTagsService, s.PropagateTags)
			assert.Equal(t, aws.String("1.4.0"), s.PlatformVersion)
			require.NotNil(t, s.DeploymentConfiguration)
			assert.Equal(t, &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}, s.DeploymentConfiguration.DeploymentCircuitBreaker)
			require.NotNil(t, s.DeploymentConfiguration.Alarms)
			assert.Equal(t, []string{"errors"}, s.DeploymentConfiguration.Alarms.AlarmNames)
		})
	}
	call := e.last(t, "ecs:CreateService")
	assert.True(t, call.Completed)
	assert.Equal(t, "moto", call.AnsweredBy)
	parameters, ok := call.Parameters.(map[string]any)
	require.True(t, ok)
	assert.Contains(t, parameters["deploymentConfiguration"], "deploymentCircuitBreaker")
}

func TestECSUpdateChangesOnlyWhatItNames(t *testing.T) {
	e := overMoto(t)
	client := ecs.NewFromConfig(e.config())
	cluster, revisions, created := deployed(t, client)
	_, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: &cluster, Service: created.ServiceArn, TaskDefinition: &revisions[1], EnableExecuteCommand: aws.Bool(false),
		DeploymentConfiguration: &types.DeploymentConfiguration{MaximumPercent: aws.Int32(150)},
	})
	require.NoError(t, err)
	s := described(t, client, cluster, "web")
	assert.False(t, s.EnableExecuteCommand)
	assert.Equal(t, aws.Int32(30), s.HealthCheckGracePeriodSeconds)
	assert.Equal(t, aws.Int32(150), s.DeploymentConfiguration.MaximumPercent)
	assert.Equal(t, aws.Int32(100), s.DeploymentConfiguration.MinimumHealthyPercent)
	assert.Equal(t, revisions[1], *s.TaskDefinition)
	require.Len(t, s.Deployments, 1)
	assert.Equal(t, revisions[1], *s.Deployments[0].TaskDefinition)
}

func TestECSServiceMadeAgainStartsAfresh(t *testing.T) {
	e := overMoto(t)
	client := ecs.NewFromConfig(e.config())
	cluster, revisions, _ := deployed(t, client)
	_, err := client.DeleteService(t.Context(), &ecs.DeleteServiceInput{Cluster: &cluster, Service: aws.String("web"), Force: aws.Bool(true)})
	require.NoError(t, err)
	_, err = client.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), TaskDefinition: &revisions[0], DesiredCount: aws.Int32(1),
	})
	require.NoError(t, err)
	assert.Nil(t, described(t, client, cluster, "web").DeploymentConfiguration)
}

// strategy is one provider with all the weight.
func strategy(provider string) []types.CapacityProviderStrategyItem {
	return []types.CapacityProviderStrategyItem{{CapacityProvider: &provider, Weight: 1}}
}

func TestECSServiceHasAStrategyOrALaunchType(t *testing.T) {
	e := overMoto(t)
	client := ecs.NewFromConfig(e.config())
	ctx := t.Context()
	cluster, revisions, plain := deployed(t, client)
	assert.NotEmpty(t, plain.LaunchType, "nothing changes where no strategy is given")
	both := append(strategy("FARGATE"), strategy("FARGATE_SPOT")...)
	created, err := client.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("spot"), TaskDefinition: &revisions[0], DesiredCount: aws.Int32(1), CapacityProviderStrategy: both,
	})
	require.NoError(t, err)
	has := func(s types.Service, want []types.CapacityProviderStrategyItem) {
		t.Helper()
		assert.ElementsMatch(t, want, s.CapacityProviderStrategy)
		require.Len(t, s.Deployments, 1)
		assert.ElementsMatch(t, want, s.Deployments[0].CapacityProviderStrategy)
		assert.Equal(t, want == nil, s.LaunchType != "", "launch type %q", s.LaunchType)
		assert.Equal(t, want == nil, s.Deployments[0].LaunchType != "", "launch type %q", s.Deployments[0].LaunchType)
	}
	has(*created.Service, both)
	has(described(t, client, cluster, "spot"), both)

	updated, err := client.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &cluster, Service: aws.String("spot"), CapacityProviderStrategy: strategy("FARGATE"), ForceNewDeployment: true,
	})
	require.NoError(t, err)
	has(*updated.Service, strategy("FARGATE"))
	_, err = client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &cluster, Service: aws.String("spot"), DesiredCount: aws.Int32(2)})
	require.NoError(t, err)
	has(described(t, client, cluster, "spot"), strategy("FARGATE"))
	_, err = client.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &cluster, Service: aws.String("spot"), CapacityProviderStrategy: []types.CapacityProviderStrategyItem{}, ForceNewDeployment: true,
	})
	require.NoError(t, err)
	has(described(t, client, cluster, "spot"), nil)
}

func TestECSTasksHaveTextSizes(t *testing.T) {
	e := overMoto(t)
	client := ecs.NewFromConfig(e.config())
	cluster, revisions, _ := deployed(t, client)
	run, err := client.RunTask(t.Context(), &ecs.RunTaskInput{
		Cluster: &cluster, TaskDefinition: &revisions[0], LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
	})
	require.NoError(t, err)
	require.Len(t, run.Tasks, 1)
	out, err := client.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: []string{*run.Tasks[0].TaskArn}})
	require.NoError(t, err)
	require.Len(t, out.Tasks, 1)
	require.Len(t, out.Tasks[0].Containers, 1)
	assert.Equal(t, aws.String("128"), out.Tasks[0].Containers[0].Memory)
}
