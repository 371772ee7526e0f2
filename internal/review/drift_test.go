package review_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/review"
)

func TestDrift(t *testing.T) {
	t.Parallel()
	p, err := review.ParsePreview([]byte(pulumiJSON))
	require.NoError(t, err)
	text := review.Drift("dev", p)
	assert.True(t, strings.HasPrefix(text, "<!-- evenkeel:drift:dev -->\nStack `dev` is not as its program describes it."))
	assert.Contains(t, text, "| **`replace`** | `aws:lb/targetGroup:TargetGroup::targets` | `port` |")
	none := review.Drift("dev", &review.Preview{Changes: map[string]int{"same": 3}})
	assert.Equal(t, "<!-- evenkeel:drift:dev -->\nStack `dev` is as its program describes it again (3 same).\n", none)
	assert.Equal(t, "<!-- evenkeel:drift:a__b -->", review.DriftMarker("a\n>b"))
	long := &review.Preview{Changes: map[string]int{"update": 9000}}
	for range 9000 {
		long.Steps = append(long.Steps, review.Step{Op: "update", URN: "urn"})
	}
	assert.LessOrEqual(t, len(review.Drift("dev", long)), review.Limit)
}
