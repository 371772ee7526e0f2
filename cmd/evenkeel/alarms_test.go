package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/sample"
)

// docs/alarms.md is what the command prints of the prod stack.
func TestAlarmPageIsCurrent(t *testing.T) {
	root := sample.Dir(t)
	code, out, stderr := in(t, root, "alarms", "--stack", "prod", "--format", "markdown")
	require.Zero(t, code, stderr)
	golden.Equal(t, filepath.Join(root, "..", "..", "docs", "alarms.md"), out)
}
