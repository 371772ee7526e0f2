package parts_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"

	"evenkeel/internal/local/parts"
)

const root = "../../.."

func TestPinsAgreeWithModules(t *testing.T) {
	tests := map[string]struct {
		file, module, want string
	}{
		"Automation API": {"go.mod", "github.com/pulumi/pulumi/sdk/v3", parts.PulumiVersion},
		"CLI":            {"internal/local/pulumicli/go.mod", "github.com/pulumi/pulumi/pkg/v3", parts.PulumiVersion},
		"AWS SDK":        {"go.mod", "github.com/pulumi/pulumi-aws/sdk/v6", parts.AWSPluginVersion},
		"awsx SDK":       {"go.mod", "github.com/pulumi/pulumi-awsx/sdk/v2", parts.AWSXPluginVersion},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(filepath.Join(root, tt.file))
			require.NoError(t, err)
			mod, err := modfile.Parse(tt.file, src, nil)
			require.NoError(t, err)
			got := map[string]string{}
			for _, r := range mod.Require {
				got[r.Mod.Path] = r.Mod.Version
			}
			assert.Equal(t, "v"+tt.want, got[tt.module], "%s and versions.go must be changed together", tt.file)
		})
	}
}

func TestPinAgreesWithBridgeTable(t *testing.T) {
	src, err := os.ReadFile(filepath.Join(root, "internal/local/bridge/internal/mapping/mapping.json"))
	require.NoError(t, err)
	var table struct{ SDKVersion string }
	require.NoError(t, json.Unmarshal(src, &table))
	assert.Equal(t, parts.AWSPluginVersion, table.SDKVersion, "the bridge's table was made from another version of pulumi-aws: generate it again")
}
