//go:build unix

package parts

import (
	"os/exec"
	"runtime"
	"syscall"
)

// killGroup makes a cancelled command take its children along: a killed
// `go build` or shell script would otherwise leave its own running.
func killGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithUs(cmd.SysProcAttr)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// runHere runs a command that does not outlive this process, where the system
// can see to that. Linux ends a child with the thread that started it, so that
// thread must not end before.
func runHere(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}
