package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/release"
	"evenkeel/internal/sample"
)

func TestReleaseRefusesWhatItCannotAnswer(t *testing.T) {
	root := sample.Dir(t)
	digest := "sha256:" + strings.Repeat("1", 64)
	for _, test := range []struct {
		says string
		args []string
	}{
		{"want --image, --rollback, both, or --watch alone", nil},
		{"want --image, --rollback, both, or --watch alone", []string{"--image", digest, "--watch"}},
		{"want --image, --rollback, both, or --watch alone", []string{"--rollback", "--watch"}},
		{`--image: is "v1", want a digest`, []string{"--rollback", "--image", "v1"}},
		{`--image: is "", want a digest`, []string{"--image", ""}},
		{`--image: is "v1", want a digest`, []string{"--image", "v1"}},
		{"which a tag is not", []string{"--image", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:v1"}},
		{"want a digest", []string{"--image", "sha256:123"}},
		{"--timeout: is -1s, want more than 0, such as 60m, or 0 for the default", []string{"--watch", "--timeout", "-1s"}},
		{"--bake: is -1s, want more than 0", []string{"--watch", "--bake", "-1s"}},
		{"--poll: is 1ms, want 100ms or more", []string{"--watch", "--poll", "1ms"}},
		{`--format: is "xml"`, []string{"--watch", "--format", "xml"}},
		{`stack "qa" has no Pulumi.qa.yaml`, []string{"--watch", "--stack", "qa"}},
		{`stack "qa" has no Pulumi.qa.yaml`, []string{"--watch", "--stack", "qa", "--local"}},
		{"takes no argument", []string{digest}},
	} {
		code, out, stderr := in(t, root, append([]string{"release"}, test.args...)...)
		assert.Equal(t, exitUsage, code, "%v: %s", test.args, stderr)
		assert.Empty(t, out)
		assert.Contains(t, stderr, test.says)
	}
}

func TestTheReportIsAddedToAJobsSummary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary.md")
	require.NoError(t, os.WriteFile(file, []byte("# another step\n"), 0o600))
	r := &release.Report{Stack: "prod", Verdict: release.RolledBack, Cause: "alarm rang", Steps: []release.Step{{Name: "update", Seconds: 62}}}
	require.NoError(t, summarize(file, r))
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(raw), "# another step\n## ❌ Release of prod: rolled back\n"), "what others wrote stays:\n%s", raw)
	assert.Contains(t, string(raw), "| update | 1m2s |  |")

	require.NoError(t, summarize("", r), "outside of a job there is none")
	require.ErrorContains(t, summarize(filepath.Join(file, "below"), r), "GITHUB_STEP_SUMMARY")
}
