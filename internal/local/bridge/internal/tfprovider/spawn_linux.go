package tfprovider

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawn runs start, which forks cmd, so that the kernel kills cmd when this process
// dies by any means: Terraform providers ignore interrupts and would stay. The signal
// is tied to the thread that forks, so that thread is kept for good.
func spawn(cmd *exec.Cmd, start func() error) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- start()
		select {}
	}()
	return <-done
}
