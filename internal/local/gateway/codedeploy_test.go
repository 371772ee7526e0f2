package gateway_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func createApplication(t *testing.T, client *codedeploy.Client, name, team string) {
	t.Helper()
	_, err := client.CreateApplication(t.Context(), &codedeploy.CreateApplicationInput{
		ApplicationName: &name, ComputePlatform: types.ComputePlatformEcs, Tags: []types.Tag{{Key: aws.String("team"), Value: &team}},
	})
	require.NoError(t, err)
}

func createGroup(t *testing.T, client *codedeploy.Client, application string) {
	t.Helper()
	_, err := client.CreateDeploymentGroup(t.Context(), &codedeploy.CreateDeploymentGroupInput{
		ApplicationName: &application, DeploymentGroupName: aws.String("web"), ServiceRoleArn: aws.String("arn:aws:iam::123456789012:role/deploy"),
		AlarmConfiguration: &types.AlarmConfiguration{Enabled: true, Alarms: []types.Alarm{{Name: aws.String("errors")}}},
		EcsServices:        []types.ECSService{{ClusterName: aws.String("c"), ServiceName: aws.String("s")}},
	})
	require.NoError(t, err)
}

func getGroup(t *testing.T, client *codedeploy.Client, application string) (*types.DeploymentGroupInfo, error) {
	t.Helper()
	out, err := client.GetDeploymentGroup(t.Context(), &codedeploy.GetDeploymentGroupInput{ApplicationName: &application, DeploymentGroupName: aws.String("web")})
	if err != nil {
		return nil, err
	}
	return out.DeploymentGroupInfo, nil
}

func TestCodeDeployApplication(t *testing.T) {
	e := overMoto(t)
	client := codedeploy.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	for _, team := range []string{"first", "second"} {
		createApplication(t, client, name, team)
		got, err := client.GetApplication(ctx, &codedeploy.GetApplicationInput{ApplicationName: &name})
		require.NoError(t, err)
		assert.WithinDuration(t, time.Now(), *got.Application.CreateTime, time.Minute)
		assert.Equal(t, types.ComputePlatformEcs, got.Application.ComputePlatform)
		tags, err := client.ListTagsForResource(ctx, &codedeploy.ListTagsForResourceInput{
			ResourceArn: aws.String("arn:aws:codedeploy:eu-west-1:" + account + ":application:" + name),
		})
		require.NoError(t, err)
		assert.Equal(t, team, *tags.Tags[0].Value, "a deleted application's tags must not come back")

		_, err = client.CreateApplication(ctx, &codedeploy.CreateApplicationInput{ApplicationName: &name})
		var exists *types.ApplicationAlreadyExistsException
		require.ErrorAs(t, err, &exists)
		_, err = client.DeleteApplication(ctx, &codedeploy.DeleteApplicationInput{ApplicationName: &name})
		require.NoError(t, err)
		_, err = client.GetApplication(ctx, &codedeploy.GetApplicationInput{ApplicationName: &name})
		var missing *types.ApplicationDoesNotExistException
		require.ErrorAs(t, err, &missing)
	}
}

func TestCodeDeployGroup(t *testing.T) {
	e := overMoto(t)
	client := codedeploy.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	createApplication(t, client, name, "orders")
	for range 2 {
		createGroup(t, client, name)
		group, err := getGroup(t, client, name)
		require.NoError(t, err)
		assert.True(t, group.AlarmConfiguration.Enabled)
		assert.Equal(t, "errors", *group.AlarmConfiguration.Alarms[0].Name)
		assert.Equal(t, "CodeDeployDefault.ECSAllAtOnce", *group.DeploymentConfigName)

		_, err = client.UpdateDeploymentGroup(ctx, &codedeploy.UpdateDeploymentGroupInput{
			ApplicationName: &name, CurrentDeploymentGroupName: aws.String("web"), DeploymentConfigName: aws.String("canary"),
			AlarmConfiguration: &types.AlarmConfiguration{Enabled: false},
		})
		require.NoError(t, err)
		group, err = getGroup(t, client, name)
		require.NoError(t, err)
		assert.False(t, group.AlarmConfiguration.Enabled)
		assert.Equal(t, "canary", *group.DeploymentConfigName)
		assert.Equal(t, "c", *group.EcsServices[0].ClusterName, "what an update does not name stays")

		list, err := client.ListDeploymentGroups(ctx, &codedeploy.ListDeploymentGroupsInput{ApplicationName: &name})
		require.NoError(t, err)
		assert.Equal(t, []string{"web"}, list.DeploymentGroups)
		_, err = client.DeleteDeploymentGroup(ctx, &codedeploy.DeleteDeploymentGroupInput{ApplicationName: &name, DeploymentGroupName: aws.String("web")})
		require.NoError(t, err)
		_, err = getGroup(t, client, name)
		var missing *types.DeploymentGroupDoesNotExistException
		require.ErrorAs(t, err, &missing)
	}
}

func TestCodeDeployGroupsGoWithTheirApplication(t *testing.T) {
	e := overMoto(t)
	client := codedeploy.NewFromConfig(e.config())
	name := unique(t)
	createApplication(t, client, name, "orders")
	createGroup(t, client, name)
	_, err := client.DeleteApplication(t.Context(), &codedeploy.DeleteApplicationInput{ApplicationName: &name})
	require.NoError(t, err)
	createApplication(t, client, name, "orders")
	_, err = getGroup(t, client, name)
	var missing *types.DeploymentGroupDoesNotExistException
	require.ErrorAs(t, err, &missing)
}

func TestCodeDeployDeploymentHasTimes(t *testing.T) {
	e := overMoto(t)
	client := codedeploy.NewFromConfig(e.config())
	name := unique(t)
	// Moto answers for what is not deployed to ECS.
	_, err := client.CreateApplication(t.Context(), &codedeploy.CreateApplicationInput{
		ApplicationName: &name, ComputePlatform: types.ComputePlatformServer,
	})
	require.NoError(t, err)
	createGroup(t, client, name)
	made, err := client.CreateDeployment(t.Context(), &codedeploy.CreateDeploymentInput{
		ApplicationName: &name, DeploymentGroupName: aws.String("web"),
		Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: aws.String("{}")}},
	})
	require.NoError(t, err)
	got, err := client.GetDeployment(t.Context(), &codedeploy.GetDeploymentInput{DeploymentId: made.DeploymentId})
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), *got.DeploymentInfo.CreateTime, time.Minute)
}

func TestCodeDeployConfiguration(t *testing.T) {
	e := overMoto(t)
	client := codedeploy.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	_, err := client.CreateDeploymentConfig(ctx, &codedeploy.CreateDeploymentConfigInput{
		DeploymentConfigName: &name, ComputePlatform: types.ComputePlatformEcs,
		TrafficRoutingConfig: &types.TrafficRoutingConfig{
			Type:            types.TrafficRoutingTypeTimeBasedCanary,
			TimeBasedCanary: &types.TimeBasedCanary{CanaryInterval: 5, CanaryPercentage: 10},
		},
	})
	require.NoError(t, err)
	got, err := client.GetDeploymentConfig(ctx, &codedeploy.GetDeploymentConfigInput{DeploymentConfigName: &name})
	require.NoError(t, err)
	assert.Equal(t, int32(10), got.DeploymentConfigInfo.TrafficRoutingConfig.TimeBasedCanary.CanaryPercentage)
	list, err := client.ListDeploymentConfigs(ctx, &codedeploy.ListDeploymentConfigsInput{})
	require.NoError(t, err)
	assert.Equal(t, []string{name}, list.DeploymentConfigsList)
	_, err = client.DeleteDeploymentConfig(ctx, &codedeploy.DeleteDeploymentConfigInput{DeploymentConfigName: &name})
	require.NoError(t, err)
	_, err = client.GetDeploymentConfig(ctx, &codedeploy.GetDeploymentConfigInput{DeploymentConfigName: &name})
	var missing *types.DeploymentConfigDoesNotExistException
	assert.ErrorAs(t, err, &missing)
}
