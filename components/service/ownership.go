package service

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deployed are the properties of a service that ECS lets nobody but a
// deployment of CodeDeploy change.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
func deployed() []string {
	return []string{"taskDefinition", "loadBalancers", "networkConfiguration", "platformVersion", "capacityProviderStrategies"}
}

// ownership says which properties are not Pulumi's to update: the count, which
// is autoscaling's, and with CodeDeploy what a deployment changes. A service
// that never had an image is replaced instead.
func (a *Args) ownership() []pulumi.ResourceOption {
	var ignored, replace []string
	if a.CodeDeploy && a.Serving {
		ignored = append(ignored, deployed()...)
	}
	if a.CodeDeploy && !a.Serving {
		replace = deployed()
	}
	if a.Scaled {
		ignored = append(ignored, "desiredCount")
	}
	var out []pulumi.ResourceOption
	if len(ignored) > 0 {
		out = append(out, pulumi.IgnoreChanges(ignored))
	}
	if len(replace) > 0 {
		out = append(out, pulumi.ReplaceOnChanges(replace))
	}
	return out
}

// controller is who deploys.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentController.html
func (a *Args) controller() string {
	if a.CodeDeploy {
		return "CODE_DEPLOY"
	}
	return "ECS"
}

// circuitBreaker ends ECS's own deployments, and only those.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
func (a *Args) circuitBreaker() ecs.ServiceDeploymentCircuitBreakerPtrInput {
	if a.CodeDeploy {
		return nil
	}
	return &ecs.ServiceDeploymentCircuitBreakerArgs{Enable: pulumi.Bool(true), Rollback: pulumi.Bool(true)}
}
