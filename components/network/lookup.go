package network

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// lookUpDefault uses the account's default VPC. Its default subnets, one a
// zone, are public: their route table leads to an internet gateway.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
func (c *Network) lookUpDefault(ctx *pulumi.Context) error {
	vpc, err := ec2.LookupVpc(ctx, &ec2.LookupVpcArgs{Default: pulumi.BoolRef(true)}, pulumi.Parent(c))
	if err != nil {
		return fmt.Errorf("look up the default VPC (without one, create a VPC or adopt one by its id): %w", err)
	}
	subnets, err := ec2.GetSubnets(ctx, &ec2.GetSubnetsArgs{Filters: []ec2.GetSubnetsFilter{
		{Name: "vpc-id", Values: []string{vpc.Id}},
		{Name: "default-for-az", Values: []string{"true"}},
	}}, pulumi.Parent(c))
	if err != nil {
		return fmt.Errorf("look up the subnets of the default VPC %s: %w", vpc.Id, err)
	}
	if len(subnets.Ids) < minSubnets {
		return fmt.Errorf("look up the subnets of the default VPC %s: found %d default subnet(s), want %d or more, in different zones",
			vpc.Id, len(subnets.Ids), minSubnets)
	}
	// AWS promises no order, and another order would be a change.
	ids := pulumi.ToStringArray(slices.Sorted(slices.Values(subnets.Ids))).ToStringArrayOutput()
	c.VPCID = pulumi.String(vpc.Id).ToStringOutput()
	c.PublicSubnetIDs, c.PrivateSubnetIDs = ids, ids
	c.AssignPublicIP = true
	return nil
}
