package pulumitest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
)

// Statement is a statement of a policy as AWS reads it.
type Statement struct {
	Sid, Effect      string
	Principal        map[string][]string
	Action, Resource []string
	Condition        map[string]map[string][]string
}

// Allows tells whether the statement's actions include action, also by a
// pattern that ends in "*". It does not look at the effect.
func (s Statement) Allows(action string) bool {
	for _, a := range s.Action {
		prefix, pattern := strings.CutSuffix(a, "*")
		if a == action || pattern && strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}

// Text returns an input that is a known text, such as a rendered document.
func Text(t testing.TB, r Registration, property string) string {
	t.Helper()
	text, ok := r.Plain()[property].(string)
	require.True(t, ok, "%s: %s must be a known text", r.Address(), property)
	return text
}

// Policy returns the statements of the policy in an input, by Sid. It fails t
// when a statement has no Sid or another one's, or holds an element that
// Statement does not know.
func Policy(t testing.TB, r Registration, property string) map[string]Statement {
	t.Helper()
	var doc struct {
		Version   string
		Statement []Statement
	}
	dec := json.NewDecoder(strings.NewReader(Text(t, r, property)))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&doc), "%s: %s", r.Address(), property)
	assert.Equal(t, "2012-10-17", doc.Version, "%s: the only version with policy variables", r.Address())
	out := make(map[string]Statement, len(doc.Statement))
	for _, s := range doc.Statement {
		require.NotEmpty(t, s.Sid, "%s: a statement without Sid", r.Address())
		require.NotContains(t, out, s.Sid, "%s: a Sid is used twice", r.Address())
		out[s.Sid] = s
	}
	return out
}

// GoldenJSON compares a JSON text with a golden file, indented but otherwise
// as it is: keys and lists keep their order.
func GoldenJSON(t *testing.T, file, text string) {
	t.Helper()
	var readable bytes.Buffer
	require.NoError(t, json.Indent(&readable, []byte(text), "", "  "))
	golden.Equal(t, file, readable.String()+"\n")
}
