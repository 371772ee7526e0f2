package delivery

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/codedeploy"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Delivery"

// platform is what CodeDeploy deploys to.
const platform = "ECS"

// Delivery is the component.
type Delivery struct {
	pulumi.ResourceState

	// ApplicationName and GroupName are what a deployment is created in.
	ApplicationName, GroupName pulumi.StringOutput
	// ConfigurationName is the deployment configuration, which says how traffic
	// moves.
	ConfigurationName pulumi.StringOutput
	// RoleARN is the role that CodeDeploy uses. Whoever changes the group needs
	// iam:PassRole on it.
	RoleARN pulumi.StringOutput
}

// builder registers the children of one component.
type builder struct {
	ctx    *pulumi.Context
	name   string
	args   *Args
	parent *Delivery
}

func (b *builder) child(role string) string { return b.name + "-" + role }

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Delivery, error) {
	if args == nil {
		return nil, errors.New("delivery: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("delivery %q: %w", name, err)
	}
	c := &Delivery{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	b := &builder{ctx: ctx, name: name, args: args, parent: c}
	if err := b.build(); err != nil {
		return nil, err
	}
	err := ctx.RegisterResourceOutputs(c, pulumi.Map{
		"applicationName": c.ApplicationName, "groupName": c.GroupName,
		"configurationName": c.ConfigurationName, "roleArn": c.RoleARN,
	})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (b *builder) build() error {
	role, policy, err := b.role()
	if err != nil {
		return err
	}
	application, err := codedeploy.NewApplication(b.ctx, b.child("application"), &codedeploy.ApplicationArgs{
		Name: pulumi.String(b.args.Name), ComputePlatform: pulumi.String(platform),
	}, pulumi.Parent(b.parent))
	if err != nil {
		return fmt.Errorf("create application %s: %w", b.child("application"), err)
	}
	configuration, err := b.configuration()
	if err != nil {
		return err
	}
	group, err := b.group(application, configuration, role, policy)
	if err != nil {
		return err
	}
	c := b.parent
	c.ApplicationName, c.GroupName = application.Name, group.DeploymentGroupName
	c.ConfigurationName, c.RoleARN = group.DeploymentConfigName.Elem(), role.Arn
	return nil
}

func (b *builder) role() (*iam.Role, *iam.RolePolicy, error) {
	trust, err := trustPolicy()
	if err != nil {
		return nil, nil, err
	}
	role, err := iam.NewRole(b.ctx, b.child("role"), &iam.RoleArgs{
		Name: pulumi.String(b.args.Name + "-codedeploy"), Description: pulumi.String("Deploys " + b.args.Name),
		AssumeRolePolicy: pulumi.String(trust),
	}, pulumi.Parent(b.parent))
	if err != nil {
		return nil, nil, fmt.Errorf("create role %s: %w", b.child("role"), err)
	}
	a := b.args
	document := pulumi.All(
		a.AccountID, a.ClusterName, a.ServiceName, a.ListenerARN, a.TestListenerARN, a.ExecutionRoleARN, a.TaskRoleARN,
	).ApplyT(func(v []any) (string, error) {
		text := func(i int) string { return v[i].(string) }
		return deploymentPolicy(owned{
			region: a.Region, account: text(0), cluster: text(1), service: text(2),
			listener: text(3), testListener: text(4), executionRoleARN: text(5), taskRoleARN: text(6),
		})
	}).(pulumi.StringOutput)
	policy, err := iam.NewRolePolicy(b.ctx, b.child("policy"), &iam.RolePolicyArgs{Role: role.Name, Policy: document}, pulumi.Parent(b.parent))
	if err != nil {
		return nil, nil, fmt.Errorf("create role policy %s: %w", b.child("policy"), err)
	}
	return role, policy, nil
}

// rollbackEvents are all that CodeDeploy knows.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_AutoRollbackConfiguration.html
var rollbackEvents = []string{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}

func (b *builder) group(
	application *codedeploy.Application, configuration pulumi.StringInput, role *iam.Role, policy *iam.RolePolicy,
) (*codedeploy.DeploymentGroup, error) {
	a, child := b.args, b.child("group")
	group, err := codedeploy.NewDeploymentGroup(b.ctx, child, &codedeploy.DeploymentGroupArgs{
		AppName: application.Name, DeploymentGroupName: pulumi.String(a.Name),
		ServiceRoleArn: role.Arn, DeploymentConfigName: configuration,
		DeploymentStyle: &codedeploy.DeploymentGroupDeploymentStyleArgs{
			DeploymentType: pulumi.String("BLUE_GREEN"), DeploymentOption: pulumi.String("WITH_TRAFFIC_CONTROL"),
		},
		EcsService:                &codedeploy.DeploymentGroupEcsServiceArgs{ClusterName: a.ClusterName, ServiceName: a.ServiceName},
		LoadBalancerInfo:          a.traffic(),
		BlueGreenDeploymentConfig: a.steps(),
		AlarmConfiguration: &codedeploy.DeploymentGroupAlarmConfigurationArgs{
			Alarms: pulumi.ToStringArray(a.Alarms), Enabled: pulumi.Bool(len(a.Alarms) > 0),
			// A deployment that cannot see its alarms must not go on as if they were
			// quiet.
			IgnorePollAlarmFailure: pulumi.Bool(false),
		},
		AutoRollbackConfiguration: &codedeploy.DeploymentGroupAutoRollbackConfigurationArgs{
			Enabled: pulumi.Bool(true), Events: pulumi.ToStringArray(rollbackEvents),
		},
		// The role is of no use before its policy.
	}, pulumi.Parent(b.parent), pulumi.DependsOn([]pulumi.Resource{policy}))
	if err != nil {
		return nil, fmt.Errorf("create deployment group %s: %w", child, err)
	}
	return group, nil
}

// traffic is between what CodeDeploy moves it.
func (a *Args) traffic() *codedeploy.DeploymentGroupLoadBalancerInfoArgs {
	type (
		pair   = codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupPairInfoArgs
		group  = codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupPairInfoTargetGroupArgs
		groups = codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupPairInfoTargetGroupArray
		users  = codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupPairInfoProdTrafficRouteArgs
		test   = codedeploy.DeploymentGroupLoadBalancerInfoTargetGroupPairInfoTestTrafficRouteArgs
	)
	return &codedeploy.DeploymentGroupLoadBalancerInfoArgs{TargetGroupPairInfo: &pair{
		ProdTrafficRoute: &users{ListenerArns: pulumi.StringArray{a.ListenerARN}},
		TestTrafficRoute: &test{ListenerArns: pulumi.StringArray{a.TestListenerARN}},
		TargetGroups:     groups{&group{Name: a.TargetGroupNames[0]}, &group{Name: a.TargetGroupNames[1]}},
	}}
}

// steps are the waits of a deployment.
func (a *Args) steps() *codedeploy.DeploymentGroupBlueGreenDeploymentConfigArgs {
	type (
		ready = codedeploy.DeploymentGroupBlueGreenDeploymentConfigDeploymentReadyOptionArgs
		end   = codedeploy.DeploymentGroupBlueGreenDeploymentConfigTerminateBlueInstancesOnDeploymentSuccessArgs
	)
	return &codedeploy.DeploymentGroupBlueGreenDeploymentConfigArgs{
		DeploymentReadyOption: &ready{
			ActionOnTimeout: pulumi.String("STOP_DEPLOYMENT"), WaitTimeInMinutes: pulumi.Int(a.readyWait()),
		},
		TerminateBlueInstancesOnDeploymentSuccess: &end{
			Action: pulumi.String("TERMINATE"), TerminationWaitTimeInMinutes: pulumi.Int(a.TerminationWaitMinutes),
		},
	}
}
