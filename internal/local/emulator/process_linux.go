package emulator

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// startOf reads the start time in clock ticks since boot (field 22 of
// /proc/<pid>/stat, see proc_pid_stat(5)) and the id of the boot.
func startOf(pid int) (string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The name in parentheses may hold spaces; the state is the field behind it.
	rest := string(b)[strings.LastIndexByte(string(b), ')')+1:]
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return "", fmt.Errorf("/proc/%d/stat: has %d fields behind the name, want 20 or more", pid, len(fields))
	}
	if fields[0] == "Z" || fields[0] == "X" {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	return fields[19] + "@" + strings.TrimSpace(string(boot)), nil
}

// childAttributes ends the child with the thread that started it, and gives
// it a process group of its own.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// watch is not needed where the system ends children with their parent.
func watch(int) (stop func(), err error) { return func() {}, nil }
