package delivery

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codedeploy"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// predefined is AWS's own configuration for a shift, or "".
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configuration-ecs
func predefined(s Strategy, percent, minutes int) string {
	type shift struct {
		strategy         Strategy
		percent, minutes int
	}
	return map[shift]string{
		{BlueGreen, 0, 0}: "CodeDeployDefault.ECSAllAtOnce",
		{Canary, 10, 5}:   "CodeDeployDefault.ECSCanary10Percent5Minutes",
		{Canary, 10, 15}:  "CodeDeployDefault.ECSCanary10Percent15Minutes",
		{Linear, 10, 1}:   "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
		{Linear, 10, 3}:   "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
	}[shift{s, percent, minutes}]
}

// configuration is the name of the deployment configuration, which it registers
// where AWS has none. Nothing of one can be changed: its name says what it is,
// so that another one can exist before it goes.
func (b *builder) configuration() (pulumi.StringInput, error) {
	a, child := b.args, b.child("configuration")
	if name := predefined(a.Strategy, a.Percent, a.Minutes); name != "" {
		return pulumi.String(name), nil
	}
	c, err := codedeploy.NewDeploymentConfig(b.ctx, child, &codedeploy.DeploymentConfigArgs{
		DeploymentConfigName: pulumi.Sprintf("%s-%s-%d-%d", a.Name, string(a.Strategy), a.Percent, a.Minutes),
		ComputePlatform:      pulumi.String(platform),
		TrafficRoutingConfig: a.routing(),
	}, pulumi.Parent(b.parent))
	if err != nil {
		return nil, fmt.Errorf("create deployment configuration %s: %w", child, err)
	}
	return c.DeploymentConfigName, nil
}

// routing is the shift as CodeDeploy takes it.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TrafficRoutingConfig.html
func (a *Args) routing() *codedeploy.DeploymentConfigTrafficRoutingConfigArgs {
	if a.Strategy == Linear {
		return &codedeploy.DeploymentConfigTrafficRoutingConfigArgs{
			Type: pulumi.String("TimeBasedLinear"),
			TimeBasedLinear: &codedeploy.DeploymentConfigTrafficRoutingConfigTimeBasedLinearArgs{
				Percentage: pulumi.Int(a.Percent), Interval: pulumi.Int(a.Minutes),
			},
		}
	}
	return &codedeploy.DeploymentConfigTrafficRoutingConfigArgs{
		Type: pulumi.String("TimeBasedCanary"),
		TimeBasedCanary: &codedeploy.DeploymentConfigTrafficRoutingConfigTimeBasedCanaryArgs{
			Percentage: pulumi.Int(a.Percent), Interval: pulumi.Int(a.Minutes),
		},
	}
}
