package emulator_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
)

func TestStoppedWatchdogSparesTheGroup(t *testing.T) {
	c := exec.Command("sleep", "300")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, c.Start())
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	stop, err := emulator.Watchdog(c.Process.Pid)
	require.NoError(t, err)
	stop()
	time.Sleep(200 * time.Millisecond)
	assert.False(t, gone(c.Process.Pid))
}
