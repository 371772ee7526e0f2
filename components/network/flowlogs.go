package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// flowLogIntervalSeconds is how much one record covers, 60 or 600. The longer
// one writes, and costs, less.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-basics.html
const flowLogIntervalSeconds = 600

// flowLogs records every connection of the VPC.
func (b *builder) flowLogs(vpc *awsxec2.Vpc) error {
	child := b.name + "-flow-logs"
	group, err := cloudwatch.NewLogGroup(b.ctx, child, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/vpc/" + b.args.Name + "/flow-logs"),
		RetentionInDays: pulumi.Int(b.create.FlowLogs.RetentionDays),
		Tags:            b.tags(),
	}, b.parent())
	if err != nil {
		return fmt.Errorf("create log group %s: %w", child, err)
	}
	role, policy, err := b.flowLogRole(child, group)
	if err != nil {
		return err
	}
	_, err = ec2.NewFlowLog(b.ctx, child, &ec2.FlowLogArgs{
		VpcId:                  vpc.VpcId,
		TrafficType:            pulumi.String("ALL"),
		LogDestinationType:     pulumi.String("cloud-watch-logs"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.Arn,
		MaxAggregationInterval: pulumi.Int(flowLogIntervalSeconds),
		Tags:                   b.tags(),
	}, b.parent(), pulumi.DependsOn([]pulumi.Resource{policy}))
	if err != nil {
		return fmt.Errorf("create flow log %s: %w", child, err)
	}
	return nil
}

// flowLogRole is what the flow log service writes with.
func (b *builder) flowLogRole(child string, group *cloudwatch.LogGroup) (*iam.Role, *iam.RolePolicy, error) {
	account, err := aws.GetCallerIdentity(b.ctx, &aws.GetCallerIdentityArgs{}, b.parentInvoke())
	if err != nil {
		return nil, nil, fmt.Errorf("ask AWS for the account: %w", err)
	}
	trust, err := flowLogTrust(b.args.Region, account.AccountId)
	if err != nil {
		return nil, nil, err
	}
	role, err := iam.NewRole(b.ctx, child, &iam.RoleArgs{
		Name:             pulumi.String(b.args.Name + "-flow-logs"),
		Description:      pulumi.String("VPC flow logs: writes to one log group"),
		AssumeRolePolicy: pulumi.String(trust),
		Tags:             b.tags(),
	}, b.parent())
	if err != nil {
		return nil, nil, fmt.Errorf("create role %s: %w", child, err)
	}
	policy, err := iam.NewRolePolicy(b.ctx, child, &iam.RolePolicyArgs{
		Role:   role.Name,
		Policy: group.Arn.ApplyT(flowLogPolicy).(pulumi.StringOutput),
	}, b.parent())
	if err != nil {
		return nil, nil, fmt.Errorf("create role policy %s: %w", child, err)
	}
	return role, policy, nil
}

// parentInvoke makes a data source use the component's provider.
func (b *builder) parentInvoke() pulumi.InvokeOption { return pulumi.Parent(b.owner) }
