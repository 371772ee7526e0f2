package stacks_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/stacks"
)

// docs/configuration.md is written from the configuration's types and their
// comments, so that it cannot say anything else.
func TestConfigurationPageIsCurrent(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	require.NoError(t, err)
	d := &configDoc{t: t, types: map[string]*ast.StructType{}}
	for _, decl := range file.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, spec := range g.Specs {
				if s, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType); ok {
					d.types[spec.(*ast.TypeSpec).Name.Name] = s
				}
			}
		}
	}
	d.b.WriteString(`# Configuration

Each key stands under ` + "`config:`" + ` in ` + "`Pulumi.<stack>.yaml`" + `. Unknown keys, values of another type,
values out of range and values that contradict each other are errors, all reported at
once. This page is generated from ` + "`stacks/config.go`" + `; ` + "`make update-golden`" + ` rewrites it.

`)
	d.section("Config", reflect.TypeFor[stacks.Config](), "evenkeel:")
	golden.Equal(t, "../docs/configuration.md", d.b.String())
}

type configDoc struct {
	t     *testing.T
	b     strings.Builder
	types map[string]*ast.StructType
}

// section writes the table of one struct, then those of the structs in it.
func (d *configDoc) section(name string, typ reflect.Type, path string) {
	d.t.Helper()
	var nested []reflect.StructField
	fmt.Fprintf(&d.b, "| key | type | meaning |\n|---|---|---|\n")
	comment := ""
	for _, f := range d.types[name].Fields.List {
		// A comment over several fields belongs to all of them.
		if text := strings.Join(strings.Fields(f.Doc.Text()), " "); text != "" {
			comment = text
		}
		require.NotEmpty(d.t, comment, "%s.%s has no comment", name, f.Names[0].Name)
		for _, n := range f.Names {
			field, ok := typ.FieldByName(n.Name)
			require.True(d.t, ok)
			key := field.Tag.Get("json")
			fmt.Fprintf(&d.b, "| `%s%s` | %s | %s |\n", path, key, typeName(field.Type), strings.ReplaceAll(comment, "|", "\\|"))
			if field.Type.Kind() == reflect.Struct {
				nested = append(nested, field)
			}
		}
	}
	for _, f := range nested {
		below := path + f.Tag.Get("json")
		fmt.Fprintf(&d.b, "\n## %s\n\n", below)
		d.section(f.Type.Name(), f.Type, below+".")
	}
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Int:
		return "whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "list of " + map[bool]string{true: "numbers", false: "texts"}[t.Elem().Kind() == reflect.Int]
	case reflect.Map:
		return "mapping of texts"
	}
	return "mapping, below"
}
