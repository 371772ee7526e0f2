// Package project finds the Pulumi project that a command was started in and
// reads a stack's configuration from its Pulumi.<stack>.yaml, without an
// engine.
package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"evenkeel/internal/check"
)

// Project is a folder with a Pulumi.yaml.
type Project struct {
	// Root is the folder, absolute.
	Root string
	// Name is the project's name, the namespace of its configuration.
	Name string
}

// Find looks for the project in dir and the folders above it.
func Find(dir string) (*Project, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the project: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		raw, err := os.ReadFile(filepath.Join(at, "Pulumi.yaml"))
		switch {
		case err == nil:
			return open(at, raw)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("find the project: %w", err)
		case at == filepath.Dir(at):
			return nil, fmt.Errorf("find the project: no Pulumi.yaml in %s or above it; run the command in a checkout of the project", start)
		}
	}
}

func open(root string, raw []byte) (*Project, error) {
	var file struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("read Pulumi.yaml: %w", err)
	}
	if file.Name == "" {
		return nil, errors.New("read Pulumi.yaml: name: is required")
	}
	return &Project{Root: root, Name: file.Name}, nil
}

// Stacks lists the stacks that have a Pulumi.<stack>.yaml, sorted.
func (p *Project) Stacks() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(p.Root, "Pulumi.*.yaml"))
	if err != nil {
		return nil, fmt.Errorf("list the stacks: %w", err)
	}
	var out []string
	for _, f := range files {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "Pulumi."), ".yaml"))
	}
	slices.Sort(out)
	return out, nil
}

// Stack is one stack's configuration file.
type Stack struct {
	// Name is the stack's name, File the configuration file's base name.
	Name, File string
	// Config holds the values by full key ("evenkeel:service"), objects and
	// lists as JSON, as Pulumi hands them to a program.
	Config map[string]string
	// Encrypted are the keys that hold encrypted values, which only the
	// stack's own secrets provider can read; Config does not have them.
	Encrypted []string

	root ast.Node
}

// Stack reads the configuration of the stack called name.
func (p *Project) Stack(name string) (*Stack, error) {
	file := "Pulumi." + name + ".yaml"
	raw, err := os.ReadFile(filepath.Join(p.Root, file))
	if errors.Is(err, fs.ErrNotExist) {
		known, _ := p.Stacks()
		return nil, fmt.Errorf("stack %q has no %s; there is %s", name, file, check.Or(known))
	}
	if err != nil {
		return nil, fmt.Errorf("read the stack %q: %w", name, err)
	}
	s := &Stack{Name: name, File: file, Config: map[string]string{}}
	parsed, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %s", file, yaml.FormatError(err, false, true))
	}
	if len(parsed.Docs) > 0 {
		s.root = parsed.Docs[0].Body
	}
	var doc struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("read %s: %s", file, yaml.FormatError(err, false, true))
	}
	for key, v := range doc.Config {
		if err := s.add(p.Name, key, v); err != nil {
			return nil, err
		}
	}
	slices.Sort(s.Encrypted)
	return s, nil
}

// add stores one value in the form that a program gets it in.
func (s *Stack) add(project, key string, v any) error {
	if !strings.Contains(key, ":") {
		key = project + ":" + key // Pulumi's own short form
	}
	if secure, ok := v.(map[string]any); ok && len(secure) == 1 && secure["secure"] != nil {
		s.Encrypted = append(s.Encrypted, key)
		return nil
	}
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		s.Config[key] = v
	case map[string]any, []any:
		raw, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("read %s: %s: %w", s.File, key, err)
		}
		s.Config[key] = string(raw)
	default:
		s.Config[key] = fmt.Sprint(v)
	}
	return nil
}

// Line returns the line of the file in which the value at path stands
// (`evenkeel:service.environment["LOG"]`), or that of the nearest value above
// it that is there, or 0.
func (s *Stack) Line(path check.Path) int {
	node := child(s.root, "config")
	if node == nil {
		return 0
	}
	line := 0
	for _, key := range split(string(path)) {
		next := child(node, key)
		if next == nil {
			break
		}
		node, line = next, keyLine(node, key, next)
	}
	return line
}

// split takes a path apart: `a:b.c["d"][0]` gives a:b, c, d, 0.
func split(path string) []string {
	var out []string
	var b strings.Builder
	quoted, flush := false, func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range path {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == '.' || r == '[' || r == ']'):
			flush()
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return out
}

func child(n ast.Node, key string) ast.Node {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			if keyText(v) == key {
				return v.Value
			}
		}
	case *ast.MappingValueNode:
		if keyText(n) == key {
			return n.Value
		}
	case *ast.SequenceNode:
		for i, v := range n.Values {
			if fmt.Sprint(i) == key {
				return v
			}
		}
	}
	return nil
}

// keyText is a mapping's key as text, without quotes.
func keyText(v *ast.MappingValueNode) string { return v.Key.GetToken().Value }

// keyLine is the line of the key where there is one, else of the value.
func keyLine(parent ast.Node, key string, value ast.Node) int {
	values := []*ast.MappingValueNode{}
	switch p := parent.(type) {
	case *ast.MappingNode:
		values = p.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{p}
	}
	for _, v := range values {
		if keyText(v) == key {
			return v.Key.GetToken().Position.Line
		}
	}
	return value.GetToken().Position.Line
}
