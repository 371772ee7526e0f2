package parts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	buildLimit = 20 * time.Minute
	stampFile  = "built-from.sha256"
)

// goModule is a program that is built from a Go module of this project.
type goModule struct {
	// step is the progress line.
	step string
	// dir is the module, pkg the main package in it, ldflags the linker flags.
	dir, pkg, ldflags string
	// program is the name of the executable.
	program string
}

// fingerprint identifies what a build of m would make: the module's files,
// the Go version and the flags. Tests and documents don't count.
func (m goModule) fingerprint(ctx context.Context) (string, error) {
	toolchain, err := command{
		argv:  []string{"go", "env", "GOVERSION"},
		dir:   m.dir,
		env:   childEnviron(goVariables, "GOWORK=off"),
		limit: 30 * time.Second,
	}.run(ctx)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s/%s %q %q\n", strings.TrimSpace(toolchain), runtime.GOOS, runtime.GOARCH, m.pkg, m.ldflags)
	err = filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".md") {
			return nil
		}
		return hashFile(h, m.dir, path)
	})
	if err != nil {
		return "", fmt.Errorf("fingerprint of %s: %w", m.dir, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hashFile(h io.Writer, root, path string) error {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintf(h, "%s\x00", filepath.ToSlash(rel))
	_, err = io.Copy(h, f)
	return err
}

// build makes m's program in a new folder that also holds the stamp, and
// returns that folder. The caller places the folder or its files.
func (f *finder) build(ctx context.Context, m goModule) (dir string, remove func(), err error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", nil, errors.New("no go command on PATH")
	}
	f.progress.Step(m.step)
	defer func() { f.progress.Done(m.step, outcome(err, "built")) }()
	stamp, err := m.fingerprint(ctx)
	if err != nil {
		return "", nil, err
	}
	dir, remove, err = f.cache.scratch("build")
	if err != nil {
		return "", nil, err
	}
	// Go leaves its temporary files behind when it is interrupted; below the
	// cache folder the next run clears them away.
	work, removeWork, err := f.cache.scratch("gotmp")
	if err != nil {
		remove()
		return "", nil, err
	}
	defer removeWork()
	extra := []string{"GOWORK=off", "GOTMPDIR=" + work}
	if f.net.offline {
		extra = append(extra, "GOPROXY=off")
	}
	args := []string{"go", "build", "-mod=readonly", "-buildvcs=false", "-ldflags", m.ldflags, "-o", filepath.Join(dir, m.program), m.pkg}
	_, err = command{argv: args, dir: m.dir, env: childEnviron(goVariables, extra...), limit: buildLimit}.run(ctx)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, stampFile), []byte(stamp+"\n"), 0o644)
	}
	if err != nil {
		remove()
		return "", nil, f.cache.trouble(err)
	}
	return dir, remove, nil
}

// outcome is the detail of a finished step.
func outcome(err error, good string) string {
	if err == nil {
		return good
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return "failed: " + first
}

// readStamp returns the fingerprint that a program in dir was built from,
// empty for a program that was not built by us.
func readStamp(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, stampFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// fresh is true when the program in dir was built from m as it is now. On a
// machine without Go nothing could be rebuilt, so what is there is taken.
func (m goModule) fresh(ctx context.Context, dir string) bool {
	if _, err := exec.LookPath("go"); err != nil {
		return true
	}
	stamp, err := m.fingerprint(ctx)
	return err == nil && readStamp(dir) == stamp
}
