package emulator

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// watchdog ends a process group when this process ends in whatever way: it
// waits on a pipe that the system then closes. stop ends the watchdog itself.
func watchdog(group int) (stop func(), err error) {
	// The script ignores what a terminal or an orderly stop sends to everybody.
	const script = `trap '' INT TERM HUP; read -r _; kill -s KILL -- "-$1"`
	c := exec.Command("/bin/sh", "-c", script, "evenkeel-watchdog", strconv.Itoa(group))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := c.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start watchdog: %w", err)
	}
	return func() {
		// Killed before the pipe closes, it never gets to its last command.
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = pipe.Close()
	}, nil
}
