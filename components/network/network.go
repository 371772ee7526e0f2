package network

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Network"

// Network is the component.
type Network struct {
	pulumi.ResourceState

	// VPCID is the VPC's id.
	VPCID pulumi.StringOutput
	// PublicSubnetIDs are where internet-facing load balancers go.
	PublicSubnetIDs pulumi.StringArrayOutput
	// PrivateSubnetIDs are where tasks go. Where AssignPublicIP is set they are
	// the public ones.
	PrivateSubnetIDs pulumi.StringArrayOutput
	// AssignPublicIP says that tasks in PrivateSubnetIDs reach the internet by
	// public addresses of their own, because there is no NAT gateway.
	AssignPublicIP bool
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field. With Mode
// Default it fails unless the account has a default VPC with two subnets.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Network, error) {
	if args == nil {
		return nil, errors.New("network: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("network %q: %w", name, err)
	}

	c := &Network{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	var err error
	switch args.Mode {
	case Create:
		b := &builder{ctx: ctx, name: name, args: *args, create: args.Create.withDefaults(), owner: c}
		err = b.build(c, opts)
	case Adopt:
		c.VPCID = pulumi.String(args.Adopt.VPCID).ToStringOutput()
		c.PublicSubnetIDs = pulumi.ToStringArray(args.Adopt.PublicSubnetIDs).ToStringArrayOutput()
		c.PrivateSubnetIDs = pulumi.ToStringArray(args.Adopt.PrivateSubnetIDs).ToStringArrayOutput()
	case Default:
		err = c.lookUpDefault(ctx)
	}
	if err != nil {
		return nil, err
	}

	err = ctx.RegisterResourceOutputs(c, pulumi.Map{
		"vpcId": c.VPCID, "publicSubnetIds": c.PublicSubnetIDs, "privateSubnetIds": c.PrivateSubnetIDs,
		"assignPublicIp": pulumi.Bool(c.AssignPublicIP),
	})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}
