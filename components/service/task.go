package service

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func (b *builder) taskDefinition(logs logGroups, roles taskRoles) (*ecs.TaskDefinition, error) {
	a := b.args
	volumes := ecs.TaskDefinitionVolumeArray{}
	for _, m := range mounts(a.Exec) {
		volumes = append(volumes, &ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(m.volume)})
	}
	task, err := ecs.NewTaskDefinition(b.ctx, b.child("task"), &ecs.TaskDefinitionArgs{
		Family:                  pulumi.String(a.Name),
		Cpu:                     pulumi.String(fmt.Sprint(a.CPU)),
		Memory:                  pulumi.String(fmt.Sprint(a.MemoryMiB)),
		NetworkMode:             pulumi.String("awsvpc"),
		RequiresCompatibilities: pulumi.ToStringArray([]string{"FARGATE"}),
		RuntimePlatform: &ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture: pulumi.String(a.Architecture), OperatingSystemFamily: pulumi.String("LINUX"),
		},
		ExecutionRoleArn:     roles.execution.Arn,
		TaskRoleArn:          roles.task.Arn,
		Volumes:              volumes,
		ContainerDefinitions: b.containerDefinitions(logs),
		// A service cannot go back to a revision that is deregistered, and
		// replacing this resource would deregister the one before.
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
		SkipDestroy: pulumi.Bool(true),
	}, b.options()...)
	if err != nil {
		return nil, fmt.Errorf("create task definition %s: %w", b.child("task"), err)
	}
	return task, nil
}

func (b *builder) containerDefinitions(logs logGroups) pulumi.StringOutput {
	a := b.args
	c := container{
		name: a.ServiceName, user: a.User, port: a.Port, stopTimeout: a.StopTimeoutSeconds,
		command: a.Command, healthCommand: a.HealthCheckCommand, environment: a.Environment,
		region: a.Region, exec: a.Exec,
	}
	return pulumi.All(a.Image, logs.container.Name, pulumi.StringMap(a.Secrets)).ApplyT(func(v []any) (string, error) {
		c := c
		c.image, c.logGroup, c.secrets = v[0].(string), v[1].(string), v[2].(map[string]string)
		return containerDefinitions(c)
	}).(pulumi.StringOutput)
}

func (b *builder) service(cluster clusterParts, net taskNetwork, roles taskRoles, task *ecs.TaskDefinition) (*ecs.Service, error) {
	a := b.args
	after := slices.Concat([]pulumi.Resource{cluster.capacity}, net.rules, roles.policies, a.After)
	// The name is taken until the old service is gone.
	opts := []pulumi.ResourceOption{pulumi.DependsOn(after), pulumi.DeleteBeforeReplace(true)}
	opts = append(opts, a.ownership()...)
	svc, err := ecs.NewService(b.ctx, b.child("service"), &ecs.ServiceArgs{
		Name:           pulumi.String(a.ServiceName),
		Cluster:        cluster.cluster.Arn,
		TaskDefinition: task.Arn,
		DesiredCount:   pulumi.Int(a.DesiredCount),
		CapacityProviderStrategies: ecs.ServiceCapacityProviderStrategyArray{
			&ecs.ServiceCapacityProviderStrategyArgs{CapacityProvider: pulumi.String(a.capacityProvider()), Weight: pulumi.Int(1)},
		},
		PlatformVersion: pulumi.String("LATEST"),
		NetworkConfiguration: &ecs.ServiceNetworkConfigurationArgs{
			Subnets:        a.SubnetIDs,
			SecurityGroups: pulumi.StringArray{net.group.ID()},
			AssignPublicIp: pulumi.Bool(a.AssignPublicIP),
		},
		LoadBalancers: ecs.ServiceLoadBalancerArray{&ecs.ServiceLoadBalancerArgs{
			TargetGroupArn: a.TargetGroupARN, ContainerName: pulumi.String(a.ServiceName), ContainerPort: pulumi.Int(a.Port),
		}},
		HealthCheckGracePeriodSeconds: pulumi.Int(a.HealthCheckGraceSeconds),

		DeploymentController:            &ecs.ServiceDeploymentControllerArgs{Type: pulumi.String(a.controller())},
		DeploymentCircuitBreaker:        a.circuitBreaker(),
		Alarms:                          a.alarms(),
		DeploymentMinimumHealthyPercent: pulumi.Int(a.MinimumHealthyPercent),
		DeploymentMaximumPercent:        pulumi.Int(a.MaximumPercent),
		AvailabilityZoneRebalancing:     pulumi.String(a.rebalancing()),
		// Not waited for: a service that was rolled back is steady, too, and
		// the update would report success.
		WaitForSteadyState: pulumi.Bool(false),
		// Without it, moving between on-demand and Spot replaces the service.
		// ECS refuses it where CodeDeploy deploys.
		ForceNewDeployment: pulumi.Bool(!a.CodeDeploy),

		EnableExecuteCommand: pulumi.Bool(a.Exec),
		EnableEcsManagedTags: pulumi.Bool(true),
		PropagateTags:        pulumi.String("SERVICE"),
	}, b.options(opts...)...)
	if err != nil {
		return nil, fmt.Errorf("create service %s: %w", b.child("service"), err)
	}
	return svc, nil
}

// alarms are what a deployment is rolled back on, or nil.
func (a *Args) alarms() ecs.ServiceAlarmsPtrInput {
	if len(a.RollbackAlarms) == 0 {
		return nil
	}
	return &ecs.ServiceAlarmsArgs{
		AlarmNames: pulumi.ToStringArray(a.RollbackAlarms), Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true),
	}
}

// rebalancing evens out tasks across Availability Zones, which needs room for
// one more task than desired. It starts and stops tasks of its own, and AWS does
// not say what that does to a shift of traffic between two task sets, which
// fails while their tasks come and go: with CodeDeploy it is off.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
func (a *Args) rebalancing() string {
	if a.MaximumPercent > 100 && !a.CodeDeploy {
		return "ENABLED"
	}
	return "DISABLED"
}
