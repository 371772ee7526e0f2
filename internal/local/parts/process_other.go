//go:build unix && !linux

package parts

import "syscall"

// dieWithUs cannot be asked of the system here: the engine ends when it sees
// that its program has.
func dieWithUs(*syscall.SysProcAttr) {}
