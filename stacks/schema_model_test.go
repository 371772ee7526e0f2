package stacks

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evenkeel/internal/check"
)

// Key is one key of the configuration: what the types, their tags, their
// comments and Defaults say of it.
type Key struct {
	// Path is the key's place ("evenkeel:service.port"), Name its last part.
	Path, Name string
	Type       reflect.Type
	// Text is what the comment says, Links the pages that it refers to.
	Text  string
	Links []string
	// Dev and Prod are the defaults.
	Dev, Prod reflect.Value
	// Keys are those of a mapping with fixed keys, and Each those of every value
	// of a mapping whose keys are free.
	Keys, Each []*Key

	rule    rule
	choices []describedChoice
}

// Example is a value in YAML, Change what happens when it changes.
func (k *Key) Example() string { return k.rule.example }

// Change says what happens to a deployed stack, "" for an update in place.
func (k *Key) Change() string { return k.rule.change }

// Leaf tells whether the key holds a value, not further keys.
func (k *Key) Leaf() bool { return k.Type.Kind() != reflect.Struct }

// Refuses says what the key's own rule has against a value, or "".
func (k *Key) Refuses(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	value := reflect.New(k.Type)
	if json.Unmarshal(raw, value.Interface()) != nil {
		return "has another type"
	}
	var l check.List
	switch value := value.Elem(); k.Type.Kind() {
	case reflect.String:
		k.rule.checkText(&l, "", value, k.Dev.String() == "")
	case reflect.Int:
		k.rule.checkNumber(&l, "", int(value.Int()))
	case reflect.Float64:
		k.rule.format.check(&l, "", decimal(value.Float()))
	case reflect.Slice:
		k.rule.checkList(&l, "", value)
	case reflect.Map:
		k.rule.checkMapping(&l, "", value)
	}
	return detail(l.Err())
}

type describedChoice struct{ value, text string }

// ConfigKeys describes every key, in the order of the types.
func ConfigKeys(t *testing.T) []*Key {
	t.Helper()
	s := readSource(t)
	return s.keys(t, reflect.TypeFor[Config](), Namespace+":",
		reflect.ValueOf(Defaults(Development)), reflect.ValueOf(Defaults(Production)))
}

// Leaves lists the keys that hold a value, at any depth.
func Leaves(keys []*Key) []*Key {
	var out []*Key
	for _, k := range keys {
		if k.Leaf() {
			out = append(out, k)
		}
		out = append(out, Leaves(k.Keys)...)
	}
	return out
}

// source holds the comments of the configuration's types, which reflection
// does not give.
type source struct {
	fields  map[string]string            // by "Type.Field"
	choices map[string][]describedChoice // by type
}

func readSource(t *testing.T) *source {
	t.Helper()
	s := &source{fields: map[string]string{}, choices: map[string][]describedChoice{}}
	files, err := filepath.Glob("config*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok {
				for _, spec := range g.Specs {
					s.read(t, g, spec)
				}
			}
		}
	}
	return s
}

func (s *source) read(t *testing.T, g *ast.GenDecl, spec ast.Spec) {
	t.Helper()
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if typ, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range typ.Fields.List {
				for _, n := range f.Names {
					s.fields[spec.Name.Name+"."+n.Name] = f.Doc.Text()
				}
			}
		}
	case *ast.ValueSpec:
		typ, ok := spec.Type.(*ast.Ident)
		if !ok || g.Tok != token.CONST {
			return
		}
		doc := spec.Doc
		if doc == nil {
			doc = g.Doc
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		text, _ := plain(t, spec.Names[0].Name, doc.Text())
		s.choices[typ.Name] = append(s.choices[typ.Name], describedChoice{value, strings.TrimSuffix(text, ".")})
	}
}

var link = regexp.MustCompile(`https://docs\.\S+`)

// plain turns a comment ("Port is the port. https://…") into a sentence that
// stands alone ("the port.") and the links in it.
func plain(t *testing.T, name, comment string) (string, []string) {
	t.Helper()
	links := link.FindAllString(comment, -1)
	text := strings.Join(strings.Fields(link.ReplaceAllString(comment, "")), " ")
	rest, found := strings.CutPrefix(text, name+" is ")
	if !found {
		rest, found = strings.CutPrefix(text, name+" are ")
	}
	require.True(t, found, "the comment of %s must start %q, so that the rest can stand alone: %q", name, name+" is", text)
	return rest, links
}

func (s *source) keys(t *testing.T, typ reflect.Type, path string, dev, prod reflect.Value) []*Key {
	t.Helper()
	var out []*Key
	for _, f := range reflect.VisibleFields(typ) {
		name := f.Tag.Get("json")
		k := &Key{
			Path: path + name, Name: name, Type: f.Type,
			Dev: dev.FieldByIndex(f.Index), Prod: prod.FieldByIndex(f.Index), choices: s.choices[f.Type.Name()],
		}
		k.Text, k.Links = plain(t, f.Name, s.fields[typ.Name()+"."+f.Name])
		k.Text = strings.ToUpper(k.Text[:1]) + k.Text[1:]
		if k.Leaf() {
			var err error
			k.rule, err = ruleOf(f)
			require.NoError(t, err)
			if f.Type.Kind() == reflect.Map && f.Type.Elem().Kind() == reflect.Struct {
				none := reflect.Zero(f.Type.Elem())
				k.Each = s.keys(t, f.Type.Elem(), k.Path+".<name>.", none, none)
			}
		} else {
			k.Keys = s.keys(t, f.Type, k.Path+".", k.Dev, k.Prod)
		}
		var values []string
		for _, c := range k.choices {
			values = append(values, c.value)
		}
		require.Equal(t, values, choicesOf(f.Type), "%s: choices() must list the constants of %s", k.Path, f.Type.Name())
		out = append(out, k)
	}
	return out
}
