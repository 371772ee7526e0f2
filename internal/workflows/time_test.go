package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/workflows"
)

const deploying = `
on: workflow_call
permissions: {}
jobs:
  read:
    timeout-minutes: 30
    steps:
      - uses: aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3
  change:
    timeout-minutes: 110
    environment: prod
    steps:
      - uses: aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3
        with:
          role-duration-seconds: 7200
`

func TestAReleaseFitsItsJob(t *testing.T) {
	t.Parallel()
	w, err := workflows.Parse("w.yml", deploying)
	require.NoError(t, err)
	all := []*workflows.Workflow{w}
	assert.Empty(t, workflows.CheckTime(all, map[string]time.Duration{"dev": 90 * time.Minute, "prod": 110 * time.Minute}))

	says := func(releases map[string]time.Duration) (out []string) {
		for _, p := range workflows.CheckTime(all, releases) {
			out = append(out, p.String())
		}
		return out
	}
	assert.Equal(t, []string{
		"w.yml job change: timeouts: timeout-minutes: is 110, and a release of prod can take 180 minutes, by its evenkeel:deployment: want 180 or more",
	}, says(map[string]time.Duration{"dev": 90 * time.Minute, "prod": 3*time.Hour - 30*time.Second}))
	assert.Equal(t, []string{
		"w.yml job change: timeouts: a release of prod can take 1440 minutes, by its evenkeel:deployment, and a job no more than 345: want its traffic to move faster",
	}, says(map[string]time.Duration{"prod": 24 * time.Hour}))

	for _, session := range []any{3600, 10800, nil} {
		w.Jobs["change"].Steps[0].With["role-duration-seconds"] = session
		got := says(nil)
		require.Len(t, got, 1)
		assert.Contains(t, got[0], "want 7200: 10 minutes longer than timeout-minutes")
	}
}
