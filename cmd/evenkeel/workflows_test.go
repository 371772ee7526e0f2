package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/deploytime"
	"evenkeel/internal/iampolicy"
	"evenkeel/internal/project"
	"evenkeel/internal/sample"
	"evenkeel/internal/workflows"
	"evenkeel/stacks"
)

// These tests alone are of the stacks at the repository's root, which are a team's
// own.

func TestTheStacksHavePolicies(t *testing.T) {
	p, err := project.Find("../..")
	require.NoError(t, err)
	names, err := p.Stacks()
	require.NoError(t, err)
	t.Chdir(p.Root)
	for _, name := range names {
		s, err := choose(name)
		require.NoError(t, err)
		in, err := s.policyInput()
		require.NoError(t, err)
		_, err = iampolicy.Generate(in) // refuses what is larger than IAM accepts
		require.NoError(t, err)
	}
}

// The workflows are files of this repository, and so is what a stack's roles trust
// and how long its releases take: whoever changes one of them learns on the pull
// request what the other has to be.
func TestTheWorkflowsAreThoseOfTheStacks(t *testing.T) {
	p, err := project.Find("../..")
	require.NoError(t, err)
	names, err := p.Stacks()
	require.NoError(t, err)
	all, err := workflows.Read(p.Root + "/.github/workflows")
	require.NoError(t, err)
	t.Chdir(p.Root)
	configured := map[string]workflows.Stack{}
	for _, name := range names {
		s, err := choose(name)
		require.NoError(t, err)
		cfg, err := stacks.Decode(name, s.stack.Config)
		require.NoError(t, err)
		v, err := deployment(name)
		require.NoError(t, err)
		configured[name] = workflows.Stack{
			Release: v.Job(), Environment: cfg.Pipeline.EnvironmentName(name), Branch: cfg.Pipeline.Branch,
		}
	}
	for _, problem := range workflows.CheckStacks(all, configured) {
		t.Error(problem)
	}
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
	p, err := project.Find(sample.Dir(t))
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
