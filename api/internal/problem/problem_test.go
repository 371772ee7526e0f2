package problem_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/problem"
)

func TestDocument(t *testing.T) {
	p := problem.New(problem.InvalidFields, "%d values are not acceptable", 2)
	p.Errors = []problem.FieldError{{Pointer: "#/a", Detail: "is 0, want 1"}, {Parameter: "b", Detail: "is missing"}}
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "abc")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// Of the answer that it was going to be.
	w.Header().Set("Content-Length", "5")
	w.Header().Set("Location", "/v1/orders/1")
	require.NoError(t, problem.Write(w, p))
	assert.Equal(t, http.StatusUnprocessableEntity, w.Code)
	assert.Equal(t, http.Header{
		"X-Request-Id": {"abc"}, "X-Content-Type-Options": {"nosniff"},
		"Content-Type": {"application/problem+json"}, "Cache-Control": {"no-store"},
	}, w.Header())
	assert.JSONEq(t, `{
		"type": "/problems/invalid-fields", "title": "Some values are not acceptable", "status": 422,
		"detail": "2 values are not acceptable", "requestId": "abc",
		"errors": [{"pointer": "#/a", "detail": "is 0, want 1"}, {"parameter": "b", "detail": "is missing"}]
	}`, w.Body.String())
}

// brokenWriter is a connection that the caller has closed.
type brokenWriter struct{ http.ResponseWriter }

var errBroken = errors.New("broken pipe")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestDocumentThatNobodyTakes(t *testing.T) {
	err := problem.Write(brokenWriter{httptest.NewRecorder()}, problem.New(problem.Internal, ""))
	require.ErrorIs(t, err, errBroken)
	assert.EqualError(t, err, "write a problem document: broken pipe")
}

func TestProblemIsAnError(t *testing.T) {
	err := fmt.Errorf("place an order: %w", problem.New(problem.Conflict, "it is paid"))
	var p *problem.Problem
	require.ErrorAs(t, err, &p)
	assert.EqualError(t, p, "The resource is in the wrong state: it is paid")
}

func TestKindsAreDistinctAndComplete(t *testing.T) {
	names := map[string]bool{}
	for _, k := range problem.Kinds() {
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, k.Name)
		assert.False(t, names[k.Name], k.Name)
		names[k.Name] = true
		assert.NotEmpty(t, k.Title)
		assert.NotEmpty(t, k.Meaning)
		assert.GreaterOrEqual(t, k.Status, 400)
		assert.Less(t, k.Status, 600)
	}
}

func TestQuote(t *testing.T) {
	for given, want := range map[string]string{
		"":                       `""`,
		`a "b"` + "\n":           `"a \"b\"\n"`,
		strings.Repeat("é", 64):  `"` + strings.Repeat("é", 64) + `"`,
		strings.Repeat("é", 65):  `"` + strings.Repeat("é", 64) + `…"`,
		"\xff":                   `"\xff"`,
		strings.Repeat("x", 1e6): `"` + strings.Repeat("x", 64) + `…"`,
	} {
		assert.Equal(t, want, problem.Quote(given))
	}
}
