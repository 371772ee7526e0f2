package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
	"evenkeel/stacks"
)

// Whatever the configuration accepts, the components must accept too: they
// check their arguments themselves, but their messages name Go fields, which
// mean nothing to whoever wrote the YAML.
func TestComponentsAcceptWhatTheConfigurationAccepts(t *testing.T) {
	numbers := []any{-1, 0, 1, 2, 3, 5, 6, 7, 10, 14, 29, 30, 31, 45, 99, 100, 101, 120, 121, 150, 200, 201, 256, 512, 1000, 1001, 1024, 3600, 3653, 4000, 65535, 65536}
	texts := []any{"", "x", "/", "/up", "65532", "0", "10.0.0.0/24", "10.0.0.0/16", "release-", "a b", "A-b"}
	accepted := 0
	for _, stack := range []string{"dev", "prod"} {
		base := load(t, sample.Dir(t), stack).Config
		for path, typ := range leaves(reflect.TypeFor[stacks.Config](), nil) {
			values := map[reflect.Kind][]any{
				reflect.Int: numbers, reflect.Float64: {0, 93.1, 99, 99.9, 99.999, 100}, reflect.String: texts, reflect.Bool: {true, false},
			}[typ.Kind()]
			for _, v := range values {
				config := set(t, base, strings.Split(path, "."), v)
				if _, err := stacks.Decode(stack, config); err != nil {
					continue
				}
				accepted++
				edits := map[string]string{}
				maps.Copy(edits, config)
				_, err := record(t, stack, edits)
				assert.NoError(t, err, "%s: %s = %v is good as configuration", stack, path, v)
			}
		}
	}
	assert.Greater(t, accepted, 300, "the values tried must be good ones often enough")
}

// leaves lists the paths of all single values.
func leaves(typ reflect.Type, at []string) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(typ) {
		path := append(at[:len(at):len(at)], f.Tag.Get("json"))
		if f.Type.Kind() == reflect.Struct {
			maps.Copy(out, leaves(f.Type, path))
		} else {
			out[strings.Join(path, ".")] = f.Type
		}
	}
	return out
}

// set returns a copy of config with one value replaced.
func set(t *testing.T, config map[string]string, path []string, v any) map[string]string {
	t.Helper()
	out := maps.Clone(config)
	key := stacks.Namespace + ":" + path[0]
	if len(path) == 1 {
		out[key] = fmt.Sprint(v)
		return out
	}
	doc := map[string]any{}
	if raw := config[key]; raw != "" {
		require.NoError(t, json.Unmarshal([]byte(raw), &doc))
	}
	at := doc
	for _, p := range path[1 : len(path)-1] {
		next, _ := at[p].(map[string]any)
		if next == nil {
			next = map[string]any{}
		}
		at[p] = next
		at = next
	}
	at[path[len(path)-1]] = v
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	out[key] = string(raw)
	return out
}
