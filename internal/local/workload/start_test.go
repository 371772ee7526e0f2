package workload_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/workload"
)

// sleeper is a process that stands in for the emulator.
func sleeper(t *testing.T) *exec.Cmd {
	t.Helper()
	c := exec.Command("sleep", "300")
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c
}

func identify(t *testing.T, pid int) emulator.Process {
	t.Helper()
	p, err := emulator.Identify(pid)
	require.NoError(t, err)
	return p
}

// options start this test binary as an API that behaves in some way.
func options(t *testing.T, dir, behavior string) workload.Options {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	port, why, err := workload.ChoosePort(0)
	require.NoError(t, err)
	require.Empty(t, why)
	d := &workload.Definition{
		Command: []string{"api", behavior}, HealthPath: "/up", TaskDefinition: "arn:task:7", Environment: map[string]string{"COLOR": "green"},
	}
	return workload.Options{
		Executable: self, Dir: dir, Package: &workload.Package{Name: "./api", Dir: dir}, Program: self, Definition: d, Port: port,
		Environ:  workload.Environ(d, workload.Surroundings{Lookup: os.LookupEnv, Port: port}),
		Emulator: identify(t, sleeper(t).Process.Pid),
	}
}

func start(t *testing.T, o workload.Options) *workload.Instance {
	t.Helper()
	i, err := workload.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = i.Stop(t.Context()) })
	return i
}

func find(t *testing.T, dir string) *workload.Instance {
	t.Helper()
	i, err := workload.Find(dir)
	require.NoError(t, err)
	require.NotNil(t, i)
	return i
}

func TestLife(t *testing.T) {
	dir := t.TempDir()
	none, err := workload.Find(dir)
	require.NoError(t, err)
	assert.Nil(t, none, "none was ever started")

	i := start(t, options(t, dir, "serve"))
	assert.True(t, i.Running())
	answer, err := http.Get(i.URL + "/up")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	found := find(t, dir)
	assert.Equal(t, i.API, found.API)
	assert.Equal(t, "arn:task:7", found.TaskDefinition)

	require.NoError(t, found.Stop(t.Context()))
	assert.False(t, i.Running())
	assert.False(t, i.Keeper.Alive())
	assert.Equal(t, "stopped", find(t, dir).Ended)
	log, err := os.ReadFile(i.LogPath())
	require.NoError(t, err)
	assert.Equal(t, "environment: green\nbye\n", string(log), "it was asked to stop, not killed")
	require.NoError(t, found.Stop(t.Context()), "stopping what is gone is no error")

	start(t, options(t, dir, "serve"))
	old, err := os.ReadFile(i.LogPath() + ".1")
	require.NoError(t, err)
	assert.Equal(t, log, old, "the log of the run before is kept")
}

func TestEndOfTheAPI(t *testing.T) {
	dir := t.TempDir()
	i := start(t, options(t, dir, "serve"))
	require.NoError(t, syscall.Kill(i.API.PID, syscall.SIGKILL))
	require.Eventually(t, func() bool { return find(t, dir).Ended != "" }, 5*time.Second, 20*time.Millisecond)
	assert.Equal(t, "signal: killed", find(t, dir).Ended)
	assert.Eventually(t, func() bool { return !i.Keeper.Alive() }, 5*time.Second, 20*time.Millisecond)
}

func TestEndOfTheEmulator(t *testing.T) {
	dir := t.TempDir()
	o := options(t, dir, "serve")
	i := start(t, o)
	require.NoError(t, syscall.Kill(o.Emulator.PID, syscall.SIGKILL))
	assert.Eventually(t, func() bool { return !i.Running() && !i.Keeper.Alive() }, 5*time.Second, 20*time.Millisecond)
	assert.Equal(t, "stopped, because the emulator ended", find(t, dir).Ended)
}

func TestEndOfTheKeeper(t *testing.T) {
	dir := t.TempDir()
	i := start(t, options(t, dir, "serve"))
	require.NoError(t, syscall.Kill(i.Keeper.PID, syscall.SIGKILL))
	assert.Eventually(t, func() bool { return !i.Running() }, 5*time.Second, 20*time.Millisecond, "nobody would end it with the emulator")
}

func TestForce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as an API may take to stop")
	}
	dir := t.TempDir()
	i := start(t, options(t, dir, "stubborn"))
	begin := time.Now()
	require.NoError(t, i.Stop(t.Context()))
	assert.False(t, i.Running())
	assert.GreaterOrEqual(t, time.Since(begin), 10*time.Second)
}

func TestAStrangerIsNotStopped(t *testing.T) {
	dir := t.TempDir()
	stranger := sleeper(t)
	// The process ids of an API and its keeper that ended were given to another.
	other := emulator.Process{PID: stranger.Process.Pid, Start: "1@another-boot"}
	raw, err := json.Marshal(workload.Instance{ID: "x", API: other, Keeper: other})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "api.json"), raw, 0o600))
	i := find(t, dir)
	assert.False(t, i.Running())
	require.NoError(t, i.Stop(t.Context()))
	assert.True(t, identify(t, stranger.Process.Pid).Alive())
}

func TestStartsThatFail(t *testing.T) {
	workload.Hurry(t, time.Second)
	for behavior, want := range map[string]string{
		"exit": "start the API (./api): it ended (exit status 3) before its health check /up answered 200\nthe end of its log:\n  environment: green\n  cannot go on",
		"sick": "start the API (./api): its health check /up answered 500 after 1s, want 200; it was stopped\nthe end of its log:\n  environment: green\n  bye",
	} {
		t.Run(behavior, func(t *testing.T) {
			dir := t.TempDir()
			_, err := workload.Start(t.Context(), options(t, dir, behavior))
			require.EqualError(t, err, want)
			i := find(t, dir)
			assert.False(t, i.Running())
			assert.False(t, i.Keeper.Alive())
		})
	}
	t.Run("no program", func(t *testing.T) {
		o := options(t, t.TempDir(), "serve")
		o.Program = filepath.Join(o.Dir, "missing")
		_, err := workload.Start(t.Context(), o)
		require.ErrorContains(t, err, "it did not start before its health check")
		assert.ErrorContains(t, err, "missing: no such file or directory")
	})
}

func TestChoosePort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	taken := l.Addr().(*net.TCPAddr).Port
	port, why, err := workload.ChoosePort(taken)
	require.NoError(t, err)
	assert.NotEqual(t, taken, port)
	assert.Equal(t, "port "+strconv.Itoa(taken)+" is in use by another process", why)
	require.NoError(t, l.Close())
	port, why, err = workload.ChoosePort(taken)
	require.NoError(t, err)
	assert.Equal(t, taken, port)
	assert.Empty(t, why)
}
