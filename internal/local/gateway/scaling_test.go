package gateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScalableTargetsHaveTags(t *testing.T) {
	e := overMoto(t)
	cluster, _, _ := deployed(t, ecs.NewFromConfig(e.config()))
	client := applicationautoscaling.NewFromConfig(e.config())
	ctx, id := t.Context(), "service/"+cluster+"/web"
	target, err := client.RegisterScalableTarget(ctx, &applicationautoscaling.RegisterScalableTargetInput{
		ResourceId: &id, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ServiceNamespace: types.ServiceNamespaceEcs,
		MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(4), Tags: map[string]string{"team": "orders", "stage": "dev"},
	})
	require.NoError(t, err)
	tags := func() map[string]string {
		out, err := client.ListTagsForResource(ctx, &applicationautoscaling.ListTagsForResourceInput{ResourceARN: target.ScalableTargetARN})
		require.NoError(t, err)
		return out.Tags
	}
	assert.Equal(t, map[string]string{"team": "orders", "stage": "dev"}, tags())

	_, err = client.TagResource(ctx, &applicationautoscaling.TagResourceInput{
		ResourceARN: target.ScalableTargetARN, Tags: map[string]string{"stage": "prod"},
	})
	require.NoError(t, err)
	_, err = client.UntagResource(ctx, &applicationautoscaling.UntagResourceInput{ResourceARN: target.ScalableTargetARN, TagKeys: []string{"team"}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"stage": "prod"}, tags())

	_, err = client.DeregisterScalableTarget(ctx, &applicationautoscaling.DeregisterScalableTargetInput{
		ResourceId: &id, ScalableDimension: types.ScalableDimensionECSServiceDesiredCount, ServiceNamespace: types.ServiceNamespaceEcs,
	})
	require.NoError(t, err)
	_, err = client.ListTagsForResource(ctx, &applicationautoscaling.ListTagsForResourceInput{ResourceARN: target.ScalableTargetARN})
	var missing *types.ResourceNotFoundException
	assert.ErrorAs(t, err, &missing)
}
