package workload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Package is a Go main package.
type Package struct {
	// Name is what the user called it, Dir its folder.
	Name, Dir string
}

// PackageError is a package that cannot be run.
type PackageError struct {
	// Name is what the user called it, Detail what is wrong with it.
	Name, Detail string
}

func (e *PackageError) Error() string {
	return fmt.Sprintf("--with-api: is %q, want the folder of a Go main package: %s", e.Name, e.Detail)
}

// FindPackage looks up the main package that name stands for: a folder,
// relative to root or absolute, or an import path. A folder may be in a Go
// module of its own. A mistake in the name is a *PackageError.
func FindPackage(ctx context.Context, root, name string) (*Package, error) {
	if name == "" {
		return nil, &PackageError{name, "it has no name"}
	}
	dir, pattern := root, name
	folder := name
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(root, name)
	}
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		dir, pattern = folder, "."
	} else if strings.HasPrefix(name, ".") || filepath.IsAbs(name) {
		return nil, &PackageError{name, folder + " is no folder"}
	}
	out, err := goCommand(ctx, dir, "list", "-f", "{{.Name}}\t{{.Dir}}", "--", pattern)
	if err != nil {
		return nil, &PackageError{name, err.Error()}
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 1 {
		return nil, &PackageError{name, fmt.Sprintf("these are %d packages", len(lines))}
	}
	kind, where, _ := strings.Cut(lines[0], "\t")
	if kind != "main" {
		return nil, &PackageError{name, fmt.Sprintf("this is package %q", kind)}
	}
	return &Package{Name: name, Dir: where}, nil
}

// binFolder holds the API's program, below the stack's folder.
const binFolder = "api-bin"

// Build builds the package below the stack's folder and returns the program's
// path. A process that runs an earlier build is not disturbed.
func Build(ctx context.Context, p *Package, stackDir string) (string, error) {
	dir := filepath.Join(stackDir, binFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	program := filepath.Join(dir, filepath.Base(p.Dir))
	fresh := program + ".new"
	// A repository that git does not trust must not decide whether it builds.
	if _, err := goCommand(ctx, p.Dir, "build", "-buildvcs=false", "-o", fresh, "."); err != nil {
		return "", errors.Join(fmt.Errorf("build %s: %w", p.Name, err), remove(fresh))
	}
	if err := os.Rename(fresh, program); err != nil {
		return "", fmt.Errorf("build %s: %w", p.Name, err)
	}
	return program, nil
}

// goCommand runs the Go command in a folder and returns its stdout. The error
// is what it printed.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = dir
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Interrupted, the Go command takes its compilers and temporary files along.
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGINT) }
	c.WaitDelay = 5 * time.Second
	err := c.Run()
	switch {
	case err == nil:
		return stdout.String(), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("there is no go command on PATH")
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	if text := strings.TrimSpace(stderr.String()); text != "" {
		return "", errors.New(lastLines(text, 20))
	}
	return "", err
}

// lastLines is the end of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(text, "\n")
	if len(lines) > n {
		lines = append([]string{"…"}, lines[len(lines)-n:]...)
	}
	return strings.Join(lines, "\n")
}
