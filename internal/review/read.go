package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"evenkeel/internal/alarms"
	"evenkeel/internal/graph"
)

// The files of a folder, by the stack's name and one of these endings.
const (
	graphFile   = ".graph.json"   // evenkeel graph --format json
	alarmsFile  = ".alarms.json"  // evenkeel alarms --format json
	previewJSON = ".preview.json" // evenkeel preview --format json, or pulumi preview --json
	previewText = ".preview.txt"  // evenkeel local preview
)

// Read reads the stacks of two folders: head's with previews, and base's.
// Either may lack a stack that the other has.
func Read(base, head string) ([]Stack, error) {
	before, err := stacksOf(base)
	if err != nil {
		return nil, fmt.Errorf("read the base: %w", err)
	}
	after, err := stacksOf(head)
	if err != nil {
		return nil, fmt.Errorf("read what is compared with the base: %w", err)
	}
	names := slices.Concat(before, after)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil, fmt.Errorf("read the stacks: neither %s nor %s has a file <stack>%s", base, head, graphFile)
	}
	var out []Stack
	for _, name := range names {
		s := Stack{Name: name}
		if s.Base, err = snapshot(base, name, slices.Contains(before, name)); err != nil {
			return nil, err
		}
		if s.Head, err = snapshot(head, name, slices.Contains(after, name)); err != nil {
			return nil, err
		}
		if s.Preview, err = preview(head, name); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func stacksOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), graphFile); ok && name != "" {
			out = append(out, name)
		}
	}
	return out, nil
}

func snapshot(dir, name string, there bool) (*Snapshot, error) {
	if !there {
		return nil, nil //nolint:nilnil // no snapshot is an answer, and no mistake
	}
	out := &Snapshot{Graph: &graph.Graph{}, Alarms: &alarms.Catalogue{}}
	for ending, into := range map[string]any{graphFile: out.Graph, alarmsFile: out.Alarms} {
		file := filepath.Join(dir, name+ending)
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read stack %s: %w", name, err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
	return out, nil
}

func preview(dir, name string) (*Preview, error) {
	for _, ending := range []string{previewJSON, previewText} {
		file := filepath.Join(dir, name+ending)
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the preview of %s: %w", name, err)
		}
		p, err := ParsePreview(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return p, nil
	}
	return nil, nil //nolint:nilnil // no preview is an answer, and no mistake
}
