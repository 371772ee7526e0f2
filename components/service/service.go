package service

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Service"

// Service is the component.
type Service struct {
	pulumi.ResourceState

	// ClusterName and ClusterARN identify the cluster.
	ClusterName, ClusterARN pulumi.StringOutput
	// ServiceName and ServiceARN identify the service in it.
	ServiceName, ServiceARN pulumi.StringOutput
	// TaskDefinitionARN is the revision that was last deployed, successfully
	// or not: "arn:aws:ecs:<region>:<account>:task-definition/<name>:<revision>".
	TaskDefinitionARN pulumi.StringOutput
	// LogGroupName is where the container's output goes.
	LogGroupName pulumi.StringOutput
	// SecurityGroupID is the tasks' group; what tasks connect to must let it in.
	SecurityGroupID pulumi.StringOutput
	// CapacityProvider, SubnetIDs and AssignPublicIP are how and where tasks run,
	// for whoever starts one.
	CapacityProvider pulumi.StringOutput
	SubnetIDs        pulumi.StringArrayOutput
	AssignPublicIP   pulumi.BoolOutput
	// ExecutionRoleARN is the role that ECS starts tasks with, TaskRoleARN the
	// container's own. Whoever registers task definitions needs iam:PassRole
	// on both.
	ExecutionRoleARN, TaskRoleARN pulumi.StringOutput
}

// builder registers the children of one component.
type builder struct {
	ctx    *pulumi.Context
	name   string
	args   Args
	parent *Service
}

func (b *builder) child(role string) string { return b.name + "-" + role }

func (b *builder) options(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.Parent(b.parent)}, more...)
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Service, error) {
	if args == nil {
		return nil, errors.New("service: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	c := &Service{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	b := &builder{ctx: ctx, name: name, args: args.withDefaults(), parent: c}
	if err := b.build(); err != nil {
		return nil, err
	}
	err := ctx.RegisterResourceOutputs(c, pulumi.Map{
		"clusterName": c.ClusterName, "clusterArn": c.ClusterARN,
		"serviceName": c.ServiceName, "serviceArn": c.ServiceARN,
		"taskDefinitionArn": c.TaskDefinitionARN, "logGroupName": c.LogGroupName, "securityGroupId": c.SecurityGroupID,
		"executionRoleArn": c.ExecutionRoleARN, "taskRoleArn": c.TaskRoleARN,
		"capacityProvider": c.CapacityProvider, "subnetIds": c.SubnetIDs, "assignPublicIp": c.AssignPublicIP,
	})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (b *builder) build() error {
	logs, err := b.logs()
	if err != nil {
		return err
	}
	cluster, err := b.cluster(logs)
	if err != nil {
		return err
	}
	net, err := b.network()
	if err != nil {
		return err
	}
	roles, err := b.roles(logs)
	if err != nil {
		return err
	}
	task, err := b.taskDefinition(logs, roles)
	if err != nil {
		return err
	}
	svc, err := b.service(cluster, net, roles, task)
	if err != nil {
		return err
	}
	c := b.parent
	c.ClusterName, c.ClusterARN = cluster.cluster.Name, cluster.cluster.Arn
	c.ServiceName, c.ServiceARN = svc.Name, svc.ID().ToStringOutput()
	c.TaskDefinitionARN = task.Arn
	c.LogGroupName = logs.container.Name
	c.SecurityGroupID = net.group.ID().ToStringOutput()
	c.CapacityProvider = pulumi.String(b.args.capacityProvider()).ToStringOutput()
	c.SubnetIDs, c.AssignPublicIP = b.args.SubnetIDs.ToStringArrayOutput(), pulumi.Bool(b.args.AssignPublicIP).ToBoolOutput()
	c.ExecutionRoleARN, c.TaskRoleARN = roles.execution.Arn, roles.task.Arn
	return nil
}
