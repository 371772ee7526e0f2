package bridge

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/mapping"
)

func props(in map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(in) }

func TestDefaultTags(t *testing.T) {
	defaults := props(map[string]any{"defaultTags": map[string]any{"tags": map[string]any{"team": "a", "stack": "dev"}}})
	secret := defaults.Copy()
	secret["defaultTags"] = resource.MakeSecret(secret["defaultTags"])
	unknown := resource.PropertyMap{"tags": resource.MakeComputed(resource.NewProperty(""))}
	tests := map[string]struct {
		inputs, config resource.PropertyMap
		untagged       bool
		want           resource.PropertyMap
	}{
		"the resource's own win": {
			inputs: props(map[string]any{"tags": map[string]any{"team": "b"}}), config: defaults,
			want: props(map[string]any{"tags": map[string]any{"team": "b", "stack": "dev"}}),
		},
		"none of its own": {
			inputs: props(map[string]any{}), config: defaults,
			want: props(map[string]any{"tags": map[string]any{"team": "a", "stack": "dev"}}),
		},
		"defaults that are secret": {
			inputs: props(map[string]any{}), config: secret,
			want: props(map[string]any{"tags": map[string]any{"team": "a", "stack": "dev"}}),
		},
		"no defaults":              {inputs: props(map[string]any{}), config: props(map[string]any{}), want: props(map[string]any{})},
		"tags not yet known":       {inputs: unknown, config: defaults, want: unknown},
		"type that takes no tags":  {inputs: props(map[string]any{}), config: defaults, untagged: true, want: props(map[string]any{})},
		"defaults without any tag": {inputs: props(map[string]any{}), config: props(map[string]any{"defaultTags": map[string]any{}}), want: props(map[string]any{})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := preCheck(&mapping.Entity{Tagged: !tt.untagged})(t.Context(), tt.inputs, tt.config)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestConvertOutputs(t *testing.T) {
	e := &mapping.Entity{Fields: map[string]*mapping.Field{
		"delay":   {Name: "delay", Type: "int"},
		"enabled": {Name: "enabled", Type: "bool"},
		"action": {Name: "action", Elem: map[string]*mapping.Field{
			"max": {Name: "max", Type: "int"},
		}},
		"actions": {Name: "actions", Elem: map[string]*mapping.Field{
			"max": {Name: "max", Type: "int"},
		}},
		"other": {Elem: map[string]*mapping.Field{"x": {Name: "y"}}},
	}}
	in := props(map[string]any{
		"delay": "300", "enabled": "true", "plain": "300",
		"action":  map[string]any{"max": "3", "name": "n"},
		"actions": []any{map[string]any{"max": "4"}, map[string]any{"max": ""}},
	})
	in["action"] = resource.MakeSecret(in["action"])
	want := props(map[string]any{
		"delay": 300.0, "enabled": true, "plain": "300",
		"action":  map[string]any{"max": 3.0, "name": "n"},
		"actions": []any{map[string]any{"max": 4.0}, map[string]any{}},
	})
	want["action"] = resource.MakeSecret(want["action"])
	got, err := convertOutputs(e)(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// A file goes to Terraform as a path, comes back as what the SDK declares, and is the
// same path again when the state is read.
func TestFilesThereAndBack(t *testing.T) {
	code, err := archive.FromAssets(map[string]any{"main.py": mustAsset(t, "print(1)")})
	require.NoError(t, err)
	tests := map[string]struct {
		kind  string
		input resource.PropertyValue
	}{
		"archive": {kind: "archive", input: resource.NewProperty(code)},
		"asset":   {kind: "asset", input: resource.NewProperty(mustAsset(t, "hello"))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			e := &mapping.Entity{Fields: map[string]*mapping.Field{"filename": {Name: "code", File: tt.kind}}}
			in, err := preCheck(e)(t.Context(), resource.PropertyMap{"code": tt.input}, nil)
			require.NoError(t, err)
			require.True(t, in["code"].IsString())
			content, err := os.ReadFile(in["code"].StringValue())
			require.NoError(t, err)
			assert.NotEmpty(t, content)

			out, err := convertOutputs(e)(t.Context(), in)
			require.NoError(t, err)
			assert.Equal(t, tt.kind == "archive", out["code"].IsArchive())
			assert.Equal(t, tt.kind == "asset", out["code"].IsAsset())

			delta := func(keys map[string]any) resource.PropertyValue {
				return resource.NewPropertyValue(map[string]any{"obj": map[string]any{"ps": keys}})
			}
			require.NoError(t, os.Remove(in["code"].StringValue()))
			out["__pulumi_raw_state_delta"] = delta(map[string]any{"code": "x", "name": "y"})
			back, err := filesFromState(e)(t.Context(), out)
			require.NoError(t, err)
			assert.Equal(t, in["code"], back["code"])
			assert.Equal(t, delta(map[string]any{"name": "y"}), back["__pulumi_raw_state_delta"])
		})
	}
}

func mustAsset(t *testing.T, text string) *asset.Asset {
	t.Helper()
	a, err := asset.FromText(text)
	require.NoError(t, err)
	return a
}

func TestIDFrom(t *testing.T) {
	id := idFrom("arn", "name")
	got, err := id(t.Context(), props(map[string]any{"name": "n", "arn": "a"}))
	require.NoError(t, err)
	assert.EqualValues(t, "a", got)
	_, err = id(t.Context(), props(map[string]any{"size": 1.0}))
	assert.ErrorContains(t, err, "neither an id, an arn nor a name")
}

func TestVersion(t *testing.T) {
	tests := map[string]struct{ program, want string }{
		"plugin folder": {program: "/home/u/.pulumi/plugins/resource-aws-v6.66.3/pulumi-resource-aws", want: `^6\.66\.3$`},
		"pre-release":   {program: "/p/resource-aws-v7.0.0-alpha.1/pulumi-resource-aws", want: `^7\.0\.0-alpha\.1$`},
		"other folder":  {program: "/usr/local/bin/pulumi-resource-aws", want: `^6\.83\.2$`},
		"other plugin":  {program: "/p/resource-awsx-v2.22.0/pulumi-resource-aws", want: `^6\.83\.2$`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Version(tt.program)
			require.NoError(t, err)
			assert.Regexp(t, tt.want, got)
		})
	}
}
