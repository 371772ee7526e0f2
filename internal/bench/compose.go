//nolint:depguard // the benchmark composes the components, as stacks does, and nothing imports it
package bench

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/components/ingress"
	"evenkeel/components/network"
	"evenkeel/components/notifications"
	"evenkeel/components/registry"
	"evenkeel/components/secrets"
	"evenkeel/components/service"
)

const (
	region = "eu-west-1"
	port   = 8080
	// image is the digest of an empty input: no task runs in an emulation.
	image = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// Program is a Pulumi program with services, each with everything that a stack
// gives one: a repository, secrets, a load balancer and the ECS service. The
// network and the topics are shared, as they would be in one account.
func Program(services int) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		f := &fleet{ctx: ctx}
		if err := f.share(); err != nil {
			return err
		}
		for i := 1; i <= services; i++ {
			if err := f.add(i); err != nil {
				return fmt.Errorf("compose service %d: %w", i, err)
			}
		}
		return nil
	}
}

// fleet is one run of the program.
type fleet struct {
	ctx       *pulumi.Context
	providers pulumi.ResourceOption
	accountID pulumi.StringInput
	network   *network.Network
}

func (f *fleet) share() error {
	p, err := aws.NewProvider(f.ctx, "aws", &aws.ProviderArgs{
		Region:      pulumi.String(region),
		DefaultTags: &aws.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{"Stack": pulumi.String(f.ctx.Stack())}},
	})
	if err != nil {
		return fmt.Errorf("register the AWS provider: %w", err)
	}
	f.providers = pulumi.Providers(p)
	id, err := aws.GetCallerIdentity(f.ctx, &aws.GetCallerIdentityArgs{}, pulumi.Provider(p))
	if err != nil {
		return fmt.Errorf("ask AWS for the account: %w", err)
	}
	f.accountID = pulumi.String(id.AccountId)
	f.network, err = network.New(f.ctx, "network", &network.Args{Name: "bench", Region: region, Mode: network.Default}, f.providers)
	if err != nil {
		return err
	}
	_, err = notifications.New(f.ctx, "notifications", &notifications.Args{
		Name: "bench", AccountID: f.accountID,
		Page:   notifications.Targets{Emails: []string{"oncall@example.com"}},
		Ticket: notifications.Targets{Emails: []string{"team@example.com"}},
	}, f.providers)
	return err
}

// add composes one service.
func (f *fleet) add(number int) error {
	name := fmt.Sprintf("api-%02d", number)
	reg, err := registry.New(f.ctx, name+"-registry", &registry.Args{
		Name: name, KeepReleases: 20, ReleaseTagPrefix: "v", ForceDelete: true,
	}, f.providers)
	if err != nil {
		return err
	}
	sec, err := secrets.New(f.ctx, name+"-secrets", &secrets.Args{
		Name: name, AccountID: f.accountID, Region: region, Names: []string{"database-url"},
	}, f.providers)
	if err != nil {
		return err
	}
	in, err := ingress.New(f.ctx, name+"-ingress", &ingress.Args{
		Name: name, VPCID: f.network.VPCID, SubnetIDs: f.network.PublicSubnetIDs,
		AccountID: f.accountID, Region: region, AllowPlainHTTP: true, TargetPort: port,
	}, f.providers)
	if err != nil {
		return err
	}
	_, err = service.New(f.ctx, name, &service.Args{
		Name: name, Region: region, AccountID: f.accountID,
		CPU: 256, MemoryMiB: 512, Architecture: service.ARM64, Port: port, DesiredCount: 1,
		Image:                  pulumi.Sprintf("%s@%s", reg.RepositoryURL, image),
		Environment:            map[string]string{"LOG_LEVEL": "info"},
		Secrets:                map[string]pulumi.StringInput{"DATABASE_URL": sec.ARNs["database-url"]},
		SecretsKeyARN:          sec.KeyARN,
		VPCID:                  f.network.VPCID,
		SubnetIDs:              f.network.PrivateSubnetIDs,
		AssignPublicIP:         f.network.AssignPublicIP,
		IngressSecurityGroupID: in.SecurityGroupID, TargetGroupARN: in.TargetGroupARN, RepositoryARN: reg.RepositoryARN,
		MinimumHealthyPercent: service.DefaultMinimumHealthyPercent, HealthCheckGraceSeconds: service.DefaultHealthCheckGraceSeconds,
		After: []pulumi.Resource{in},
	}, f.providers)
	return err
}
