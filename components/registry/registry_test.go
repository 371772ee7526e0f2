package registry_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/registry"
	"evenkeel/internal/golden"
	"evenkeel/internal/pulumitest"
)

const (
	repositoryType = "aws:ecr/repository:Repository"
	lifecycleType  = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
)

func minimal() *registry.Args { return &registry.Args{Name: "orders-dev"} }

func full() *registry.Args {
	return &registry.Args{
		Name: "orders-prod", KeepReleases: 50, ReleaseTagPrefix: "v", UntaggedDays: 3, OtherDays: 30, Protect: true,
	}
}

// program registers one component per name; names after the first get a
// repository name of their own.
func program(args *registry.Args, names ...string) pulumi.RunFunc {
	return pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		for i, name := range names {
			a := *args
			if i > 0 {
				a.Name = name
			}
			if _, err := registry.New(ctx, name, &a, opts...); err != nil {
				return err
			}
		}
		return nil
	})
}

func run(t *testing.T, args *registry.Args) []pulumitest.Registration {
	t.Helper()
	regs, err := pulumitest.Run(t, program(args, "registry"))
	require.NoError(t, err)
	return regs
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, args := range map[string]*registry.Args{"minimal": minimal(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, args)
			pulumitest.CheckComponent(t, regs, registry.TypeToken, "registry")
			assert.Equal(t, []string{
				lifecycleType + " registry-lifecycle",
				repositoryType + " registry-repository",
			}, pulumitest.Addresses(pulumitest.Children(regs, registry.TypeToken)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	regs, err := pulumitest.Run(t, program(minimal(), "registry", "batch"))
	require.NoError(t, err)
	assert.Len(t, pulumitest.Children(regs, registry.TypeToken), 4)
}

func TestPreviewPlansTheSameChildren(t *testing.T) {
	regs, err := pulumitest.Preview(t, program(minimal(), "registry"))
	require.NoError(t, err)
	assert.Equal(t, pulumitest.Addresses(run(t, minimal())), pulumitest.Addresses(regs))
}

func TestRepository(t *testing.T) {
	for name, tc := range map[string]struct {
		args  *registry.Args
		name  string
		force bool
	}{
		"minimal":      {args: minimal(), name: "orders-dev"},
		"full":         {args: full(), name: "orders-prod"},
		"force delete": {args: &registry.Args{Name: "orders-dev", ForceDelete: true}, name: "orders-dev", force: true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, map[string]any{
				"name":                       tc.name,
				"forceDelete":                tc.force,
				"imageTagMutability":         "IMMUTABLE",
				"imageScanningConfiguration": map[string]any{"scanOnPush": true},
				"encryptionConfigurations":   []any{map[string]any{"encryptionType": "AES256"}},
			}, pulumitest.Find(t, run(t, tc.args), repositoryType, "registry-repository").Plain())
		})
	}
}

func TestPolicyWaitsForItsRepository(t *testing.T) {
	regs := run(t, minimal())
	repository := pulumitest.Find(t, regs, repositoryType, "registry-repository")
	lifecycle := pulumitest.Find(t, regs, lifecycleType, "registry-lifecycle")
	assert.Equal(t, "orders-dev", lifecycle.Plain()["repository"])
	assert.Contains(t, lifecycle.DependsOn, repository.URN)
}

func TestOutputs(t *testing.T) {
	regs, err := pulumitest.Run(t, pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		r, err := registry.New(ctx, "registry", minimal(), opts...)
		if err != nil {
			return err
		}
		probe := &struct{ pulumi.ResourceState }{}
		if err := ctx.RegisterComponentResource("evenkeel:test:Probe", "probe", probe, opts...); err != nil {
			return err
		}
		_, err = sns.NewTopic(ctx, "probe", &sns.TopicArgs{
			DisplayName: pulumi.Sprintf("%s %s %s", r.RepositoryURL, r.RepositoryARN, r.RepositoryName),
		}, pulumi.Parent(probe))
		return err
	}))
	require.NoError(t, err)
	const ref = "${" + repositoryType + "::registry-repository."
	assert.Equal(t, ref+"repositoryUrl} "+ref+"arn} orders-dev",
		pulumitest.Find(t, regs, "aws:sns/topic:Topic", "probe").Plain()["displayName"])
}

func TestProtectedIsTheRepositoryAlone(t *testing.T) {
	for name, tc := range map[string]struct {
		args *registry.Args
		want []string
	}{
		"not asked for": {args: minimal()},
		"asked for":     {args: full(), want: []string{repositoryType + " registry-repository"}},
	} {
		t.Run(name, func(t *testing.T) {
			var protected []string
			for _, r := range run(t, tc.args) {
				assert.False(t, r.RetainOnDelete, "%s: retained", r.Address())
				if r.Protect {
					protected = append(protected, r.Address())
				}
			}
			assert.Equal(t, tc.want, protected)
		})
	}
}

// A repository has one policy: if the new one were created before the old one
// is deleted, the deletion would remove it.
func TestChangedPolicyIsDeletedBeforeItIsReplaced(t *testing.T) {
	assert.True(t, pulumitest.Find(t, run(t, minimal()), lifecycleType, "registry-lifecycle").DeleteBeforeReplace)
}

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*registry.Args)
		want   string
	}{
		"no name":           {func(a *registry.Args) { a.Name = "" }, `Name: is required`},
		"short name":        {func(a *registry.Args) { a.Name = "o" }, `Name: is "o", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"long name":         {func(a *registry.Args) { a.Name = strings.Repeat("o", 25) }, `Name: is "ooooooooooooooooooooooooo", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"double dash":       {func(a *registry.Args) { a.Name = "orders--dev" }, `Name: is "orders--dev", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"trailing dash":     {func(a *registry.Args) { a.Name = "orders-" }, `Name: is "orders-", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"leading digit":     {func(a *registry.Args) { a.Name = "1orders" }, `Name: is "1orders", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"too many releases": {func(a *registry.Args) { a.KeepReleases = 1001 }, `KeepReleases: is 1001, want 1 to 1000`},
		"negative releases": {func(a *registry.Args) { a.KeepReleases = -1 }, `KeepReleases: is -1, want 1 to 1000`},
		"negative untagged": {func(a *registry.Args) { a.UntaggedDays = -1 }, `UntaggedDays: is -1, want 1 to 365`},
		"too many days":     {func(a *registry.Args) { a.OtherDays = 366 }, `OtherDays: is 366, want 1 to 365`},
		"prefix": {
			func(a *registry.Args) { a.ReleaseTagPrefix = "release/" },
			`ReleaseTagPrefix: is "release/", want up to 64 of A-Z, a-z, 0-9, ".", "_" and "-" that start a tag, such as "release-"`,
		},
		"contradiction": {
			func(a *registry.Args) { a.Protect, a.ForceDelete = true, true },
			`ForceDelete: is true with Protect, want one of them: a protected repository keeps its images`,
		},
		"all at once, sorted": {
			func(a *registry.Args) { a.UntaggedDays, a.Name, a.KeepReleases = 400, "", 2000 },
			"KeepReleases: is 2000, want 1 to 1000\nName: is required\nUntaggedDays: is 400, want 1 to 365",
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			tc.change(args)
			require.EqualError(t, args.Validate(), tc.want)

			regs, err := pulumitest.Run(t, program(args, "registry"))
			require.ErrorContains(t, err, tc.want)
			assert.Equal(t, []string{"pulumi:providers:aws main"}, pulumitest.Addresses(regs), "invalid args must register nothing")
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}

func TestNilArgs(t *testing.T) {
	_, err := pulumitest.Run(t, pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := registry.New(ctx, "registry", nil, opts...)
		return err
	}))
	require.ErrorContains(t, err, "registry: args is nil")
}

// policy returns the lifecycle policy that args register.
func policy(t *testing.T, args *registry.Args) string {
	t.Helper()
	text, ok := pulumitest.Find(t, run(t, args), lifecycleType, "registry-lifecycle").Plain()["policy"].(string)
	require.True(t, ok, "the policy must be a plain text")
	return text
}

func TestLifecyclePolicyGolden(t *testing.T) {
	for file, args := range map[string]*registry.Args{"minimal": minimal(), "full": full()} {
		text := policy(t, args)
		var doc any
		require.NoError(t, json.Unmarshal([]byte(text), &doc))

		// encoding/json sorts a map's keys, as the provider does to what it
		// stores: an equal text means that there is nothing left to normalize.
		canonical, err := json.Marshal(doc)
		require.NoError(t, err)
		assert.Equal(t, string(canonical), text, "not canonical: a second preview would show a change")

		readable, err := json.MarshalIndent(doc, "", "  ")
		require.NoError(t, err)
		golden.Equal(t, "testdata/lifecycle-"+file+".json", string(readable)+"\n")
	}
}
