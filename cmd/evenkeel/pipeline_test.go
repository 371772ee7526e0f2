package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
	"evenkeel/internal/workflows"
)

var (
	ours      = regexp.MustCompile(`bin/evenkeel"? ([a-z][^|>&;)\n]*)`)
	longFlags = regexp.MustCompile(`--[a-z][a-z-]*`)
)

// Every command and flag with which a workflow's make target, or a script that
// it runs, starts this program is there.
func TestThePipelinesCommandsAreThere(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	all, err := workflows.Read(filepath.Join(root, ".github", "workflows"))
	require.NoError(t, err)
	var texts []string
	for _, target := range workflows.Targets(all) {
		cmd := exec.Command("make", "--dry-run", target)
		cmd.Dir = root
		out, err := cmd.Output()
		require.NoError(t, err, target)
		texts = append(texts, string(out))
	}
	scripts, err := filepath.Glob(filepath.Join(root, ".ci", "*"))
	require.NoError(t, err)
	for _, file := range scripts {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		texts = append(texts, strings.ReplaceAll(string(raw), "\\\n", " "))
	}
	var started []string
	for _, text := range texts {
		for _, m := range ours.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[1], "bin/") { // into the archive
				continue
			}
			started = append(started, m[1])
			var command []string
			for _, word := range strings.Fields(m[1]) {
				if !regexp.MustCompile(`^[a-z]+$`).MatchString(word) {
					break
				}
				command = append(command, word)
			}
			code, help, stderr := in(t, root, append(slices.Clone(command), "--help")...)
			require.Zero(t, code, "evenkeel %s: %s", m[1], stderr)
			assert.Contains(t, help, "evenkeel "+strings.Join(command, " ")+" [flags]", "evenkeel %s is a command", m[1])
			for _, f := range longFlags.FindAllString(m[1], -1) {
				assert.Regexp(t, regexp.QuoteMeta(f)+`\b`, help, "evenkeel %s", m[1])
			}
		}
	}
	for _, want := range []string{"release --stack", "image push", "drift", "review --base", "local up"} {
		assert.True(t, slices.ContainsFunc(started, func(s string) bool { return strings.HasPrefix(s, want) }), "%s in %q", want, started)
	}
}

// The files are written by the commands themselves, as `make review` does.
func TestReview(t *testing.T) {
	root := sample.Dir(t)
	base, head := t.TempDir(), t.TempDir()
	for _, kind := range []string{"graph", "alarms"} {
		for stack, dirs := range map[string][]string{"dev": {base, head}, "prod": {head}} {
			code, out, stderr := in(t, root, kind, "--stack", stack, "--format", "json")
			require.Zero(t, code, stderr)
			for _, dir := range dirs {
				require.NoError(t, os.WriteFile(filepath.Join(dir, stack+"."+kind+".json"), []byte(out), 0o600))
			}
		}
	}
	cost := filepath.Join(head, "cost.md")
	require.NoError(t, os.WriteFile(cost, []byte("10 USD"), 0o600))
	code, out, stderr := in(t, root, "review", "--base", base, "--head", head, "--section", "Cost="+cost)
	require.Zero(t, code, stderr)
	assert.Equal(t, 2, strings.Count(out, "The same as the base's."), "dev is the same in both")
	assert.Contains(t, out, "The base has no such stack.")
	assert.Contains(t, out, "`aws:ecs/service:Service::orders-service`")
	assert.Contains(t, out, "## Cost\n\n10 USD")

	for says, args := range map[string][]string{
		"--base and --head: both are required":  {"--base", base},
		`--section: is "Cost", want title=file`: {"--base", base, "--head", head, "--section", "Cost"},
		"--section Cost: open":                  {"--base", base, "--head", head, "--section", "Cost=" + filepath.Join(head, "none.md")},
		"read the base":                         {"--base", filepath.Join(base, "none"), "--head", head},
		"--limit: is 10, want 1000 or more":     {"--base", base, "--head", head, "--limit", "10"},
	} {
		code, out, stderr := in(t, root, append([]string{"review"}, args...)...)
		assert.Equal(t, exitUsage, code, says)
		assert.Empty(t, out)
		assert.Contains(t, stderr, says)
	}
}

func TestImageRefuses(t *testing.T) {
	root := sample.Dir(t)
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
	} {
		t.Setenv(name, value)
	}
	digest := "sha256:" + strings.Repeat("0", 64)
	for _, test := range []struct {
		code int
		says string
		args []string
	}{
		{exitUsage, `--image: is "latest", want sha256:`, []string{"scan", "--image", "latest"}},
		{exitUsage, "--timeout: is 0s", []string{"scan", "--image", digest, "--timeout", "0"}},
		{exitUsage, `--tag: is "", want 1 to 128`, []string{"push"}},
		{exitUsage, "want a folder that `make image` wrote", []string{"push", "--tag", "v1", "--layout", t.TempDir()}},
		{exitUsage, "want a folder that `make image` wrote", []string{"show", "--layout", t.TempDir()}},
		{exitUsage, `evenkeel image has no command "pull"`, []string{"pull"}},
		{exitUsage, `stack "qa" has no Pulumi.qa.yaml`, []string{"platform", "--stack", "dev,qa"}},
		{exitNo, "no AWS credentials", []string{"scan", "--image", digest}},
	} {
		code, out, stderr := in(t, root, append([]string{"image"}, test.args...)...)
		assert.Equal(t, test.code, code, test.says)
		assert.Empty(t, out)
		assert.Contains(t, stderr, test.says)
	}
}

func TestPreviewNeedsTheCLI(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	t.Setenv("PATH", t.TempDir())
	t.Setenv("EVENKEEL_CACHE", t.TempDir())
	for _, command := range []string{"preview", "drift"} {
		code, out, stderr := in(t, root, command)
		assert.Equal(t, exitNo, code)
		assert.Empty(t, out)
		assert.Contains(t, stderr, "no Pulumi CLI")
	}
}
