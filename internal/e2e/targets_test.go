package e2e_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/local/parts"
)

// checkout gives the project what a job of a workflow has besides: the make
// targets and, unpacked, the tools.
func (b *bootstrapped) checkout(t *testing.T) {
	t.Helper()
	set, err := parts.Find(context.Background(), parts.Options{Root: b.p.dir, Offline: true})
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(b.p.dir, "bin"), 0o700))
	for to, from := range map[string]string{
		"Makefile": filepath.Join(root(t), "Makefile"), "pipeline.mk": filepath.Join(root(t), "pipeline.mk"),
		".ci": filepath.Join(root(t), ".ci"), "bin/evenkeel": binary, "bin/pulumi": set.Pulumi.Path,
	} {
		require.NoError(t, os.Symlink(from, filepath.Join(b.p.dir, to)))
	}
}

// target runs a make target as a job does, and holds its calls to the policies of
// the job's role. It returns what the job's summary got, too.
func (b *bootstrapped) target(t *testing.T, role iampolicy.Role, name string, env ...string) (a answer, summary string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "summary.md")
	a = b.held(t, role, func() answer {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "make", "--no-print-directory", name)
		cmd.Dir = b.p.dir
		cmd.Env = append(b.p.command(ctx).Env, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+file, "STACK=dev")
		cmd.Env = append(cmd.Env, env...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		begin := time.Now()
		_ = cmd.Run()
		require.NotNil(t, cmd.ProcessState, "%v", cmd.Err)
		return answer{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), time.Since(begin)}
	})
	t.Logf("make %s %s: exit %d in %.1f s", name, strings.Join(env, " "), a.code, a.took.Seconds())
	raw, err := os.ReadFile(file)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return a, string(raw)
}

// targets goes the pipeline's way by its make targets: scan, release, watch, an
// image that is not there, rollback, also to a named image, preview, drift.
func (b *bootstrapped) targets(t *testing.T) {
	b.checkout(t)
	second := b.push(t, "release-2")
	a, _ := b.target(t, iampolicy.Push, "image-scan", "IMAGE="+second)
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)

	a, summary := b.target(t, iampolicy.Deploy, "release", "IMAGE="+second)
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)
	assert.Contains(t, summary, "succeeded")
	assert.Contains(t, summary, second)

	a, summary = b.target(t, iampolicy.Deploy, "release-watch")
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)
	assert.Contains(t, summary, second)

	none := "sha256:" + strings.Repeat("0", 64)
	a, summary = b.target(t, iampolicy.Deploy, "release", "IMAGE="+none)
	assert.NotZero(t, a.code)
	assert.Contains(t, summary, "refused")
	assert.Contains(t, summary, none)

	a, summary = b.target(t, iampolicy.Deploy, "rollback")
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)
	assert.Contains(t, summary, "succeeded")
	assert.Contains(t, summary, b.first)
	assert.Contains(t, a.stdout, b.first)
	a, summary = b.target(t, iampolicy.Deploy, "rollback", "IMAGE="+second) // of which nothing but a name is asked
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)
	assert.Contains(t, summary, "succeeded")
	assert.Contains(t, a.stdout, second)

	a, _ = b.target(t, iampolicy.Preview, "cloud-preview")
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)
	assert.FileExists(t, b.p.path("build/review/head/dev.preview.json"))
	a, _ = b.target(t, iampolicy.Preview, "drift")
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)
	assert.FileExists(t, b.p.path("build/drift/dev.none"))
}
