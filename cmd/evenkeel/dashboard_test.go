package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
)

func TestDashboard(t *testing.T) {
	root := sample.Dir(t)
	for _, stack := range []string{"dev", "prod"} {
		code, out, stderr := in(t, root, "dashboard", "--stack", stack)
		require.Zero(t, code, stderr)
		var document struct{ Widgets []any }
		require.NoError(t, json.Unmarshal([]byte(out), &document))
		assert.Greater(t, len(document.Widgets), 15)

		report := filepath.Join(t.TempDir(), "dashboard.html")
		code, out, stderr = in(t, root, "dashboard", "--stack", stack, "--report", report)
		require.Zero(t, code, stderr)
		assert.Equal(t, "Dashboard orders-"+stack+", with sample data: "+report+"\n", out)
		page, err := os.ReadFile(report)
		require.NoError(t, err)
		assert.Contains(t, string(page), "<svg")
		assert.NotContains(t, string(page), "NaN")
	}
}

func TestReportThatCannotBeWritten(t *testing.T) {
	root := sample.Dir(t)
	code, out, stderr := in(t, root, "dashboard", "--report", filepath.Join(t.TempDir(), "no", "such", "folder.html"))
	assert.Equal(t, exitNo, code)
	assert.Empty(t, out)
	assert.Regexp(t, `^error: --report: open .*: no such file or directory\n$`, stderr)
}
