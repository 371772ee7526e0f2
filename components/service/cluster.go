package service

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Capacity providers of Fargate.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
const (
	onDemand = "FARGATE"
	spot     = "FARGATE_SPOT"
)

func (a *Args) capacityProvider() string {
	if a.Spot {
		return spot
	}
	return onDemand
}

// logGroups are where output goes. exec is nil without Args.Exec.
type logGroups struct{ container, exec *cloudwatch.LogGroup }

func (b *builder) logs() (logGroups, error) {
	var out logGroups
	var err error
	if out.container, err = b.logGroup("logs", "/ecs/"+b.args.Name); err != nil {
		return out, err
	}
	if b.args.Exec {
		out.exec, err = b.logGroup("exec-logs", "/ecs/"+b.args.Name+"/exec")
	}
	return out, err
}

func (b *builder) logGroup(role, physical string) (*cloudwatch.LogGroup, error) {
	g, err := cloudwatch.NewLogGroup(b.ctx, b.child(role), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(physical),
		RetentionInDays: pulumi.Int(b.args.LogRetentionDays),
	}, b.options()...)
	if err != nil {
		return nil, fmt.Errorf("create log group %s: %w", b.child(role), err)
	}
	return g, nil
}

type clusterParts struct {
	cluster  *ecs.Cluster
	capacity *ecs.ClusterCapacityProviders
}

func (b *builder) cluster(logs logGroups) (clusterParts, error) {
	insights := "disabled"
	if b.args.ContainerInsights {
		insights = "enabled"
	}
	args := &ecs.ClusterArgs{
		Name: pulumi.String(b.args.Name),
		// Stated even when off: otherwise the account's own default decides.
		Settings: ecs.ClusterSettingArray{
			&ecs.ClusterSettingArgs{Name: pulumi.String("containerInsights"), Value: pulumi.String(insights)},
		},
	}
	if logs.exec != nil {
		args.Configuration = &ecs.ClusterConfigurationArgs{
			ExecuteCommandConfiguration: &ecs.ClusterConfigurationExecuteCommandConfigurationArgs{
				Logging: pulumi.String("OVERRIDE"),
				LogConfiguration: &ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs{
					CloudWatchLogGroupName: logs.exec.Name,
				},
			},
		}
	}
	var out clusterParts
	var err error
	if out.cluster, err = ecs.NewCluster(b.ctx, b.child("cluster"), args, b.options()...); err != nil {
		return out, fmt.Errorf("create cluster %s: %w", b.child("cluster"), err)
	}
	// Both are there whichever is used, so that switching needs no second step.
	out.capacity, err = ecs.NewClusterCapacityProviders(b.ctx, b.child("capacity"), &ecs.ClusterCapacityProvidersArgs{
		ClusterName:       out.cluster.Name,
		CapacityProviders: pulumi.ToStringArray([]string{onDemand, spot}),
		DefaultCapacityProviderStrategies: ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArray{
			&ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs{
				CapacityProvider: pulumi.String(b.args.capacityProvider()), Weight: pulumi.Int(1),
			},
		},
	}, b.options()...)
	if err != nil {
		return out, fmt.Errorf("create capacity providers %s: %w", b.child("capacity"), err)
	}
	return out, nil
}
