package main_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page shows three changed lines; what they replace must be there.
func TestThreeLinesOfTheGuideAreThoseOfTheConfiguration(t *testing.T) {
	text, err := os.ReadFile("../docs/own-api.md")
	require.NoError(t, err)
	_, diff, found := strings.Cut(string(text), "```diff\n")
	require.True(t, found)
	diff, _, _ = strings.Cut(diff, "```")
	for _, file := range []string{"../internal/sample/Pulumi.dev.yaml", "../internal/sample/Pulumi.prod.yaml"} {
		config, err := os.ReadFile(file)
		require.NoError(t, err)
		added := 0
		for line := range strings.Lines(diff) {
			if line[0] == '+' {
				added++
				continue
			}
			assert.Contains(t, string(config), "\n"+line[1:], "%s: what the page has in line %q", file, line)
		}
		assert.Equal(t, 3, added)
	}
}
