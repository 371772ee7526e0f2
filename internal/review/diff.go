package review

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"evenkeel/internal/alarms"
	"evenkeel/internal/graph"
)

// Kind is how a resource or an alarm differs.
type Kind string

// The kinds, in the order in which they are shown.
const (
	Removed Kind = "removed"
	Changed Kind = "changed"
	Added   Kind = "added"
)

// Change is one resource or alarm that is not the same in both graphs.
type Change struct {
	Kind Kind
	// Name is the "type::name" of a resource, or an alarm's name.
	Name string
	// Fields are what differs, sorted by path. Changed only.
	Fields []Field
}

// Field is one value that differs. Old or New is empty where there was, or is,
// no value.
type Field struct{ Path, Old, New string }

// Resources compares two resource graphs. Without a base everything is added.
func Resources(base, head *graph.Graph) ([]Change, error) {
	plain := func(g *graph.Graph) (map[string]map[string]string, error) {
		out := map[string]map[string]string{}
		if g == nil {
			return out, nil
		}
		for _, r := range g.Resources {
			// Which resources a value comes from follows from the value.
			r.InputsFrom = nil
			leaves, err := leavesOf(r)
			if err != nil {
				return nil, fmt.Errorf("compare %s: %w", r.Ref(), err)
			}
			out[r.Ref()] = leaves
		}
		return out, nil
	}
	return compare(base, head, plain)
}

// Alarms compares two alarm catalogues. Without a base everything is added.
func Alarms(base, head *alarms.Catalogue) ([]Change, error) {
	plain := func(c *alarms.Catalogue) (map[string]map[string]string, error) {
		out := map[string]map[string]string{}
		if c == nil {
			return out, nil
		}
		for _, a := range c.Alarms {
			leaves, err := leavesOf(a)
			if err != nil {
				return nil, fmt.Errorf("compare alarm %s: %w", a.Name, err)
			}
			out[a.Name] = leaves
		}
		return out, nil
	}
	return compare(base, head, plain)
}

func compare[T any](base, head T, plain func(T) (map[string]map[string]string, error)) ([]Change, error) {
	before, err := plain(base)
	if err != nil {
		return nil, err
	}
	after, err := plain(head)
	if err != nil {
		return nil, err
	}
	var out []Change
	for name, old := range before {
		now, there := after[name]
		switch {
		case !there:
			out = append(out, Change{Kind: Removed, Name: name})
		case !maps.Equal(old, now):
			out = append(out, Change{Kind: Changed, Name: name, Fields: fields(old, now)})
		}
	}
	for name := range after {
		if _, there := before[name]; !there {
			out = append(out, Change{Kind: Added, Name: name})
		}
	}
	order := []Kind{Removed, Changed, Added}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func fields(old, now map[string]string) []Field {
	paths := slices.Collect(maps.Keys(old))
	for p := range now {
		if _, there := old[p]; !there {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	var out []Field
	for _, p := range paths {
		if old[p] != now[p] {
			out = append(out, Field{p, old[p], now[p]})
		}
	}
	return out
}

// leavesOf are the values of v by their path, as JSON.
func leavesOf(v any) (map[string]string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	tree, err := decode(raw)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	leaves("", tree, out)
	return out, nil
}

// decode keeps numbers as they are written.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one value")
	}
	return v, nil
}

// leaves walks into objects and lists, and into texts that are JSON documents,
// such as policies: a reviewer looks for the statement that changed.
func leaves(path string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			leaves(join(path, key), child, out)
		}
		if len(v) == 0 {
			out[path] = "{}"
		}
	case []any:
		for i, child := range v {
			leaves(path+"["+strconv.Itoa(i)+"]", child, out)
		}
		if len(v) == 0 {
			out[path] = "[]"
		}
	case string:
		if doc, ok := document(v); ok {
			leaves(path, doc, out)
			return
		}
		out[path] = v
	case nil:
		out[path] = "null"
	default:
		out[path] = fmt.Sprint(v)
	}
}

// document decodes a text that holds a JSON object, or a list of them.
func document(s string) (any, bool) {
	if t := strings.TrimSpace(s); !strings.HasPrefix(t, "{") && !strings.HasPrefix(t, "[") {
		return nil, false
	}
	v, err := decode([]byte(s))
	if err != nil {
		return nil, false
	}
	if k := reflect.TypeOf(v).Kind(); k != reflect.Map && k != reflect.Slice {
		return nil, false
	}
	return v, true
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
