package emulator_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
)

// runContainer does what `docker run --rm --init` does in the foreground: the
// server runs in a session of its own, out of reach of a signal to this
// process and its group, and gets SIGTERM only as it is passed on here.
func runContainer(pidFile string, argv []string) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	c := exec.Command(argv[0], argv[1:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(125)
	}
	_ = os.WriteFile(pidFile, fmt.Append(nil, c.Process.Pid), 0o600)
	go func() {
		for s := range signals {
			_ = c.Process.Signal(s)
		}
	}()
	_ = c.Wait()
	os.Exit(0)
}

func TestStopReachesAServerBehindItsCommand(t *testing.T) {
	tests := map[string]func(t *testing.T, i *emulator.Instance){
		"asked to stop": stop,
		"signal to the command": func(t *testing.T, i *emulator.Instance) {
			t.Helper()
			require.NoError(t, syscall.Kill(i.Moto.PID, syscall.SIGTERM))
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			pidFile := filepath.Join(t.TempDir(), "pid")
			o.MotoCommand = append([]string{o.Executable, "run", pidFile}, o.MotoCommand...)
			i := start(t, o)
			var server int
			b, err := os.ReadFile(pidFile)
			require.NoError(t, err)
			_, err = fmt.Sscan(string(b), &server)
			require.NoError(t, err)
			t.Cleanup(func() {
				if t.Failed() && !gone(server) {
					_ = syscall.Kill(server, syscall.SIGKILL)
				}
			})
			require.NotEqual(t, server, i.Moto.PID)
			assert.Contains(t, callerIdentity(t, i.URL), o.AccountID, "the variables arrive")

			end(t, i)

			require.Eventually(t, func() bool { return gone(i.Moto.PID) && gone(i.Gateway.PID) }, 10*time.Second, 20*time.Millisecond)
			assert.True(t, gone(server), "the command ends after its server")
		})
	}
}
