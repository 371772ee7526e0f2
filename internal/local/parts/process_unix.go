//go:build !windows

package parts

import (
	"os/exec"
	"syscall"
)

// killGroup makes a cancelled command take its children along: a killed
// `go build` or shell script would otherwise leave its own running.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
