package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
)

// in runs the command in a folder.
func in(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(dir)
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

func TestGraphOfTheCommittedStacks(t *testing.T) {
	root := sample.Dir(t)
	for _, stack := range []string{"dev", "prod"} {
		code, out, stderr := in(t, root, "graph", "--stack", stack, "--format", "json")
		require.Zero(t, code, stderr)
		assert.Empty(t, stderr, "the result alone is on stdout, and there is no progress to tell")
		var g struct {
			Stack     string
			Resources []struct {
				Type, Name string
				Parent     *string
				Inputs     map[string]any
			}
		}
		require.NoError(t, json.Unmarshal([]byte(out), &g))
		assert.Equal(t, stack, g.Stack)
		assert.Greater(t, len(g.Resources), 30)
		for _, r := range g.Resources {
			assert.NotEmpty(t, r.Type)
			assert.NotEmpty(t, r.Name)
			assert.NotNil(t, r.Parent, "%s: a reader can rely on the field", r.Name)
			assert.NotNil(t, r.Inputs, "%s: a reader can rely on the field", r.Name)
		}
		_, again, _ := in(t, root, "graph", "--stack", stack, "--format", "json")
		assert.Equal(t, out, again, "the same stack gives the same text")
	}
}

func TestGraphWorksBelowTheRoot(t *testing.T) {
	below := filepath.Join(committed(t), "stacks", "testdata")
	require.NoError(t, os.MkdirAll(below, 0o700))
	code, out, stderr := in(t, below, "graph")
	require.Zero(t, code, stderr)
	assert.Contains(t, out, "└─ secrets-key")
}

func TestOutsideAProject(t *testing.T) {
	code, _, stderr := in(t, t.TempDir(), "graph")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "run the command in a checkout of the project")
}

func TestAProblemNamesFileAndLine(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: evenkeel\n"), 0o600))
	raw, err := os.ReadFile(filepath.Join(sample.Dir(t), "Pulumi.dev.yaml"))
	require.NoError(t, err)
	text := bytes.Replace(raw, []byte("port: 8080"), []byte("port: 0"), 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), text, 0o600))
	code, out, stderr := in(t, dir, "graph")
	assert.Equal(t, exitUsage, code)
	assert.Empty(t, out)
	assert.Regexp(t, `^error: Pulumi\.dev\.yaml has 1 problem:\n  Pulumi\.dev\.yaml:\d+: evenkeel:service\.port: is 0, want 1 to 65535\n$`, stderr)
}

func TestHelpListsTheCommands(t *testing.T) {
	code, out, _ := in(t, ".", "--help")
	assert.Zero(t, code)
	for _, want := range []string{"graph", "local"} {
		assert.Contains(t, out, want)
	}
	code, out, _ = in(t, ".", "local")
	assert.Zero(t, code)
	assert.NotContains(t, out, "serve", "what only `up` starts is no command for people")
}
