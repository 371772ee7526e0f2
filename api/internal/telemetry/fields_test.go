package telemetry_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/telemetry"
)

// constants are the values of the constants Field….
func constants(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "fields.go", nil, 0)
	require.NoError(t, err)
	slog := map[string]string{"TimeKey": "time", "LevelKey": "level", "MessageKey": "msg"}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Field") {
			return true
		}
		switch v := spec.Values[0].(type) {
		case *ast.BasicLit:
			value, err := strconv.Unquote(v.Value)
			require.NoError(t, err)
			values = append(values, value)
		case *ast.SelectorExpr:
			values = append(values, slog[v.Sel.Name])
		}
		return true
	})
	return values
}

func TestFieldsAreTheConstants(t *testing.T) {
	var names []string
	for _, f := range telemetry.Fields() {
		names = append(names, f.Name)
		assert.NotEmpty(t, f.Meaning, f.Name)
		assert.Regexp(t, `^[a-z][a-zA-Z]+$`, f.Name, "what a query need not quote")
	}
	assert.ElementsMatch(t, constants(t), names)
}

func TestFieldsAreDocumented(t *testing.T) {
	var table strings.Builder
	table.WriteString("| field | on | meaning |\n|---|---|---|\n")
	for _, f := range telemetry.Fields() {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", f.Name, f.Lines, f.Meaning)
	}
	doc, err := os.ReadFile("../../../docs/own-api.md")
	require.NoError(t, err)
	assert.Contains(t, string(doc), "\n\n"+table.String()+"\n", "docs/own-api.md needs this table:\n%s", table.String())
}
