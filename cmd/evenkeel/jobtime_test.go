package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/deploytime"
	"evenkeel/internal/project"
	"evenkeel/internal/workflows"
)

// A job of the pipeline waits for as long as a release may take by the stacks' own
// configuration. Whoever changes that learns it on the pull request.
func TestReleasesFitTheirJob(t *testing.T) {
	p, err := project.Find("../..")
	require.NoError(t, err)
	names, err := p.Stacks()
	require.NoError(t, err)
	releases := map[string]time.Duration{}
	t.Chdir(p.Root)
	for _, name := range names {
		v, err := deployment(name)
		require.NoError(t, err)
		releases[name] = v.Job()
	}
	require.Contains(t, releases, "prod")
	all, err := workflows.Read(".github/workflows")
	require.NoError(t, err)
	for _, problem := range workflows.CheckTime(all, releases) {
		t.Error(problem)
	}
	releases["prod"] = 3 * time.Hour
	assert.NotEmpty(t, workflows.CheckTime(all, releases), "there is a job that deploys")
}

// The default of --timeout follows the strategy: a canary that bakes for two hours
// is not stuck after one.
func TestPatience(t *testing.T) {
	for strategy, want := range map[deploytime.Strategy]time.Duration{
		deploytime.Rolling: time.Hour, deploytime.BlueGreen: time.Hour,
		deploytime.Canary: 70 * time.Minute, deploytime.Linear: 69 * time.Minute,
	} {
		assert.Equal(t, want, budget(t, "prod", strategy).Patience(), string(strategy))
	}
	p, err := project.Find("../..")
	require.NoError(t, err)
	s, err := p.Stack("prod")
	require.NoError(t, err)
	s.Config["evenkeel:deployment"] = `{"strategy":"canary","canaryMinutes":120}`
	g, err := (&selection{p, s}).graph(withImage(s.Config))
	require.NoError(t, err)
	v, err := deploytime.Of(g)
	require.NoError(t, err)
	assert.Equal(t, 3*time.Hour, v.Patience())
	assert.Equal(t, 3*time.Hour+30*time.Minute, v.Job())
}
