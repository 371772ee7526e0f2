package workload

import (
	"testing"
	"time"
)

// Hurry shortens the time that a start may take, for a test that cannot run in
// parallel.
func Hurry(t *testing.T, limit time.Duration) {
	t.Helper()
	before := startLimit
	startLimit = limit
	t.Cleanup(func() { startLimit = before })
}

// Internals for tests.
var (
	Define      = define
	NewLog      = newLog
	PickSecret  = func(valueFrom, value string) (string, error) { r, _ := parseSecretRef(valueFrom); return r.pick(value) }
	ParseSecret = func(valueFrom string) (arn, key, stage, version, name string, ok bool) {
		r, ok := parseSecretRef(valueFrom)
		return r.arn, r.key, r.stage, r.version, r.name(), ok
	}
)
