package ecr

import (
	"example.com/sdk/types"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type IPRepositoryScan struct {
	ScanOnPush bool `pulumi:"scanOnPush"`
}

// ScanOutput is an output type, which properties never are.
type ScanOutput struct{ *pulumi.OutputState }

// KinesisOutput is a property's type that is only named like an output.
type KinesisOutput struct {
	ResourceArn string `pulumi:"resourceArn"`
}

type ipRepositoryState struct {
	Arn        *string               `pulumi:"arn"`
	Mutability *types.Mutability     `pulumi:"mutability"`
	Endpoint   *types.Endpoint       `pulumi:"endpoint"`
	Zones      []string              `pulumi:"zones"`
	Count      *int                  `pulumi:"count"`
	Tags       map[string]string     `pulumi:"tags"`
	Scan       *IPRepositoryScan     `pulumi:"scan"`
	Kinesis    *KinesisOutput        `pulumi:"kinesis"`
	Odd        ScanOutput            `pulumi:"odd"`
	Open       interface{}           `pulumi:"open"`
	Code       pulumi.Archive        `pulumi:"code"`
	Source     pulumi.AssetOrArchive `pulumi:"source,optional"`
	private    string
}

type ipRepositoryArgs struct {
	Mutability *types.Mutability `pulumi:"mutability"`
	Tags       map[string]string `pulumi:"tags"`
}

func NewIPRepository(ctx *pulumi.Context, name string) error {
	return ctx.RegisterResource("sdk:ecr/repository:IPRepository", name, nil, nil)
}

type LookupRepositoryArgs struct {
	Name string `pulumi:"name"`
}

type LookupRepositoryResult struct {
	Arn string `pulumi:"arn"`
}

func LookupRepository(ctx *pulumi.Context, args *LookupRepositoryArgs, opts ...pulumi.InvokeOption) (*LookupRepositoryResult, error) {
	var rv LookupRepositoryResult
	err := ctx.Invoke("sdk:ecr/getRepository:getRepository", args, &rv, opts...)
	return &rv, err
}
