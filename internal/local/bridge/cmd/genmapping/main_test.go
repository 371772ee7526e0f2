package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/providertest"
	"evenkeel/bridge/internal/sdkscan"
)

const root = "../../../../.."

// The report is part of it: a property that a new version of the SDK or the provider
// loses, or that is paired by likeness only, is a new line there.
func TestMappingIsCurrent(t *testing.T) {
	binary := providertest.Binary(t)
	dir, version, err := sdkscan.Locate(root)
	require.NoError(t, err)
	fresh, err := generate(t.Context(), dir, version, binary)
	require.NoError(t, err)

	for name, want := range fresh {
		got, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		diff := difference(string(got), string(want))
		assert.Empty(t, diff, "%s is not current: run `go run ./cmd/genmapping` in internal/local/bridge and review its changes", name)
	}
	assert.Less(t, len(fresh[outputsFile]), 700_000)
}

// difference lists up to 20 lines that only one of two texts has.
func difference(have, want string) []string {
	count := map[string]int{}
	for line := range strings.Lines(have) {
		count[line]--
	}
	for line := range strings.Lines(want) {
		count[line]++
	}
	var out []string
	for line, n := range count {
		switch {
		case n < 0:
			out = append(out, "- "+line)
		case n > 0:
			out = append(out, "+ "+line)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 20)]
}
