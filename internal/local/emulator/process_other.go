//go:build unix && !linux

package emulator

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// startOf asks ps, which every other Unix has.
func startOf(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "stat=", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", fmt.Errorf("process %d: %w", pid, err)
	}
	state, start, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if strings.HasPrefix(state, "Z") || start == "" {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	return strings.Join(strings.Fields(start), " "), nil
}

// listening cannot be told here without privileges.
func listening(int, int) listener { return unknown }

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func watch(group int) (stop func(), err error) { return watchdog(group) }
