package stacks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"evenkeel/components/service"
)

// object is a JSON object that keeps its order, which is the order that a
// reviewer reads the schema in.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		b.Write(append(key, ':'))
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (o *object) add(key string, value any) { *o = append(*o, member{key, value}) }

// SchemaText is the JSON Schema of Pulumi.<stack>.yaml.
func SchemaText(t *testing.T) string {
	t.Helper()
	keys := ConfigKeys(t)
	config := object{}
	for _, k := range keys {
		s := keySchema(t, k)
		if !k.Leaf() {
			// A whole mapping may be encrypted; completion must not propose it.
			s = object{
				{"description", k.Text},
				{"if", object{{"type", "object"}, {"required", []string{"secure"}}}},
				{"then", object{{"$ref", "#/$defs/encrypted"}}},
				{"else", s},
			}
		}
		config.add(k.Path, s)
	}
	encrypted := object{{"secure", object{{"type", "string"}}}}
	schema := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Pulumi.<stack>.yaml"},
		{"description", "Configuration of an evenkeel stack. Generated from stacks/config.go; `make update-golden` rewrites it."},
		{"type", "object"},
		{"properties", object{
			{"config", object{
				{"description", "The stack's configuration. docs/configuration.md says more."},
				{"type", "object"},
				{"properties", config},
				{"patternProperties", object{{"^pulumi:", object{{"description", "A setting of Pulumi's engine."}}}}},
				{"required", required(keys)},
				{"additionalProperties", false},
			}},
			{"secretsprovider", object{{"description", "Who encrypts the stack's secret values. Pulumi writes it."}, {"type", "string"}}},
			{"encryptionsalt", object{{"description", "Salt of the passphrase that encrypts secret values. Pulumi writes it."}, {"type", "string"}}},
			{"encryptedkey", object{{"description", "Key of the secrets provider, encrypted. Pulumi writes it."}, {"type", "string"}}},
			{"environment", object{{"description", "Pulumi ESC environments to import."}, {"type", []string{"array", "object"}}}},
		}},
		{"required", []string{"config"}},
		{"additionalProperties", false},
		{"$defs", object{
			{"encrypted", object{
				{"description", "A value that Pulumi has encrypted."},
				{"type", "object"},
				{"properties", encrypted},
				{"required", []string{"secure"}},
				{"additionalProperties", false},
			}},
			{"text", object{
				{"type", []string{"string", "object"}},
				{"properties", encrypted},
				{"required", []string{"secure"}},
				{"additionalProperties", false},
			}},
		}},
	}
	raw, err := json.Marshal(schema)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, raw, "", "  "))
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(b.String()) + "\n"
}

// required lists the keys that a mapping cannot do without: those whose own
// value is required, and those that hold such a key.
func required(keys []*Key) []string {
	out := []string{}
	for _, k := range keys {
		if k.rule.required || len(required(k.Keys)) > 0 {
			out = append(out, k.Name)
			if strings.HasPrefix(k.Path, Namespace+":") && !strings.Contains(k.Path, ".") {
				out[len(out)-1] = k.Path
			}
		}
	}
	return out
}

func keySchema(t *testing.T, k *Key) object {
	t.Helper()
	out := object{{"description", k.describe()}}
	if !k.Leaf() {
		return append(out, mapping(t, k.Keys)...)
	}
	if k.Each == nil {
		out = append(out, k.values()...)
	} else {
		names := k.rule.keys.schema(false)
		out = append(out, member{"type", "object"}, member{"propertyNames", names[1:]}, member{"additionalProperties", mapping(t, k.Each)})
	}
	if !k.rule.required && shown(k.Dev) != "" && reflect.DeepEqual(k.Dev.Interface(), k.Prod.Interface()) {
		out.add("default", k.Dev.Interface())
	}
	var example any
	require.NoError(t, yaml.Unmarshal([]byte(k.rule.example), &example), k.Path)
	out.add("examples", []any{example})
	return out
}

func mapping(t *testing.T, keys []*Key) object {
	t.Helper()
	properties := object{}
	for _, k := range keys {
		properties.add(k.Name, keySchema(t, k))
	}
	out := object{{"type", "object"}, {"properties", properties}}
	if names := required(keys); len(names) > 0 {
		out.add("required", names)
	}
	out.add("additionalProperties", false)
	return out
}

// describe is what an editor shows for a key.
func (k *Key) describe() string {
	out := k.Text
	switch k.Type.Kind() {
	case reflect.Int:
		out += " Accepted: " + k.rule.acceptsNumber() + "."
	case reflect.Float64:
		out += " Accepted: " + k.rule.unit + ", " + k.rule.format.want + "."
	}
	if k.Leaf() && !k.rule.required {
		switch dev, prod := shown(k.Dev), shown(k.Prod); {
		case dev != prod:
			out += fmt.Sprintf(" Default: %s in development, %s in production.", dev, prod)
		case dev != "":
			out += fmt.Sprintf(" Default: %s.", dev)
		}
	}
	if k.rule.change != "" {
		out += " Changing it " + k.rule.change + "."
	}
	for _, link := range k.Links {
		out += " " + link
	}
	return out
}

// shown is a default as YAML, "" for none.
func shown(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = fmt.Sprint(v.Index(i))
		}
		if len(items) == 0 {
			return ""
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Map:
		return ""
	}
	return fmt.Sprint(v)
}

// values is the part of a key's schema that says what is accepted.
func (k *Key) values() object {
	r := k.rule
	switch k.Type.Kind() {
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int:
		return r.number()
	case reflect.Float64:
		return object{{"type", "number"}, {"exclusiveMinimum", r.format.above}, {"maximum", r.format.most}}
	case reflect.Slice:
		out := object{{"type", "array"}}
		if k.Type.Elem().Kind() == reflect.Int {
			out.add("items", r.number())
		} else {
			if r.bounded {
				out = append(out, member{"minItems", r.min}, member{"maxItems", r.max})
			}
			out.add("items", r.format.schema(false))
		}
		if r.unique != "" {
			out.add("uniqueItems", true)
		}
		return out
	case reflect.Map:
		names := r.keys.schema(false)
		return object{{"type", "object"}, {"propertyNames", names[1:]}, {"additionalProperties", r.format.schema(false)}}
	}
	if k.choices == nil {
		return r.format.schema(!r.required && shown(k.Dev) == "")
	}
	var values, texts []string
	for _, c := range k.choices {
		values, texts = append(values, c.value), append(texts, c.text)
	}
	return object{{"type", "string"}, {"enum", values}, {"markdownEnumDescriptions", texts}}
}

func (r rule) number() object {
	out := object{{"type", "integer"}}
	switch {
	case r.oneof != nil && r.oneof.values == nil:
		memory := slices.Sorted(maps.Keys(fargateSizes()))
		return append(out, member{"minimum", memory[0]}, member{"maximum", memory[len(memory)-1]}, member{"multipleOf", memory[0]})
	case r.oneof != nil:
		values := slices.Clone(r.oneof.values())
		if r.zero != "" {
			values = append([]int{0}, values...)
		}
		out.add("enum", values)
	case r.zero != "" && r.min > 1:
		out = append(out, member{"minimum", 0}, member{"maximum", r.max},
			member{"anyOf", []object{{{"const", 0}}, {{"minimum", r.min}}}})
	case r.zero != "":
		out = append(out, member{"minimum", 0}, member{"maximum", r.max})
	case r.bounded:
		out = append(out, member{"minimum", r.min}, member{"maximum", r.max})
	}
	return out
}

// fargateSizes are the CPU sizes by the memory that goes with them.
func fargateSizes() map[int][]int {
	out := map[int][]int{}
	for _, cpu := range numberSets["fargateCPU"].values() {
		for _, memory := range accepted(512, 1<<17, func(m int) error { return service.CheckSize(cpu, m) }) {
			out[memory] = append(out[memory], cpu)
		}
	}
	return out
}

// schema is a text's schema; optional accepts an empty one.
func (f *format) schema(optional bool) object {
	out := object{{"$ref", "#/$defs/text"}}
	if f == nil {
		return out
	}
	if f.pattern != nil {
		pattern := f.pattern.String()
		if optional {
			pattern = "^$|" + pattern
		}
		out = append(out, member{"pattern", pattern}, member{"patternErrorMessage", "Want " + f.want + "."})
	}
	if f.maxLength > 0 {
		out.add("maxLength", f.maxLength)
	}
	if f.refused != nil {
		want := f.refusedWant
		if want == "" {
			want = f.want
		}
		// Not "not": for that editors have one message, which says nothing.
		out = append(out, member{"if", object{{"type", "string"}, {"pattern", f.refused.String()}}},
			member{"then", object{{"pattern", "^$"}, {"patternErrorMessage", "Want " + want + "."}}})
	}
	return out
}
