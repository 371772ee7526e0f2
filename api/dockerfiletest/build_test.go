package dockerfiletest_test

import (
	"debug/elf"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// sent returns the files of the repository that the builder is sent, by the
// matcher that Docker uses.
func sent(t *testing.T) []string {
	t.Helper()
	f, err := os.Open("../Dockerfile.dockerignore")
	require.NoError(t, err)
	defer f.Close()
	patterns, err := ignorefile.ReadAll(f)
	require.NoError(t, err)
	ignored, err := patternmatcher.New(patterns)
	require.NoError(t, err)

	var files []string
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		// Nothing below these is sent, and there is a lot of it.
		if d.IsDir() && (rel == ".git" || rel == ".evenkeel") {
			return filepath.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		skip, err := ignored.MatchesOrParentMatches(rel)
		if !skip {
			files = append(files, rel)
		}
		return err
	}))
	return files
}

func TestBuilderIsSentTheProgramOnly(t *testing.T) {
	files := sent(t)
	for _, want := range []string{"go.mod", "go.sum", "api/main.go", "api/internal/cli/cli.go"} {
		assert.Contains(t, files, want)
	}
	for _, f := range files {
		program := strings.HasPrefix(f, "api/") && strings.HasSuffix(f, ".go") && !strings.HasSuffix(f, "_test.go")
		assert.True(t, program || f == "go.mod" || f == "go.sum", "%s is sent", f)
	}
}

// The build stage is carried out as the Dockerfile says, with nothing but what
// the builder is sent: only its base image is the machine's own.
func TestBuildStageBuilds(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		t.Run(arch, func(t *testing.T) {
			dir := t.TempDir()
			stages, _ := parse(t, read(t))
			src := filepath.Join(dir, "src")
			for _, c := range all[*instructions.CopyCommand](stages[0]) {
				copySent(t, c, src)
			}
			for _, c := range all[*instructions.RunCommand](stages[0]) {
				line := strings.ReplaceAll(strings.Join(c.CmdLine, " "), "/out/", dir+"/out/")
				cmd := exec.CommandContext(t.Context(), "/bin/sh", "-euc", line)
				cmd.Dir = src
				cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOMODCACHE="+filepath.Join(dir, "modules"), "TARGETOS=linux", "TARGETARCH="+arch, "VERSION=1.2.3")
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s\n%s", line, out)
			}
			checkBinary(t, filepath.Join(dir, "out", "api"), dir, machine)
			if arch == runtime.GOARCH && runtime.GOOS == "linux" {
				version, err := exec.CommandContext(t.Context(), filepath.Join(dir, "out", "api"), "version").Output()
				require.NoError(t, err)
				assert.Equal(t, "1.2.3\n", string(version))
			}
			info, err := os.Stat(filepath.Join(dir, "out", "tmp"))
			require.NoError(t, err)
			assert.Equal(t, fs.ModeDir|fs.ModeSticky|0o777, info.Mode())
		})
	}
}

// copySent carries out a COPY into the working directory.
func copySent(t *testing.T, c *instructions.CopyCommand, workdir string) {
	t.Helper()
	copied := 0
	for _, f := range sent(t) {
		if !slices.ContainsFunc(c.SourcePaths, func(s string) bool {
			return f == s || (strings.HasSuffix(s, "/") && strings.HasPrefix(f, s))
		}) {
			continue
		}
		body, err := os.ReadFile(filepath.Join(root, f))
		require.NoError(t, err)
		to := filepath.Join(workdir, f)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o750))
		require.NoError(t, os.WriteFile(to, body, 0o600))
		copied++
	}
	require.NotZero(t, copied, "COPY %v finds nothing", c.SourcePaths)
}

func checkBinary(t *testing.T, path, dir string, machine elf.Machine) {
	t.Helper()
	file, err := elf.Open(path)
	require.NoError(t, err)
	defer file.Close()
	assert.Equal(t, machine, file.Machine)
	for _, p := range file.Progs {
		assert.NotEqual(t, elf.PT_INTERP, p.Type, "want a static binary: the image has no loader")
	}
	assert.Nil(t, file.Section(".symtab"), "want it stripped")
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, string(body), dir, "the builder's paths")
}
