package main_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Its image is built from this folder alone, without downloading anything.
func TestProgramImportsTheStandardLibraryOnly(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	assert.Contains(t, packages, "evenkeel/api")
	for _, p := range packages {
		assert.True(t, p == "evenkeel/api" || strings.HasPrefix(p, "evenkeel/api/internal/"), p)
	}
}
