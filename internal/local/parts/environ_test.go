package parts

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScrubEnviron(t *testing.T) {
	// Setenv restores after the test what the scrub removes.
	for _, kv := range os.Environ() {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("PULUMI_ACCESS_TOKEN", "secret")
	t.Setenv("MY_AWS_PROFILE", "kept")

	removed := ScrubEnviron()

	assert.Subset(t, removed, []string{"AWS_PROFILE", "PULUMI_ACCESS_TOKEN"})
	for _, kv := range os.Environ() {
		assert.False(t, strings.HasPrefix(kv, "AWS_") || strings.HasPrefix(kv, "PULUMI_"), kv)
	}
	assert.Equal(t, "kept", os.Getenv("MY_AWS_PROFILE"))
	assert.NotEmpty(t, os.Getenv("PATH"))
}

func TestChildEnviron(t *testing.T) {
	for _, key := range []string{
		"AWS_PROFILE", "PULUMI_ACCESS_TOKEN", "GITHUB_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "GOOS",
		"HTTPS_PROXY", "https_proxy", "GOPROXY", "PIP_INDEX_URL", "TF_CLI_CONFIG_FILE", "TF_TOKEN_x",
	} {
		t.Setenv(key, "set")
	}
	tests := map[string]struct {
		env  []string
		want []string
	}{
		"any program": {childEnviron(nil, "EXTRA=set"), []string{"HTTPS_PROXY", "https_proxy", "EXTRA"}},
		"go":          {childEnviron(goVariables), []string{"HTTPS_PROXY", "https_proxy", "GOPROXY"}},
		"python":      {childEnviron(pythonVariables), []string{"HTTPS_PROXY", "https_proxy", "PIP_INDEX_URL"}},
		"terraform":   {childEnviron(terraformVariables), []string{"HTTPS_PROXY", "https_proxy", "TF_CLI_CONFIG_FILE"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, kv := range tt.env {
				if key, value, _ := strings.Cut(kv, "="); value == "set" {
					got = append(got, key)
				}
			}
			assert.ElementsMatch(t, tt.want, got)
		})
	}
}

func TestPulumiCommandHasCleanEnvironment(t *testing.T) {
	m := newMachine(t)
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("PULUMI_ACCESS_TOKEN", "secret")
	s := &Set{
		Cache:             filepath.Join(m.root, CacheFolder),
		Pulumi:            Part{Version: "3.250.0", Path: m.script("pulumi", `env; echo "args=$*"; echo trouble >&2; exit 4`)},
		TerraformProvider: Part{Found: true, Path: "/mirror/provider"},
	}
	cmd, err := s.PulumiCommand()
	require.NoError(t, err)
	assert.Equal(t, "3.250.0", cmd.Version().String())

	out, stderr, code, err := cmd.Run(context.Background(), m.root, nil, nil, nil, []string{"PULUMI_BACKEND_URL=file:///state"}, "preview", "--json")

	require.Error(t, err)
	assert.Equal(t, 4, code)
	assert.Equal(t, "trouble\n", stderr)
	lines := strings.Split(out, "\n")
	assert.Contains(t, lines, "args=--non-interactive preview --json")
	for key, value := range Env(s) {
		assert.Contains(t, lines, key+"="+value)
	}
	assert.Contains(t, lines, "PULUMI_BACKEND_URL=file:///state")
	assert.Contains(t, lines, "EVENKEEL_TERRAFORM_PROVIDER_AWS=/mirror/provider")
	assert.NotContains(t, out, "production")
	assert.NotContains(t, out, "secret")
	assert.NoFileExists(t, Env(s)["AWS_CONFIG_FILE"])
}

func TestASettingOfTheGarbageCollectorStays(t *testing.T) {
	s := &Set{Cache: t.TempDir()}
	t.Setenv("GOGC", "50")
	assert.NotContains(t, Env(s), "GOGC", "the engine inherits it")
	t.Setenv("GOGC", "")
	assert.Equal(t, "200", Env(s)["GOGC"])
}
