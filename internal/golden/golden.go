// Package golden compares what a test got with a file that a reviewer can
// read. `go test ./... -update` rewrites the files.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Updating tells whether the test run rewrites golden files.
func Updating() bool { return *update }

// Equal fails t unless the file holds exactly got. A file that does not exist
// fails too, so that a new golden is always written on purpose.
func Equal(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run the test with -update to write it, then review it")
	assert.Equal(t, string(want), got, "%s is out of date: run the test with -update and review the difference", file)
}
