package registry_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/registry"
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

func program(args *registry.Args) pulumi.RunFunc {
	return pulumitest.Instances(registry.New, args, "registry")
}

func run(t *testing.T, args *registry.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
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
	pulumitest.TwoInstances(t, registry.New, full(), registry.TypeToken)
}

func TestPreviewPlansTheSameChildren(t *testing.T) {
	pulumitest.PreviewPlansTheSame(t, program(full()))
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
	got := pulumitest.Outputs(t, registry.New, "registry", minimal(), func(r *registry.Registry) pulumi.StringMap {
		return pulumi.StringMap{"url": r.RepositoryURL, "arn": r.RepositoryARN, "name": r.RepositoryName}
	})
	const ref = "${" + repositoryType + "::registry-repository."
	assert.Equal(t, map[string]any{"url": ref + "repositoryUrl}", "arn": ref + "arn}", "name": "orders-dev"}, got)
}

func TestProtectedIsTheRepositoryAlone(t *testing.T) {
	pulumitest.ProtectsOnly(t, run(t, minimal()))
	pulumitest.ProtectsOnly(t, run(t, full()), repositoryType+" registry-repository")
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
		"bad name":          {func(a *registry.Args) { a.Name = "Orders" }, `Name: is "Orders", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
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
			pulumitest.Refused(t, registry.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "registry: args is nil")
}

// policy returns the lifecycle policy that args register.
func policy(t *testing.T, args *registry.Args) string {
	t.Helper()
	return pulumitest.Text(t, pulumitest.Find(t, run(t, args), lifecycleType, "registry-lifecycle"), "policy")
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
		pulumitest.GoldenJSON(t, "testdata/lifecycle-"+file+".json", text)
	}
}
