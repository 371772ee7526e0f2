package sdk

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

type providerArgs struct {
	Region *string `pulumi:"region"`
}

func NewProvider(ctx *pulumi.Context, name string) {
	ctx.RegisterResource("pulumi:providers:sdk", name, nil, nil)
}
