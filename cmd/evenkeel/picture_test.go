package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/sample"
)

// TestPicturesOfTheCommittedStacks keeps what the README shows true.
func TestPicturesOfTheCommittedStacks(t *testing.T) {
	root := sample.Dir(t)
	for _, stack := range []string{"dev", "prod"} {
		code, out, stderr := in(t, root, "graph", "--stack", stack, "--format", "svg")
		require.Zero(t, code, stderr)
		golden.Equal(t, filepath.Join(root, "..", "..", "docs", "pictures", stack+".svg"), out)
		assert.NotContains(t, out, ", 0 tasks", "the picture is of a stack with an image deployed")
		assert.Contains(t, out, ">Users</text>")

		code, out, stderr = in(t, root, "graph", "--stack", stack, "--format", "dot")
		require.Zero(t, code, stderr)
		assert.Contains(t, out, "subgraph \"cluster_evenkeel:components:Secrets::secrets\"")
		assert.NotContains(t, out, ", 0 tasks")
	}
}
