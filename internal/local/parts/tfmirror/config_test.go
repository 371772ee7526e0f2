package tfmirror_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/parts/tfmirror"
)

func env(values map[string]string) tfmirror.Getenv {
	return func(key string) string { return values[key] }
}

func TestReadConfig(t *testing.T) {
	tests := map[string]struct {
		src  string
		want tfmirror.Config
		fail string
	}{
		"empty": {},
		"other settings": {src: `
disable_checkpoint = true
credentials "app.terraform.io" { token = "x" }
host "example.com" { services = { "modules.v1" = "https://example.com" } }
`},
		"mirrors in order": {
			src: `
plugin_cache_dir = "$HOME/cache"
provider_installation {
  dev_overrides {
    "hashicorp/null" = "/dev/null"
  }
  filesystem_mirror {
    path    = "/first"
    include = ["registry.terraform.io/*/*"]
  }
  filesystem_mirror { path = "/second" }
  direct { exclude = ["example.com/*/*"] }
}`,
			want: tfmirror.Config{Mirrors: []string{"/first", "/second"}, PluginCache: "/home/u/cache"},
		},
		"network mirror": {
			src:  `provider_installation { network_mirror { url = "https://example.com/" } }`,
			want: tfmirror.Config{NetworkMirror: true},
		},
		"JSON": {
			src:  `{"provider_installation": [{"filesystem_mirror": [{"path": "/json"}]}]}`,
			want: tfmirror.Config{Mirrors: []string{"/json"}},
		},
		"JSON without lists": {
			src:  `{"plugin_cache_dir": "/c", "provider_installation": {"filesystem_mirror": {"path": "/json"}}}`,
			want: tfmirror.Config{Mirrors: []string{"/json"}, PluginCache: "/c"},
		},
		"syntax error":        {src: `provider_installation {`, fail: "object expected closing"},
		"mirror without path": {src: `provider_installation { filesystem_mirror {} }`, fail: "filesystem_mirror: path: is required"},
		"path of wrong type":  {src: `provider_installation { filesystem_mirror { path = ["/a"] } }`, fail: "path"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "rc")
			require.NoError(t, os.WriteFile(file, []byte(tt.src), 0o600))
			got, err := tfmirror.ReadConfig(file, env(map[string]string{"HOME": "/home/u"}))
			if tt.fail != "" {
				require.ErrorContains(t, err, tt.fail)
				assert.ErrorContains(t, err, file)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestReadConfigWithoutFile(t *testing.T) {
	got, err := tfmirror.ReadConfig(filepath.Join(t.TempDir(), "none"), env(nil))
	require.NoError(t, err)
	assert.Equal(t, tfmirror.Config{}, got)
}

func TestConfigFile(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want string
	}{
		"named":    {map[string]string{"TF_CLI_CONFIG_FILE": "/a", "TERRAFORM_CONFIG": "/b", "HOME": "/h"}, "/a"},
		"old name": {map[string]string{"TERRAFORM_CONFIG": "/b", "HOME": "/h"}, "/b"},
		"home":     {map[string]string{"HOME": "/h"}, "/h/.terraformrc"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, tfmirror.ConfigFile(env(tt.env)))
		})
	}
}
