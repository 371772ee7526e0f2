package sdkscan_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/sdkscan"
)

func scan(t *testing.T) *sdkscan.SDK {
	t.Helper()
	sdk, err := sdkscan.Scan(filepath.Join("testdata", "sdk"), "example.com/sdk")
	require.NoError(t, err)
	return sdk
}

func TestScanResource(t *testing.T) {
	sdk := scan(t)
	require.Len(t, sdk.Resources, 1, "the provider itself is none")
	e := sdk.Resources[0]
	assert.Equal(t, "sdk:ecr/repository:IPRepository", e.Token)
	assert.ElementsMatch(t, []string{"mutability", "tags"}, slices.Collect(maps.Keys(e.Inputs)))

	kinds := map[string]sdkscan.Kind{}
	for name, s := range e.Outputs {
		kinds[name] = s.Kind
	}
	assert.Equal(t, map[string]sdkscan.Kind{
		"arn": sdkscan.Scalar, "mutability": sdkscan.Scalar, "count": sdkscan.Scalar,
		"endpoint": sdkscan.Object, "scan": sdkscan.Object, "kinesis": sdkscan.Object,
		"zones": sdkscan.List, "tags": sdkscan.Map,
		"odd": sdkscan.Any, "open": sdkscan.Any,
		"code": sdkscan.Archive, "source": sdkscan.Asset,
	}, kinds)
	assert.True(t, e.Outputs["mutability"].IsString(), "an enum is a string")
	assert.False(t, e.Outputs["count"].IsString())
	assert.True(t, e.Outputs["zones"].Elem.IsString())
	assert.Contains(t, e.Outputs["endpoint"].Fields(), "url", "from another package")
	assert.Nil(t, e.Outputs["arn"].Fields())
}

func TestScanFunction(t *testing.T) {
	sdk := scan(t)
	require.Len(t, sdk.Functions, 1)
	e := sdk.Functions[0]
	assert.Equal(t, "sdk:ecr/getRepository:getRepository", e.Token)
	assert.ElementsMatch(t, []string{"name"}, slices.Collect(maps.Keys(e.Inputs)))
	assert.ElementsMatch(t, []string{"arn"}, slices.Collect(maps.Keys(e.Outputs)))
	assert.ElementsMatch(t, []string{"arn", "name"}, slices.Collect(maps.Keys(e.Properties())))
}

func TestScanProvider(t *testing.T) {
	assert.Contains(t, scan(t).Provider, "region")
}

func TestScanFails(t *testing.T) {
	const provider = "package sdk\n\ntype providerArgs struct{}\n"
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"no SDK there": {
			files: map[string]string{"main.go": "package main\n"},
			want:  "it has no provider, want the directory of example.com/sdk",
		},
		"source does not parse": {
			files: map[string]string{"provider.go": "package sdk\n\ntype {"},
			want:  "provider.go:3:6",
		},
		"resource without state": {
			files: map[string]string{"provider.go": provider + "\nfunc NewX() { ctx.RegisterResource(\"sdk:x:X\") }\n"},
			want:  "sdk:x:X has no state type",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range tt.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600))
			}
			_, err := sdkscan.Scan(dir, "example.com/sdk")
			assert.ErrorContains(t, err, tt.want)
		})
	}
	_, err := sdkscan.Scan(filepath.Join(t.TempDir(), "absent"), "example.com/sdk")
	assert.ErrorContains(t, err, "no such file")
}

func TestLocate(t *testing.T) {
	dir, version, err := sdkscan.Locate("../../../../..")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "provider.go"))
	assert.Regexp(t, `^6\.\d+\.\d+$`, version)

	_, _, err = sdkscan.Locate(".")
	assert.ErrorContains(t, err, "not a known dependency", "the bridge's own module has no SDK")
}
