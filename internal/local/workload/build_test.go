package workload_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/workload"
)

// goProject writes a Go module with a package of each sort, and another module
// below it.
func goProject(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for file, text := range map[string]string{
		"go.mod":             "module example.com/project\n\ngo 1.24\n",
		"api/main.go":        "package main\n\nfunc main() { println(\"first\") }\n",
		"broken/main.go":     "package main\n\nfunc main() { undefinedThing() }\n",
		"library/library.go": "package library\n",
		"empty/README":       "nothing to build\n",
		"own/go.mod":         "module example.com/own\n\ngo 1.24\n",
		"own/main.go":        "package main\n\nfunc main() {}\n",
	} {
		path := filepath.Join(root, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return root
}

func TestFindPackage(t *testing.T) {
	root := goProject(t)
	for name, c := range map[string]struct{ arg, dir, want string }{
		"a folder":                      {arg: "./api", dir: "api"},
		"a folder without ./":           {arg: "api", dir: "api"},
		"an absolute folder":            {arg: filepath.Join(root, "api"), dir: "api"},
		"an import path":                {arg: "example.com/project/api", dir: "api"},
		"a module of its own":           {arg: "./own", dir: "own"},
		"one that does not compile yet": {arg: "./broken", dir: "broken"},
		"no folder":                     {arg: "./nope", want: filepath.Join(root, "nope") + " is no folder"},
		"no package":                    {arg: "nope", want: "package nope is not in std"},
		"no Go files":                   {arg: "./empty", want: "no Go files in"},
		"no main package":               {arg: "./library", want: `this is package "library"`},
		"many":                          {arg: "example.com/project/...", want: "these are 3 packages"},
		"no name":                       {arg: "", want: "it has no name"},
		"a flag":                        {arg: "-x", want: "malformed import path"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := workload.FindPackage(t.Context(), root, c.arg)
			if c.want != "" {
				var bad *workload.PackageError
				require.ErrorAs(t, err, &bad)
				assert.Equal(t, c.arg, bad.Name)
				assert.ErrorContains(t, err, c.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, filepath.Join(root, c.dir), p.Dir)
		})
	}
}

func TestBuild(t *testing.T) {
	root, dir := goProject(t), t.TempDir()
	api := &workload.Package{Name: "./api", Dir: filepath.Join(root, "api")}
	program, err := workload.Build(t.Context(), api, dir)
	require.NoError(t, err)
	assert.Equal(t, "api", filepath.Base(program), "so that a list of processes is readable")
	out, err := exec.Command(program).CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, "first\n", string(out))

	_, err = workload.Build(t.Context(), &workload.Package{Name: "./broken", Dir: filepath.Join(root, "broken")}, dir)
	require.ErrorContains(t, err, "build ./broken: ")
	require.ErrorContains(t, err, "undefined: undefinedThing")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = workload.Build(ended, api, dir)
	require.ErrorIs(t, err, context.Canceled)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(program), "*"))
	require.NoError(t, err)
	assert.Equal(t, []string{program}, left, "what failed leaves nothing")
}
