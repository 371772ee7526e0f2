package network

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awsxec2 "github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// builder registers the children of a component that creates its VPC.
type builder struct {
	ctx    *pulumi.Context
	name   string
	args   Args
	create CreateArgs
	owner  pulumi.Resource
}

func (b *builder) parent() pulumi.ResourceOption { return pulumi.Parent(b.owner) }

func (b *builder) tags() pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(b.args.Name)}
}

func (b *builder) build(c *Network, opts []pulumi.ResourceOption) error {
	given, err := pulumi.NewResourceOptions(opts...)
	if err != nil {
		return fmt.Errorf("read the options of %q: %w", b.name, err)
	}
	vpc, err := b.vpc(given.Providers)
	if err != nil {
		return err
	}
	if err := b.lockDefaultSecurityGroup(vpc); err != nil {
		return err
	}
	if err := b.s3Endpoint(vpc); err != nil {
		return err
	}
	if b.create.FlowLogs != nil {
		if err := b.flowLogs(vpc); err != nil {
			return err
		}
	}
	c.VPCID, c.PublicSubnetIDs, c.PrivateSubnetIDs = vpc.VpcId, vpc.PublicSubnetIds, vpc.PrivateSubnetIds
	if b.create.NAT == NATNone {
		c.PrivateSubnetIDs, c.AssignPublicIP = vpc.PublicSubnetIds, true
	}
	return nil
}

// vpc registers the awsx component. It is handed the providers, because what a
// plugin builds elsewhere inherits nothing from a parent in this program.
func (b *builder) vpc(providers []pulumi.ProviderResource) (*awsxec2.Vpc, error) {
	child := b.name + "-vpc"
	prefix, err := netip.ParsePrefix(b.create.CIDR)
	if err != nil {
		return nil, fmt.Errorf("create VPC %s: %w", child, err)
	}
	strategy := awsxec2.SubnetAllocationStrategyAuto
	vpc, err := awsxec2.NewVpc(b.ctx, child, &awsxec2.VpcArgs{
		CidrBlock:                 pulumi.StringRef(b.create.CIDR),
		NumberOfAvailabilityZones: pulumi.IntRef(b.create.Zones),
		AvailabilityZoneCidrMask:  pulumi.IntRef(prefix.Bits() + zoneBits),
		SubnetStrategy:            &strategy,
		SubnetSpecs:               []awsxec2.SubnetSpecArgs{{Type: awsxec2.SubnetTypePublic}, {Type: awsxec2.SubnetTypePrivate}},
		NatGateways:               &awsxec2.NatGatewayConfigurationArgs{Strategy: b.create.NAT.strategy()},
		EnableDnsHostnames:        pulumi.Bool(true),
		EnableDnsSupport:          pulumi.Bool(true),
		Tags:                      b.tags(),
	}, b.parent(), pulumi.Providers(providers...), pulumi.Transforms([]pulumi.ResourceTransform{withoutPublicAddresses}))
	if err != nil {
		return nil, fmt.Errorf("create VPC %s: %w", child, err)
	}
	return vpc, nil
}

func (n NAT) strategy() awsxec2.NatGatewayStrategy {
	switch n {
	case NATNone:
		return awsxec2.NatGatewayStrategyNone
	case NATPerZone:
		return awsxec2.NatGatewayStrategyOnePerAz
	case NATSingle:
	}
	return awsxec2.NatGatewayStrategySingle
}

// withoutPublicAddresses keeps a subnet from giving a public address to
// whatever starts in it.
func withoutPublicAddresses(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if args.Type != "aws:ec2/subnet:Subnet" {
		return nil
	}
	args.Props["mapPublicIpOnLaunch"] = pulumi.Bool(false)
	return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
}

// lockDefaultSecurityGroup removes every rule of the group that AWS uses where
// none is named. It cannot be deleted.
func (b *builder) lockDefaultSecurityGroup(vpc *awsxec2.Vpc) error {
	child := b.name + "-default"
	_, err := ec2.NewDefaultSecurityGroup(b.ctx, child, &ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.VpcId,
		Tags:  pulumi.StringMap{"Name": pulumi.String(b.args.Name + "-default-unused")},
	}, b.parent())
	if err != nil {
		return fmt.Errorf("lock default security group %s: %w", child, err)
	}
	return nil
}

func (b *builder) s3Endpoint(vpc *awsxec2.Vpc) error {
	child := b.name + "-s3"
	_, err := ec2.NewVpcEndpoint(b.ctx, child, &ec2.VpcEndpointArgs{
		VpcId:           vpc.VpcId,
		VpcEndpointType: pulumi.String("Gateway"),
		ServiceName:     pulumi.String("com.amazonaws." + b.args.Region + ".s3"),
		RouteTableIds:   routeTableIDs(vpc.RouteTables),
		Tags:            pulumi.StringMap{"Name": pulumi.String(b.args.Name + "-s3")},
	}, b.parent())
	if err != nil {
		return fmt.Errorf("create S3 endpoint %s: %w", child, err)
	}
	return nil
}

// routeTableIDs are the ids of all route tables: public subnets run tasks too
// where there is no NAT.
func routeTableIDs(tables ec2.RouteTableArrayOutput) pulumi.StringArrayOutput {
	return tables.ApplyT(func(list []*ec2.RouteTable) pulumi.StringArrayOutput {
		ids := make(pulumi.StringArray, len(list))
		for i, t := range list {
			ids[i] = t.ID()
		}
		return ids.ToStringArrayOutput()
	}).(pulumi.StringArrayOutput)
}
