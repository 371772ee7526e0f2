package registry

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Registry"

// What a zero value in Args means.
const (
	DefaultKeepReleases     = 30
	DefaultReleaseTagPrefix = "release-"
	DefaultUntaggedDays     = 1
	DefaultOtherDays        = 14
)

// Limits of this product, not of ECR: they keep a typing error from storing
// images for decades.
const (
	maxKeepReleases = 1000
	maxDays         = 365
)

// Args configures the component. All of it decides names and documents, so
// all of it is plain and checked before anything is registered.
type Args struct {
	// Name is the repository's name, for example "orders-dev": 2 to 24 of
	// a-z, 0-9 and single dashes, starting with a letter. Required. Changing it
	// replaces the repository.
	Name string
	// KeepReleases is how many images with a release tag are kept, 1 to 1000.
	// Zero means DefaultKeepReleases.
	KeepReleases int
	// ReleaseTagPrefix starts the tag of every release. Empty means
	// DefaultReleaseTagPrefix.
	ReleaseTagPrefix string
	// UntaggedDays is after how many days an image without a tag goes, 1 to
	// 365. Zero means DefaultUntaggedDays.
	UntaggedDays int
	// OtherDays is after how many days an image with only other tags goes, 1 to
	// 365. Zero means DefaultOtherDays.
	OtherDays int
	// Protect makes Pulumi refuse to delete the repository.
	Protect bool
	// ForceDelete lets the repository be deleted while it holds images. False
	// makes AWS refuse that.
	ForceDelete bool
}

// prefixPattern follows the grammar of image tags.
// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
var prefixPattern = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,63}$`)

// Validate reports every problem with the arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	d := a.withDefaults()
	l.InRange("KeepReleases", d.KeepReleases, 1, maxKeepReleases)
	l.InRange("UntaggedDays", d.UntaggedDays, 1, maxDays)
	l.InRange("OtherDays", d.OtherDays, 1, maxDays)
	if !prefixPattern.MatchString(d.ReleaseTagPrefix) {
		l.Addf("ReleaseTagPrefix", `is %q, want up to 64 of A-Z, a-z, 0-9, ".", "_" and "-" that start a tag, such as %q`,
			d.ReleaseTagPrefix, DefaultReleaseTagPrefix)
	}
	if a.Protect && a.ForceDelete {
		l.Addf("ForceDelete", "is true with Protect, want one of them: a protected repository keeps its images")
	}
	return l.Err()
}

func (a *Args) withDefaults() Args {
	d := *a
	if d.KeepReleases == 0 {
		d.KeepReleases = DefaultKeepReleases
	}
	if d.ReleaseTagPrefix == "" {
		d.ReleaseTagPrefix = DefaultReleaseTagPrefix
	}
	if d.UntaggedDays == 0 {
		d.UntaggedDays = DefaultUntaggedDays
	}
	if d.OtherDays == 0 {
		d.OtherDays = DefaultOtherDays
	}
	return d
}

// Registry is the component.
type Registry struct {
	pulumi.ResourceState

	// RepositoryURL is what image references start with:
	// "<account>.dkr.ecr.<region>.amazonaws.com/<name>".
	RepositoryURL pulumi.StringOutput
	// RepositoryARN is what IAM policies for pulling and pushing name.
	RepositoryARN pulumi.StringOutput
	// RepositoryName is the physical name, Args.Name.
	RepositoryName pulumi.StringOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Registry, error) {
	if args == nil {
		return nil, errors.New("registry: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("registry %q: %w", name, err)
	}
	a := args.withDefaults()
	policy, err := lifecyclePolicy(a.KeepReleases, a.ReleaseTagPrefix, a.UntaggedDays, a.OtherDays)
	if err != nil {
		return nil, fmt.Errorf("registry %q: %w", name, err)
	}

	c := &Registry{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	repository, err := a.repository(ctx, name+"-repository", pulumi.Parent(c), pulumi.Protect(a.Protect))
	if err != nil {
		return nil, err
	}
	// A repository has one policy, and a changed one is a replacement. Created
	// first and deleted afterwards, the deletion would take the new one along.
	_, err = ecr.NewLifecyclePolicy(ctx, name+"-lifecycle", &ecr.LifecyclePolicyArgs{
		Repository: repository.Name,
		Policy:     pulumi.String(policy),
	}, pulumi.Parent(c), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return nil, fmt.Errorf("create lifecycle policy %s-lifecycle: %w", name, err)
	}

	c.RepositoryURL, c.RepositoryARN, c.RepositoryName = repository.RepositoryUrl, repository.Arn, repository.Name
	err = ctx.RegisterResourceOutputs(c, pulumi.Map{
		"repositoryUrl": c.RepositoryURL, "repositoryArn": c.RepositoryARN, "repositoryName": c.RepositoryName,
	})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (a *Args) repository(ctx *pulumi.Context, child string, opts ...pulumi.ResourceOption) (*ecr.Repository, error) {
	r, err := ecr.NewRepository(ctx, child, &ecr.RepositoryArgs{
		Name:               pulumi.String(a.Name),
		ForceDelete:        pulumi.Bool(a.ForceDelete),
		ImageTagMutability: pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: &ecr.RepositoryImageScanningConfigurationArgs{
			ScanOnPush: pulumi.Bool(true),
		},
		// AES256 is ECR's own default. It is stated because changing it later
		// replaces the repository and its images.
		EncryptionConfigurations: ecr.RepositoryEncryptionConfigurationArray{
			&ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: pulumi.String("AES256")},
		},
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("create repository %s: %w", child, err)
	}
	return r, nil
}
