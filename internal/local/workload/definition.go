package workload

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Definition is what a deployed service runs.
type Definition struct {
	// TaskDefinition is the ARN of the task definition.
	TaskDefinition string
	// Command is the container's command: arguments of the image's entry point.
	Command []string
	// Port is the port that the container listens on.
	Port int
	// HealthPath is what the load balancer asks for.
	HealthPath string
	// Environment is the container's plain variables.
	Environment map[string]string
	// Secrets maps variables to what ECS calls valueFrom.
	Secrets map[string]string
}

// Describe asks AWS what a service runs.
func Describe(ctx context.Context, cfg aws.Config, cluster, service string) (*Definition, error) {
	client := ecs.NewFromConfig(cfg)
	services, err := client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{service}})
	if err != nil {
		return nil, fmt.Errorf("describe the service %s: %w", service, err)
	}
	if len(services.Services) != 1 {
		return nil, fmt.Errorf("describe the service %s: cluster %s has %d of that name, want 1", service, cluster, len(services.Services))
	}
	deployed := services.Services[0]
	task, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: deployed.TaskDefinition})
	if err != nil {
		return nil, fmt.Errorf("describe the task definition of %s: %w", service, err)
	}
	out, group, err := define(deployed, task.TaskDefinition)
	if err != nil {
		return nil, fmt.Errorf("describe the service %s: %w", service, err)
	}
	groups, err := elb.NewFromConfig(cfg).DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{group}})
	if err != nil {
		return nil, fmt.Errorf("describe the target group of %s: %w", service, err)
	}
	if len(groups.TargetGroups) != 1 || aws.ToString(groups.TargetGroups[0].HealthCheckPath) == "" {
		return nil, fmt.Errorf("describe the target group of %s: it has no health check by HTTP", service)
	}
	out.HealthPath = aws.ToString(groups.TargetGroups[0].HealthCheckPath)
	return out, nil
}

// define picks the container behind the load balancer.
func define(service ecstypes.Service, task *ecstypes.TaskDefinition) (out *Definition, targetGroup string, err error) {
	if task == nil || len(service.LoadBalancers) == 0 {
		return nil, "", errors.New("it has no load balancer, which tells its port and its health check")
	}
	behind := service.LoadBalancers[0]
	for _, c := range task.ContainerDefinitions {
		if aws.ToString(c.Name) != aws.ToString(behind.ContainerName) {
			continue
		}
		out = &Definition{
			TaskDefinition: aws.ToString(task.TaskDefinitionArn), Command: c.Command,
			Port:        int(aws.ToInt32(behind.ContainerPort)),
			Environment: map[string]string{}, Secrets: map[string]string{},
		}
		for _, v := range c.Environment {
			out.Environment[aws.ToString(v.Name)] = aws.ToString(v.Value)
		}
		for _, s := range c.Secrets {
			out.Secrets[aws.ToString(s.Name)] = aws.ToString(s.ValueFrom)
		}
		return out, aws.ToString(behind.TargetGroupArn), nil
	}
	return nil, "", fmt.Errorf("the load balancer wants a container %q, which the task definition does not have", aws.ToString(behind.ContainerName))
}
