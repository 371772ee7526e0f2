package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/providertest"
)

// role makes the test binary play the plugin, and the engine that starts it.
const role = "PLUGIN_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "plugin":
		main()
	case "engine":
		plugin := exec.Command(os.Args[0])
		plugin.Env = append(os.Environ(), role+"=plugin")
		plugin.Stdout = os.Stdout
		if err := plugin.Run(); err != nil {
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// However the plugin ends, the Terraform provider, which ignores interrupts, ends too.
func TestNoOrphans(t *testing.T) {
	binary := providertest.Binary(t)
	signal := func(sig syscall.Signal, plugin bool) func(*testing.T, int, int) {
		return func(t *testing.T, enginePID, pluginPID int) {
			pid := enginePID
			if plugin {
				pid = pluginPID
			}
			require.NoError(t, syscall.Kill(pid, sig))
		}
	}
	tests := map[string]struct {
		end  func(t *testing.T, enginePID, pluginPID int)
		only string // operating system
	}{
		"engine is killed":      {end: signal(syscall.SIGKILL, false)},
		"plugin is interrupted": {end: signal(syscall.SIGINT, true)},
		"plugin is terminated":  {end: signal(syscall.SIGTERM, true)},
		"plugin is killed":      {end: signal(syscall.SIGKILL, true), only: "linux"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.only != "" && tt.only != runtime.GOOS {
				t.Skip("there is no parent-death signal")
			}
			engine := startEngine(t)
			plugin := onlyChild(t, engine)
			provider := onlyChild(t, plugin)
			command, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(provider)).Output()
			require.NoError(t, err)
			require.Contains(t, string(command), filepath.Base(binary))

			tt.end(t, engine, plugin)
			assertGone(t, "plugin", plugin)
			assertGone(t, "Terraform provider", provider)
		})
	}
}

// startEngine returns when the plugin serves.
func startEngine(t *testing.T) (pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"=engine")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "the plugin prints its port: %s", &stderr)
	_, err = strconv.Atoi(strings.TrimSpace(port))
	require.NoError(t, err)
	return cmd.Process.Pid
}

func onlyChild(t *testing.T, pid int) int {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output()
	require.NoError(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(string(out)))
	require.NoError(t, err, "one child, not %q", out)
	return child
}

func assertGone(t *testing.T, what string, pid int) {
	t.Helper()
	gone := func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH }
	if !assert.Eventually(t, gone, 10*time.Second, 50*time.Millisecond, "%s ends", what) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
