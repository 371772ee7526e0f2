package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/gateway"
)

func options(t *testing.T) emulator.Options {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return emulator.Options{
		Executable: self, Dir: filepath.Join(t.TempDir(), "dev"), Stack: "dev", MotoCommand: motoCommand(t), AccountID: "111122223333",
	}
}

func start(t *testing.T, o emulator.Options) *emulator.Instance {
	t.Helper()
	i, err := emulator.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		assert.NoError(t, i.Stop(ctx))
	})
	return i
}

func stop(t *testing.T, i *emulator.Instance) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, i.Stop(ctx))
}

// gone says whether no process with that id runs.
func gone(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		return strings.Contains(string(b), ") Z ")
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func callerIdentity(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("Action=GetCallerIdentity&Version=2011-06-15"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(body)
}

func TestLifecycle(t *testing.T) {
	t.Setenv("AWS_PROFILE", "a-profile-that-does-not-exist")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAUSERSOWN")
	o := options(t)
	found, err := emulator.Find(o.Dir)
	require.NoError(t, err)
	assert.Nil(t, found, "nothing runs before Start")

	i := start(t, o)
	assert.Equal(t, "dev", i.Stack)
	assert.Contains(t, callerIdentity(t, i.URL), "<Account>111122223333</Account>")

	info, err := os.Stat(filepath.Join(o.Dir, "emulator.json"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the file holds the token")

	found, err = emulator.Find(o.Dir)
	require.NoError(t, err)
	require.NotNil(t, found)
	assert.Equal(t, i.ID, found.ID)
	again, err := emulator.Start(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, i.ID, again.ID, "a second Start finds the first")

	calls, err := gateway.ReadCalls(i.CallsPath())
	require.NoError(t, err)
	require.Len(t, calls, 1)
	assert.Equal(t, "sts:GetCallerIdentity", calls[0].Name())
	live, err := i.Calls(t.Context(), 0)
	require.NoError(t, err)
	assert.Equal(t, calls, live)

	if _, err := os.Stat("/proc"); err == nil {
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", i.Moto.PID))
		require.NoError(t, err)
		assert.NotContains(t, string(environment), "a-profile-that-does-not-exist")
		assert.NotContains(t, string(environment), "AKIAUSERSOWN")
	}

	stop(t, i)
	assert.True(t, gone(i.Gateway.PID), "background process")
	assert.True(t, gone(i.Moto.PID), "moto")
	found, err = emulator.Find(o.Dir)
	require.NoError(t, err)
	assert.Nil(t, found)
	stop(t, i) // a second stop is no error
}

func TestConcurrentStartsMakeOneEmulator(t *testing.T) {
	o := options(t)
	ids := make([]string, 4)
	var wait sync.WaitGroup
	for n := range ids {
		wait.Go(func() {
			i, err := emulator.Start(t.Context(), o)
			if assert.NoError(t, err) {
				ids[n] = i.ID
			}
		})
	}
	wait.Wait()
	i := start(t, o)
	for _, id := range ids {
		assert.Equal(t, i.ID, id)
	}
}

func TestBackgroundProcessHasItsOwnSession(t *testing.T) {
	i := start(t, options(t))
	group, err := syscall.Getpgid(i.Gateway.PID)
	require.NoError(t, err)
	assert.Equal(t, i.Gateway.PID, group, "Ctrl-C goes to the terminal's process group, which this must not be in")
}

func TestKilledProcessLeavesNothingAndIsStale(t *testing.T) {
	o := options(t)
	i := start(t, o)
	require.NoError(t, syscall.Kill(i.Gateway.PID, syscall.SIGKILL))
	require.Eventually(t, func() bool { return gone(i.Gateway.PID) && gone(i.Moto.PID) }, 10*time.Second, 20*time.Millisecond,
		"moto must not outlive its parent")

	_, err := emulator.Find(o.Dir)
	var stale *emulator.StaleError
	require.ErrorAs(t, err, &stale)
	assert.Contains(t, stale.Reason, "has ended")

	next := start(t, o)
	assert.NotEqual(t, i.ID, next.ID)
}

func TestMotoThatEndsTakesTheEmulatorWithIt(t *testing.T) {
	o := options(t)
	i := start(t, o)
	require.NoError(t, syscall.Kill(i.Moto.PID, syscall.SIGKILL))
	require.Eventually(t, func() bool { return gone(i.Gateway.PID) }, 10*time.Second, 20*time.Millisecond)
	found, err := emulator.Find(o.Dir)
	require.NoError(t, err)
	assert.Nil(t, found, "an orderly end removes emulator.json")
}

// describe writes an emulator.json that claims whatever a test wants.
func describe(t *testing.T, dir, url string, gatewayProcess, moto emulator.Process) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o700))
	b, err := json.Marshal(emulator.Instance{ID: "claimed", Stack: "dev", URL: url, Gateway: gatewayProcess, Moto: moto, Token: "t"})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "emulator.json"), b, 0o600))
}

// bystander is a process that is not an emulator.
func bystander(t *testing.T) int {
	t.Helper()
	c := exec.Command("sleep", "300")
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c.Process.Pid
}

func TestStaleDescriptions(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	imposter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":"another"}`) }))
	defer imposter.Close()
	self := emulator.ProcessOf(t, os.Getpid())
	tests := map[string]struct {
		write  func(t *testing.T, dir string)
		reason string
	}{
		"not JSON": {func(t *testing.T, dir string) {
			require.NoError(t, os.MkdirAll(dir, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "emulator.json"), []byte("{"), 0o600))
		}, "does not parse"},
		"dead process": {func(t *testing.T, dir string) {
			describe(t, dir, other.URL, emulator.Process{PID: 1 << 30, Start: "1"}, emulator.Process{})
		}, "has ended"},
		"process id given to another": {func(t *testing.T, dir string) {
			describe(t, dir, other.URL, emulator.Process{PID: bystander(t), Start: "long ago"}, emulator.Process{})
		}, "has ended"},
		"port taken by another server": {func(t *testing.T, dir string) {
			describe(t, dir, other.URL, self, emulator.Process{})
		}, "does not answer as an emulator"},
		"port taken by another emulator": {func(t *testing.T, dir string) {
			describe(t, dir, imposter.URL, self, emulator.Process{})
		}, "belongs to another emulator"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "dev")
			tt.write(t, dir)
			_, err := emulator.Find(dir)
			var stale *emulator.StaleError
			require.ErrorAs(t, err, &stale)
			assert.Contains(t, stale.Reason, tt.reason)
		})
	}
}

func TestStartClearsStaleDescriptionAndSparesBystanders(t *testing.T) {
	o := options(t)
	pid, left := bystander(t), bystander(t)
	// The first has an id that was given away; the second is, by its start, the
	// moto child that a killed parent left behind.
	describe(t, o.Dir, "http://127.0.0.1:1", emulator.Process{PID: pid, Start: "long ago"}, emulator.ProcessOf(t, left))
	start(t, o)
	assert.False(t, gone(pid), "a process that only has the id must be spared")
	assert.True(t, gone(left), "a child that is verifiably ours must be ended")
}

func TestStartSaysWhyMotoDoesNotComeUp(t *testing.T) {
	tests := map[string]struct {
		command []string
		want    string
	}{
		"missing module":  {[]string{"python3", "-m", "moto_that_is_not_installed", "-p", "{port}"}, "No module named moto_that_is_not_installed"},
		"missing command": {[]string{"/nowhere/moto_server", "-p", "{port}"}, "/nowhere/moto_server"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			o.MotoCommand = tt.command
			_, err := emulator.Start(t.Context(), o)
			require.ErrorContains(t, err, tt.want)
			found, err := emulator.Find(o.Dir)
			require.NoError(t, err)
			assert.Nil(t, found)
		})
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	o := options(t)
	pidFile := filepath.Join(t.TempDir(), "pid")
	o.MotoCommand = []string{"/bin/sh", "-c", `echo $$ > "` + pidFile + `"; exec sleep 300`, "{port}"}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if b, err := os.ReadFile(pidFile); err == nil && len(b) > 0 {
				cancel()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	_, err := emulator.Start(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	b, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(string(b), &pid)
	require.NoError(t, err)
	assert.True(t, gone(pid))
}

func TestStartValidates(t *testing.T) {
	_, err := emulator.Start(t.Context(), emulator.Options{AccountID: "12"})
	for _, want := range []string{"Executable", "Dir", "Stack", "MotoCommand: is empty", `AccountID: is "12", want 12 digits`} {
		require.ErrorContains(t, err, want)
	}
	o := options(t)
	o.MotoCommand = []string{"moto_server", "-p", "5000"}
	_, err = emulator.Start(t.Context(), o)
	require.ErrorContains(t, err, `MotoCommand: is "moto_server -p 5000", want {port} where the port belongs`)
}
