//go:build !linux

package tfprovider

import "os/exec"

// spawn runs start, which forks cmd. These systems have no parent-death signal: the
// caller's own handlers end cmd, and only a SIGKILL of the caller leaves it behind.
func spawn(_ *exec.Cmd, start func() error) error { return start() }
