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

// lasting are stacks whose releases can take so long.
func lasting(of map[string]time.Duration) map[string]workflows.Stack {
	out := map[string]workflows.Stack{}
	for name, d := range of {
		out[name] = workflows.Stack{Release: d, Environment: name, Branch: "main"}
	}
	return out
}

func says(all []*workflows.Workflow, stacks map[string]workflows.Stack) (out []string) {
	for _, p := range workflows.CheckStacks(all, stacks) {
		out = append(out, p.String())
	}
	return out
}

func TestAReleaseFitsItsJob(t *testing.T) {
	t.Parallel()
	w, err := workflows.Parse("w.yml", deploying)
	require.NoError(t, err)
	all := []*workflows.Workflow{w}
	assert.Empty(t, says(all, lasting(map[string]time.Duration{"dev": 90 * time.Minute, "prod": 110 * time.Minute})))
	assert.Equal(t, []string{
		"w.yml job change: timeouts: timeout-minutes: is 110, and a release of prod can take 180 minutes, by its evenkeel:deployment: want 180 or more",
	}, says(all, lasting(map[string]time.Duration{"dev": 90 * time.Minute, "prod": 3*time.Hour - 30*time.Second})))
	assert.Equal(t, []string{
		"w.yml job change: timeouts: a release of prod can take 1440 minutes, by its evenkeel:deployment, and a job no more than 345: want its traffic to move faster",
	}, says(all, lasting(map[string]time.Duration{"prod": 24 * time.Hour})))

	for _, session := range []any{3600, 10800, nil} {
		w.Jobs["change"].Steps[0].With["role-duration-seconds"] = session
		got := says(all, nil)
		require.Len(t, got, 1)
		assert.Contains(t, got[0], "want 7200: 10 minutes longer than timeout-minutes")
	}
}

const calling = `
on: {push: {branches: [main]}}
permissions: {}
jobs:
  prod:
    uses: ./.github/workflows/pulumi.yml
    with: {action: release, stack: prod, environment: prod}
`

const byHand = `
on: workflow_dispatch
permissions: {}
jobs:
  tools:
    if: github.ref == 'refs/heads/main'
  back:
    uses: ./.github/workflows/pulumi.yml
    with: {action: rollback, stack: "${{ inputs.stack }}", environment: "${{ inputs.stack }}"}
`

func TestAJobIsOneThatTheRoleTrusts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"deploy.yml job prod": calling, "deploy.yml job back": byHand} {
		w, err := workflows.Parse("deploy.yml", text)
		require.NoError(t, err)
		all := []*workflows.Workflow{w}
		assert.Empty(t, says(all, map[string]workflows.Stack{"prod": {Environment: "prod", Branch: "main"}}))
		assert.Equal(t, []string{
			name + ": environments: environment: is prod for stack prod, and its role trusts production: want the same here and in evenkeel:pipeline.environment",
			name + ": branches: does not run on release, which is the branch that the role of stack prod trusts: want the same here and in evenkeel:pipeline.branch",
		}, says(all, map[string]workflows.Stack{"prod": {Environment: "production", Branch: "release"}}))
	}
}
