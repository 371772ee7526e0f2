package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// edited is the file that stands for what people change.
const edited = "stacks/program.go"

// build measures `go build .`. Settings in GOFLAGS apply, as everywhere.
func build(ctx context.Context, root string, runs int, tell func(string, ...any)) (*Build, error) {
	out := &Build{}
	for run := range runs {
		if err := buildOnce(ctx, root, out, tell, run); err != nil {
			return nil, fmt.Errorf("build the program: %w", err)
		}
	}
	return out, nil
}

func buildOnce(ctx context.Context, root string, into *Build, tell func(string, ...any), run int) (err error) {
	dir, err := os.MkdirTemp("", "evenkeel-bench-build-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	overlay, err := edit(root, dir)
	if err != nil {
		return err
	}
	cache, binary := filepath.Join(dir, "cache"), filepath.Join(dir, "program")
	for _, c := range []struct {
		name string
		into *Figure
		args []string
	}{
		{"cold", &into.Cold, nil},
		{"warm", &into.Warm, nil},
		{"one package edited", &into.Edited, []string{"-overlay", overlay}},
	} {
		o, err := measure(ctx, command{
			dir: root, env: []string{"GOCACHE=" + cache},
			args: append(append([]string{"go", "build", "-o", binary}, c.args...), "."),
		})
		if err != nil {
			return err
		}
		c.into.add(o)
		tell("build %d, %s: %.1f s, %.0f s of CPU, largest process %d MiB", run+1, c.name, o.took.Seconds(), o.cpu.Seconds(), o.memory.Largest)
	}
	if into.BinaryMiB, err = mebibytes(binary); err != nil {
		return err
	}
	into.CacheMiB, err = mebibytes(cache)
	return err
}

// edit writes an overlay for the go command that has the file changed, so that
// nothing in the checkout is. A comment would not do: it compiles to the same.
func edit(root, dir string) (overlay string, err error) {
	raw, err := os.ReadFile(filepath.Join(root, edited))
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "edited.go")
	raw = fmt.Appendf(raw, "\n// Edited is for the benchmark.\nvar Edited = %d\n", time.Now().UnixNano())
	if err := os.WriteFile(changed, raw, 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, edited): changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// mebibytes is the size of a file, or of all files of a folder.
func mebibytes(path string) (int, error) {
	var bytes int64
	err := filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return int(bytes >> 20), err
}
