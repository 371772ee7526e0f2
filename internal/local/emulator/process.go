package emulator

import (
	"syscall"
	"time"
)

// Process names one process for good: its id may be given to another one
// later, but never with the same start.
type Process struct {
	PID int `json:"pid"`
	// Start is when the process started, in the form the system has it.
	Start string `json:"start"`
}

// processOf describes a running process.
func processOf(pid int) (Process, error) {
	start, err := startOf(pid)
	return Process{PID: pid, Start: start}, err
}

// alive says whether that very process runs. One that ended and was not yet
// waited for by its parent does not.
func (p Process) alive() bool {
	if p.PID <= 1 || p.Start == "" {
		return false
	}
	start, err := startOf(p.PID)
	return err == nil && start == p.Start
}

// signal sends a signal if the process is still that very one.
func (p Process) signal(s syscall.Signal) {
	if p.alive() {
		// It may end between the two lines, which is what was wanted.
		_ = syscall.Kill(p.PID, s)
	}
}

// waitGone waits until none of the processes runs, and returns those that do
// at the deadline.
func waitGone(deadline time.Time, processes ...Process) []Process {
	for {
		var left []Process
		for _, p := range processes {
			if p.alive() {
				left = append(left, p)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		time.Sleep(20 * time.Millisecond)
	}
}
