package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/local/summary"
	"evenkeel/internal/sample"
)

// The summary after `local up` is computed from what the program registers, so
// its tests start from the committed stacks.
func TestSummaryOfTheCommittedStacks(t *testing.T) {
	golds, err := filepath.Abs("testdata")
	require.NoError(t, err)
	t.Chdir(sample.Dir(t))
	for _, name := range []string{"dev", "prod"} {
		t.Run(name, func(t *testing.T) {
			s, err := choose(name)
			require.NoError(t, err)
			g, err := s.graph(withImage(s.stack.Config))
			require.NoError(t, err)
			var resources []summary.Resource
			real := 0
			for _, r := range g.Resources {
				resources = append(resources, summary.Resource{Type: r.Type, Name: r.Name, Parent: r.Parent, Inputs: r.Inputs})
				if strings.HasPrefix(r.Type, "evenkeel:components:") {
					continue
				}
				real++
				assert.NotEqual(t, summary.Other, summary.DimensionOf(r.Type),
					"%s has no dimension: give it one, and words, in internal/local/summary/kinds.go", r.Type)
			}
			var b strings.Builder
			counted := 0
			for _, section := range summary.Of(resources) {
				counted += section.Resources
				fmt.Fprintf(&b, "%s (%d)\n", section.Dimension, section.Resources)
				for _, fact := range section.Facts {
					fmt.Fprintf(&b, "  %s\n", fact)
				}
			}
			assert.Equal(t, real, counted, "every resource is in one dimension")
			golden.Equal(t, filepath.Join(golds, "summary."+name+".txt"), b.String())
		})
	}
}
