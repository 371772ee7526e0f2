package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/go-viper/mapstructure/v2"

	"evenkeel/internal/check"
)

// Decode reads a configuration: values by full key ("evenkeel:service"),
// objects and lists as JSON, as Pulumi hands them to a program. It returns the
// configuration with defaults filled in, or every problem at once, each with
// its path in Pulumi.<stack>.yaml.
func Decode(stack string, values map[string]string) (*Config, error) {
	var l, bad check.List
	tree := parse(&l, values)
	cfg := Defaults(environment(tree))
	bind(&l, tree, &cfg)
	cfg.validate(&bad, stack)
	merge(&l, bad.Err())
	if err := l.Err(); err != nil {
		return nil, err
	}
	return &cfg, nil
}

// merge adds what is wrong with values to what is wrong with keys and types. A
// value of the wrong type was not read, so whatever is said of it, or of what
// is in it, would only repeat the first complaint in other words.
func merge(l *check.List, values error) {
	unread := check.All(l.Err())
	for _, e := range check.All(values) {
		if !slices.ContainsFunc(unread, func(u *check.Error) bool { return within(e.Path, u.Path) }) {
			l.Addf(e.Path, "%s", e.Detail)
		}
	}
}

// within tells whether path is at, or somewhere below, parent.
func within(path, parent check.Path) bool {
	rest, below := strings.CutPrefix(string(path), string(parent))
	return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func environment(tree map[string]any) Environment {
	s, _ := tree["environment"].(string)
	return Environment(s)
}

// parse turns raw values into a tree by key, without the namespace.
func parse(l *check.List, values map[string]string) map[string]any {
	tree := map[string]any{}
	kinds := topLevelKinds()
	for key, raw := range values {
		namespace, name, _ := strings.Cut(key, ":")
		switch namespace {
		case Namespace:
		case "pulumi":
			continue // settings of the engine
		case "aws", "awsx":
			l.Addf(check.Path(key), "is not read: the stack has its own provider, set %s:aws instead", Namespace)
			continue
		default:
			l.Addf(check.Path(key), "is unknown, want keys that start with %q", Namespace+":")
			continue
		}
		if kinds[name] == reflect.String {
			tree[name] = raw
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(raw), &v); err != nil {
			v = raw // a plain scalar, or broken: the type check says so
		}
		tree[name] = v
	}
	return tree
}

func topLevelKinds() map[string]reflect.Kind {
	kinds := map[string]reflect.Kind{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		kinds[f.Tag.Get("json")] = f.Type.Kind()
	}
	return kinds
}

// bind decodes tree over cfg and records unknown keys and wrong types.
func bind(l *check.List, tree map[string]any, cfg *Config) {
	var meta mapstructure.Metadata
	dec, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: cfg, TagName: "json", Metadata: &meta, DecodeHook: wholeNumbers, ZeroFields: true,
		// Go would also accept "ServiceName" for "serviceName"; the schema and
		// the documentation would not.
		MatchName: func(key, field string) bool { return key == field },
	})
	if err != nil {
		l.Addf(Namespace, "cannot be decoded: %v", err)
		return
	}
	collect(l, dec.Decode(tree))
	for _, name := range meta.Unset {
		// A required text is refused when it is empty. A number has no such value.
		if f, ok := field(name); ok && f.Type.Kind() == reflect.Int && f.Tag.Get("required") != "" {
			l.Addf(yamlPath(name), "is required")
		}
	}
	for _, name := range meta.Unused {
		path := yamlPath(name)
		detail := "is unknown"
		if near := nearest(name); near != "" {
			detail += fmt.Sprintf("; did you mean %q?", near)
		} else {
			detail += ", want " + check.Or(siblings(name))
		}
		l.Addf(path, "%s", detail)
	}
}

// errFraction is what wholeNumbers reports.
var errFraction = errors.New("want a whole number")

// wholeNumbers refuses fractions where an integer is wanted; the decoder would
// cut them off silently.
func wholeNumbers(from, to reflect.Value) (any, error) {
	if from.Kind() == reflect.Float64 && to.Kind() == reflect.Int {
		if f := from.Float(); f != math.Trunc(f) {
			return nil, fmt.Errorf("is %v, %w", f, errFraction)
		}
	}
	return from.Interface(), nil
}

// collect turns the decoder's errors into problems with their paths.
func collect(l *check.List, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			collect(l, e)
		}
		return
	}
	var at *mapstructure.DecodeError
	if !errors.As(err, &at) {
		l.Addf(Namespace, "%v", err)
		return
	}
	path, inner := yamlPath(at.Name()), at.Unwrap()
	var kind *mapstructure.UnconvertibleTypeError
	switch {
	case errors.As(inner, &kind):
		l.Addf(path, "is %s, want %s", describe(kind.Value), want(kind.Expected.Type()))
	case isJoined(inner):
		collect(l, inner)
	case errors.Is(inner, errFraction):
		l.Addf(path, "%v", inner)
	default:
		l.Addf(path, "%s", typeProblem(at.Name(), inner))
	}
}

func isJoined(err error) bool {
	_, ok := err.(interface{ Unwrap() []error })
	return ok
}

// typeProblem words the decoder's remaining complaints, which name Go's types,
// by the type of the field that they are about.
func typeProblem(name string, err error) string {
	if t := fieldType(name); t != nil {
		return "has another type, want " + want(t)
	}
	return err.Error()
}

func describe(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the text %q", v)
	case float64:
		return "the number " + strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return fmt.Sprintf("%t", v)
	case []any:
		return "a list"
	case map[string]any:
		if _, encrypted := v["secure"]; encrypted && len(v) == 1 {
			return "encrypted, which `pulumi` can read and the evenkeel command cannot"
		}
		return "a mapping"
	case nil:
		return "empty"
	}
	return fmt.Sprintf("%v", v)
}

func want(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text (put it in quotes)"
	case reflect.Int:
		return "a whole number without quotes"
	case reflect.Float64:
		return "a number without quotes"
	case reflect.Bool:
		return "true or false without quotes"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	}
	return t.String()
}

// yamlPath writes the decoder's "service.environment[LOG]" as
// `evenkeel:service.environment["LOG"]`.
func yamlPath(name string) check.Path {
	var b strings.Builder
	b.WriteString(Namespace + ":")
	for i, part := range strings.Split(name, "[") {
		if i == 0 {
			b.WriteString(part)
			continue
		}
		key, rest, _ := strings.Cut(part, "]")
		if _, err := strconv.Atoi(key); err == nil {
			b.WriteString("[" + key + "]" + rest)
		} else {
			b.WriteString(fmt.Sprintf("[%q]", key) + rest)
		}
	}
	return check.Path(b.String())
}

// field finds the field that a decoder's name is about.
func field(name string) (reflect.StructField, bool) {
	i := strings.LastIndex(name, ".")
	parent := fieldType(name[:max(i, 0)])
	if parent == nil || parent.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	fields := reflect.VisibleFields(parent)
	n := slices.IndexFunc(fields, func(f reflect.StructField) bool { return f.Tag.Get("json") == name[i+1:] })
	if n < 0 {
		return reflect.StructField{}, false
	}
	return fields[n], true
}

// fieldType finds the type of the field that a decoder's name is about.
func fieldType(name string) reflect.Type {
	t := reflect.TypeFor[Config]()
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch t.Kind() {
		case reflect.Struct:
			i := slices.IndexFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Tag.Get("json") == part })
			if i < 0 {
				return nil
			}
			t = reflect.VisibleFields(t)[i].Type
		case reflect.Slice, reflect.Map:
			t = t.Elem()
		default:
			return nil
		}
	}
	return t
}

// siblings lists the keys that are accepted where name stands.
func siblings(name string) []string {
	parent := ""
	if i := strings.LastIndex(name, "."); i >= 0 {
		parent = name[:i]
	}
	t := fieldType(parent)
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var out []string
	for _, f := range reflect.VisibleFields(t) {
		out = append(out, f.Tag.Get("json"))
	}
	return out
}

// nearest finds the accepted key that name was probably meant to be.
func nearest(name string) string {
	key := name[strings.LastIndex(name, ".")+1:]
	best, distance := "", 3 // more edits than two is another word
	for _, s := range siblings(name) {
		if d := levenshtein.Distance(strings.ToLower(key), strings.ToLower(s), nil); d < distance {
			best, distance = s, d
		}
	}
	return best
}
