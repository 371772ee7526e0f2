package emulator

import (
	"context"
	"fmt"
	"net/http"
	"syscall"
	"time"
)

// stopGrace is how long an orderly stop may take before force is used.
const stopGrace = 8 * time.Second

// Stop ends the emulator and waits until both of its processes are gone. One
// that is gone already is no error. When ctx ends first, the error names the
// processes that are left.
func (i *Instance) Stop(ctx context.Context) error {
	deadline := time.Now().Add(stopGrace)
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline = end
	}
	if i.Gateway.alive() {
		ask, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		var answer struct{}
		if err := i.control(ask, http.MethodPost, "shutdown", nil, &answer); err != nil {
			i.Gateway.signal(syscall.SIGTERM)
		}
		waitGone(deadline, i.Gateway, i.Moto)
	}
	if left := i.kill(deadline); len(left) > 0 {
		return fmt.Errorf("stop emulator of stack %s: process %d still runs", i.Stack, left[0].PID)
	}
	if err := i.erase(); err != nil {
		return fmt.Errorf("stop emulator of stack %s: %w", i.Stack, err)
	}
	return nil
}

// kill ends what is left of both processes, gently until the deadline.
func (i *Instance) kill(deadline time.Time) []Process {
	i.Gateway.signal(syscall.SIGTERM)
	if !i.Gateway.alive() {
		i.Moto.signal(syscall.SIGTERM)
	}
	left := waitGone(deadline, i.Gateway, i.Moto)
	for _, p := range left {
		p.signal(syscall.SIGKILL)
	}
	return waitGone(time.Now().Add(2*time.Second), left...)
}
