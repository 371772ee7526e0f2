package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
)

func TestPlayAndPushRefuseBadUsage(t *testing.T) {
	root := sample.Dir(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"play", "--outcome", "fine"}, `play: outcome: is "fine", want one of healthy, crash, unhealthy, alarm, stuck`},
		{[]string{"play", "--outcome", "crash", "--image", "v1"}, `play: image: is "v1", want a digest such as`},
		{[]string{"play", "--image", "v1"}, "--outcome: is not set, want healthy, crash, unhealthy, alarm, stuck"},
		{[]string{"play", "--outcome", "crash", "--step", "2h"}, "--step: is 2h0m0s, want 1ms to 1m"},
		{[]string{"push"}, `--tag: is "", want 1 to 128 letters`},
		{[]string{"push", "--tag", "v 1"}, `--tag: is "v 1", want 1 to 128 letters`},
		{[]string{"push", "--tag", "v1", "--finding", "BAD"}, `--finding: is "BAD", want CRITICAL, HIGH, INFORMATIONAL, LOW, MEDIUM or UNDEFINED`},
		{[]string{"push", "v1"}, "evenkeel local push takes no argument"},
	} {
		code, out, stderr := in(t, root, append([]string{"local"}, tt.args...)...)
		assert.Equal(t, exitUsage, code, tt.args)
		assert.Empty(t, out)
		assert.Contains(t, stderr, tt.want)
	}
}

func TestPlayAndPushWantARunningStack(t *testing.T) {
	// A checkout in which nothing runs, whatever runs in this one.
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml"} {
		content, err := os.ReadFile(filepath.Join(sample.Dir(t), name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	for _, args := range [][]string{{"play"}, {"play", "--outcome", "crash"}, {"push", "--tag", "v1"}} {
		code, _, stderr := in(t, dir, append([]string{"local"}, args...)...)
		assert.Equal(t, exitNo, code, args)
		assert.Contains(t, stderr, "stack dev is not running: `evenkeel local up --stack dev` brings it up")
	}
}
