// Package sample has the stacks that this project is tested with and that its
// pages and pictures show. The ones at the repository's root are a team's own: the
// day that somebody sets a region there, no test of the project may fail for it.
package sample

import (
	"path/filepath"
	"runtime"
	"testing"
)

// Dir is the folder of the sample's Pulumi.yaml, absolute.
func Dir(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("this file's name is not known")
	}
	return filepath.Dir(file)
}
