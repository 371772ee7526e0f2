package emulator_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
)

// watchedGroup starts a process in a group of its own. What it leaves is ended
// when the test is.
func watchedGroup(t *testing.T) int {
	t.Helper()
	c := exec.Command("sleep", "300")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c.Process.Pid
}

func TestStoppedWatchdogSparesTheGroup(t *testing.T) {
	group := watchedGroup(t)
	stop, err := emulator.Watchdog(group)
	require.NoError(t, err)
	stop()
	time.Sleep(200 * time.Millisecond)
	assert.False(t, gone(group))
}

// watchAndDie is the other end of the next test, in a process of its own: it
// starts a watchdog and is then killed without a chance to clean up.
func watchAndDie(group string) {
	pid, err := strconv.Atoi(group)
	if err == nil {
		_, err = emulator.Watchdog(pid)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	time.Sleep(time.Minute)
}

func TestWatchdogEndsTheGroupOfADeadParent(t *testing.T) {
	group := watchedGroup(t)
	self, err := os.Executable()
	require.NoError(t, err)
	out, err := exec.Command(self, "watch", strconv.Itoa(group)).CombinedOutput()
	require.ErrorContains(t, err, "killed", "%s", strings.TrimSpace(string(out)))
	assert.Eventually(t, func() bool { return gone(group) }, 5*time.Second, 20*time.Millisecond)
}
