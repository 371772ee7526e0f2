//go:build windows

package parts

import "os/exec"

// killGroup leaves the default: Windows has no process groups to signal, and
// a cancelled command is killed alone.
func killGroup(*exec.Cmd) {}

func runHere(cmd *exec.Cmd) error { return cmd.Run() }
