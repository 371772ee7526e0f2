package parts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errNoSpace = &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}

func TestTrouble(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"none":        {nil, ""},
		"other":       {errors.New("exit status 1"), ""},
		"disk full":   {fmt.Errorf("build: %w", errNoSpace), "free about 4 GB"},
		"read-only":   {syscall.EROFS, "make the folder writable"},
		"not allowed": {&fs.PathError{Op: "mkdir", Path: "x", Err: syscall.EACCES}, "make the folder writable"},
		"a file":      {syscall.ENOTDIR, "make the folder writable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := cache{dir: "/p/.evenkeel"}.trouble(tt.err)
			if tt.want == "" {
				assert.Equal(t, tt.err, got)
				return
			}
			assert.ErrorContains(t, got, "cache folder /p/.evenkeel: ")
			assert.ErrorContains(t, got, tt.want)
			assert.ErrorIs(t, got, tt.err)
		})
	}
}

// A file in the folder's place stands for a read-only folder: it stops root
// as well.
func TestFindWithUnwritableCache(t *testing.T) {
	m := newMachine(t)
	m.python("python3", "5.2.1", false)
	m.write(filepath.Join(m.root, CacheFolder), "")

	_, err := m.find(Options{})

	var unwritable *CacheError
	require.ErrorAs(t, err, &unwritable)
	assert.Equal(t, filepath.Join(m.root, CacheFolder), unwritable.Dir)
	assert.Empty(t, m.releases.calls)
}

func TestFindInReadOnlyCacheThatIsComplete(t *testing.T) {
	m := newMachine(t)
	m.releases.unreachable = true
	m.python("python3", "5.2.1", false)
	m.addMirror()
	_, err := m.find(Options{})
	require.NoError(t, err)
	c := cache{dir: filepath.Join(m.root, CacheFolder)}
	require.NoError(t, os.Remove(filepath.Join(c.dir, "awsx-unavailable.json")))
	require.NoError(t, os.RemoveAll(c.scratchRoot()))
	m.write(c.scratchRoot(), "")

	s, err := m.find(Options{})

	require.NoError(t, err, "only the optional awsx plugin would be tried")
	assert.True(t, s.AWSPlugin.Found)
}

func TestPlaceReplacesFolder(t *testing.T) {
	c := cache{dir: t.TempDir()}
	target := c.path("bin", "thing")
	for _, content := range []string{"old", "new"} {
		dir, remove, err := c.scratch("thing")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, content), nil, 0o600))
		require.NoError(t, c.place(dir, target))
		remove()
	}
	assert.NoFileExists(t, filepath.Join(target, "old"))
	assert.FileExists(t, filepath.Join(target, "new"))
	left, err := os.ReadDir(c.scratchRoot())
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestLock(t *testing.T) {
	c := cache{dir: t.TempDir()}
	unlock, err := c.lock(context.Background(), silent{})
	require.NoError(t, err)

	waiting := &log{}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err = c.lock(ctx, waiting)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Len(t, waiting.steps, 1, "the wait is announced")

	unlock()
	unlock, err = c.lock(context.Background(), silent{})
	require.NoError(t, err)
	unlock()
}

func TestReach(t *testing.T) {
	asked := 0
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusForbidden)
	}))
	defer up.Close()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	n := newNetwork(false)
	n.client.Timeout = 100 * time.Millisecond

	require.ErrorContains(t, n.reach(context.Background(), slow.URL), "no answer from 127.0.0.1")
	require.NoError(t, n.reach(context.Background(), up.URL), "any answer counts")

	start := time.Now()
	require.Error(t, n.reach(context.Background(), slow.URL))
	assert.Less(t, time.Since(start), 50*time.Millisecond, "a host that did not answer is not asked again")
	require.NoError(t, n.reach(context.Background(), slow.URL, up.URL))
	assert.Equal(t, 1, asked)
	require.ErrorIs(t, newNetwork(true).reach(context.Background(), up.URL), errOffline)
}

func TestCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are shell scripts")
	}
	run := func(limit time.Duration, script string) (string, error) {
		return command{argv: []string{"/bin/sh", "-c", script}, env: []string{"PATH=/bin:/usr/bin"}, limit: limit}.run(context.Background())
	}
	out, err := run(time.Minute, "echo result; echo noise >&2")
	require.NoError(t, err)
	assert.Equal(t, "result\n", out)

	_, err = run(time.Minute, "for i in 1 2 3 4 5 6 7 8 9; do echo line $i >&2; done; echo cause >&2; exit 3")
	require.ErrorContains(t, err, "/bin/sh: exit status 3")
	require.ErrorContains(t, err, "\ncause", "stderr is kept, in whatever order it was read")
	assert.NotContains(t, err.Error(), "line 2\n", "only the end of the output is kept")

	_, err = run(time.Minute, "echo 'write x: no space left on device' >&2; exit 1")
	require.ErrorIs(t, err, syscall.ENOSPC)

	start := time.Now()
	_, err = run(200*time.Millisecond, "sleep 30 & wait")
	require.ErrorContains(t, err, "not done after 200ms")
	assert.Less(t, time.Since(start), 1500*time.Millisecond, "the grandchild that holds the pipe is killed too")
}

func TestSharedCache(t *testing.T) {
	m := newMachine(t)
	m.releases.unreachable = true
	m.python("python3", "5.2.1", false)
	m.addMirror()
	shared := filepath.Join(filepath.Dir(m.root), "shared")
	t.Chdir(filepath.Dir(m.root))
	for name, value := range map[string]string{"absolute": shared, "relative": "shared"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("EVENKEEL_CACHE", value)

			s, err := m.find(Options{})

			require.NoError(t, err)
			assert.Equal(t, shared, s.Cache)
			assert.Equal(t, filepath.Join(shared, "pulumi-home"), Env(s)["PULUMI_HOME"])
			assert.FileExists(t, cache{dir: shared}.pluginProgram("aws", AWSPluginVersion))
			assert.NoDirExists(t, filepath.Join(m.root, CacheFolder))
		})
	}
	built := len(m.log.steps)
	assert.Equal(t, 2, built, "the plugin and the CLI, once")

	other := filepath.Join(filepath.Dir(m.root), "other")
	require.NoError(t, os.CopyFS(other, os.DirFS(m.root)))
	m.root = other
	t.Setenv("EVENKEEL_CACHE", shared)
	_, err := m.find(Options{})
	require.NoError(t, err)
	assert.Len(t, m.log.steps, built, "another checkout builds nothing")

	t.Setenv("EVENKEEL_CACHE", "")
	s, err := m.find(Options{})
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(other, CacheFolder), s.Cache)
}
