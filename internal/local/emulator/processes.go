package emulator

import "syscall"

// Identify describes a running process, so that it can be told from a later
// one with the same id.
func Identify(pid int) (Process, error) { return processOf(pid) }

// Alive says whether that very process runs.
func (p Process) Alive() bool { return p.alive() }

// Signal sends a signal if the process is still that very one.
func (p Process) Signal(s syscall.Signal) { p.signal(s) }

// ChildAttributes are those of a child that is not to outlive the thread that
// starts it, as far as the system can see to that; elsewhere WatchGroup does.
func ChildAttributes() *syscall.SysProcAttr { return childAttributes() }

// WatchGroup ends a process group when this process ends, where the system
// does not do so by itself.
func WatchGroup(group int) (stop func(), err error) { return watch(group) }
