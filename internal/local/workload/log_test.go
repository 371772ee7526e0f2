package workload_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/local/workload"
)

func TestRender(t *testing.T) {
	raw, err := os.ReadFile("testdata/api.log")
	require.NoError(t, err)
	for file, r := range map[string]workload.Renderer{
		"testdata/api.plain.txt": {Location: time.UTC},
		"testdata/api.color.txt": {Location: time.UTC, Color: true},
	} {
		var b strings.Builder
		for line := range strings.Lines(string(raw)) {
			b.WriteString(r.Line(strings.TrimSuffix(line, "\n")) + "\n")
		}
		golden.Equal(t, file, b.String())
	}
}

func TestRenderIsSafeForATerminal(t *testing.T) {
	line := `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"request","method":"GET","route":"unmatched","path":"/\u001b[2J","status":404,"durationMs":1,"requestId":"r"}`
	assert.NotContains(t, workload.Renderer{}.Line(line), "\033")
}

// lines collects what ReadLog tells.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(s string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, s)
	return nil
}

func (l *lines) is(want ...string) func() bool {
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return strings.Join(l.all, "\n") == strings.Join(want, "\n")
	}
}

func TestLastLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "api.log")
	require.ErrorIs(t, workload.ReadLog(t.Context(), file, 1, false, nil), fs.ErrNotExist)
	require.NoError(t, os.WriteFile(file, []byte("one\ntwo\nthree\nhal"), 0o600))
	for n, want := range map[int][]string{0: nil, 2: {"three", "hal"}, 9: {"one", "two", "three", "hal"}} {
		var got lines
		require.NoError(t, workload.ReadLog(t.Context(), file, n, false, got.add))
		assert.Equal(t, want, got.all)
	}
}

func TestFollow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "api.log")
	log, err := workload.NewLog(file)
	require.NoError(t, err)
	write := func(s string) {
		_, err := log.WriteString(s)
		require.NoError(t, err)
	}
	write("zero\none\n")
	ctx, interrupt := context.WithCancel(t.Context())
	var got lines
	ended := make(chan error, 1)
	go func() { ended <- workload.ReadLog(ctx, file, 1, true, got.add) }()
	sees := func(want ...string) {
		t.Helper()
		require.Eventually(t, got.is(want...), 5*time.Second, 10*time.Millisecond, "want %v", want)
	}
	sees("one")
	write("tw")
	time.Sleep(200 * time.Millisecond)
	write("o\n")
	sees("one", "two")

	// A start of the API begins a new log.
	write("last words")
	fresh, err := workload.NewLog(file)
	require.NoError(t, err)
	require.NoError(t, log.Close())
	log = fresh
	write("three\n")
	sees("one", "two", "last words", "three")

	require.NoError(t, log.Truncate(0))
	time.Sleep(300 * time.Millisecond)
	write("4\n")
	sees("one", "two", "last words", "three", "4")

	interrupt()
	require.NoError(t, <-ended)
	require.NoError(t, log.Close())
}

func TestFollowEndsWithTheLog(t *testing.T) {
	file := filepath.Join(t.TempDir(), "api.log")
	require.NoError(t, os.WriteFile(file, []byte("one\n"), 0o600))
	var got lines
	ended := make(chan error, 1)
	go func() { ended <- workload.ReadLog(t.Context(), file, 1, true, got.add) }()
	require.Eventually(t, got.is("one"), 5*time.Second, 10*time.Millisecond)
	require.NoError(t, os.Remove(file))
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for a log that nobody will write")
	}
}
