package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTell(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		if r.Method == http.MethodGet && r.URL.Path != "/repos/a/b/releases/tags/v1" {
			_, _ = w.Write([]byte("[]"))
			return
		}
		_, _ = w.Write([]byte(`{"html_url":"https://github.example/1"}`))
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"GITHUB_API_URL": server.URL, "GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": "t"}
	file := filepath.Join(t.TempDir(), "text.md")
	require.NoError(t, os.WriteFile(file, []byte("<!-- evenkeel:review -->\ntext\n"), 0o600))
	ask := func(args ...string) (int, string, string) {
		var out, err bytes.Buffer
		code := run(t.Context(), args, func(n string) string { return env[n] }, &out, &err)
		return code, out.String(), err.String()
	}
	for _, args := range [][]string{
		{"comment", "--pull-request", "7", "--file", file},
		{"issue", "--title", "T", "--file", file, "--label", "drift"},
		{"release", "--tag", "v1", "--commit", "abc"},
	} {
		code, out, err := ask(args...)
		assert.Zero(t, code, err)
		assert.Equal(t, "https://github.example/1\n", out)
	}
	code, out, _ := ask("close", "--file", file)
	assert.Zero(t, code)
	assert.Empty(t, out, "nothing to close")
	for _, args := range [][]string{
		{},
		{"other", "--file", file},
		{"comment"},
		{"comment", "--file", file},
		{"comment", "--nothing"},
		{"comment", "--file", file, "more"},
		{"issue", "--file", file},
		{"release"},
	} {
		code, _, err := ask(args...)
		assert.Equal(t, 2, code, args)
		assert.Contains(t, err, "error: ", args)
	}
	status = http.StatusForbidden
	code, _, err := ask("comment", "--pull-request", "7", "--file", file)
	assert.Equal(t, 1, code)
	assert.Contains(t, err, "403")
}
