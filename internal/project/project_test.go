package project_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/check"
	"evenkeel/internal/project"
)

const stackFile = `config:
  evenkeel:image: sha256:abc
  short: 5
  evenkeel:flag: true
  evenkeel:password:
    secure: v1:abc
  evenkeel:service: # comment
    port: 8080
    environment:
      "LOG.LEVEL": debug
    command: [a, b]
  "evenkeel:empty":
`

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestFindLooksUpwards(t *testing.T) {
	dir := write(t, map[string]string{"Pulumi.yaml": "name: evenkeel\nruntime: go\n", "Pulumi.dev.yaml": "", "Pulumi.a.yaml": ""})
	below := filepath.Join(dir, "a", "b")
	require.NoError(t, os.MkdirAll(below, 0o700))
	p, err := project.Find(below)
	require.NoError(t, err)
	assert.Equal(t, &project.Project{Root: dir, Name: "evenkeel"}, p)
	stacks, err := p.Stacks()
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "dev"}, stacks)

	_, err = p.Stack("prd")
	assert.EqualError(t, err, `stack "prd" has no Pulumi.prd.yaml; there is a or dev`)
}

func TestFindSaysWhatIsWrong(t *testing.T) {
	_, err := project.Find(t.TempDir())
	assert.ErrorContains(t, err, "no Pulumi.yaml in")
	_, err = project.Find(write(t, map[string]string{"Pulumi.yaml": "runtime: go\n"}))
	assert.ErrorContains(t, err, "name: is required")
}

func TestStackReadsValuesAsPulumiDoes(t *testing.T) {
	p, err := project.Find(write(t, map[string]string{"Pulumi.yaml": "name: evenkeel\n", "Pulumi.dev.yaml": stackFile}))
	require.NoError(t, err)
	s, err := p.Stack("dev")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"evenkeel:image":   "sha256:abc",
		"evenkeel:short":   "5",
		"evenkeel:flag":    "true",
		"evenkeel:service": `{"command":["a","b"],"environment":{"LOG.LEVEL":"debug"},"port":8080}`,
	}, s.Config)
	assert.Equal(t, []string{"evenkeel:password"}, s.Encrypted)

	for path, want := range map[check.Path]int{
		"evenkeel:image":                            2,
		"evenkeel:service":                          7,
		"evenkeel:service.port":                     8,
		`evenkeel:service.environment["LOG.LEVEL"]`: 10,
		"evenkeel:service.command[1]":               11,
		"evenkeel:service.cpu":                      7, // not there: its parent
		"evenkeel:nothing":                          0,
	} {
		assert.Equal(t, want, s.Line(path), "%s", path)
	}
}

func TestStackSaysWhereTheYAMLIsBroken(t *testing.T) {
	p, err := project.Find(write(t, map[string]string{
		"Pulumi.yaml": "name: evenkeel\n", "Pulumi.dev.yaml": "config:\n  a: 1\n  a: 2\n", "Pulumi.tab.yaml": "config:\n\ta: 1\n",
	}))
	require.NoError(t, err)
	_, err = p.Stack("dev")
	assert.ErrorContains(t, err, "Pulumi.dev.yaml: [3:3]")
	_, err = p.Stack("tab")
	assert.ErrorContains(t, err, "Pulumi.tab.yaml: [2:1]")
}
