package workload

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// Stop ends the API and the process that keeps it, and waits until both are
// gone: SIGTERM, and SIGKILL after 10 s. One that is gone already is no error.
func (i *Instance) Stop(ctx context.Context) error {
	i.Keeper.Signal(syscall.SIGTERM)
	if !i.Keeper.Alive() {
		i.API.Signal(syscall.SIGTERM)
	}
	// The keeper itself needs a moment after it has used force.
	if i.waitGone(ctx, stopGrace+2*time.Second) {
		return nil
	}
	if i.API.Alive() {
		_ = syscall.Kill(-i.API.PID, syscall.SIGKILL) // its group: with what it started
	}
	i.Keeper.Signal(syscall.SIGKILL)
	if !i.waitGone(context.WithoutCancel(ctx), 2*time.Second) {
		return fmt.Errorf("stop the API: process %d still runs", i.API.PID)
	}
	return nil
}

func (i *Instance) waitGone(ctx context.Context, limit time.Duration) bool {
	end := time.After(limit)
	for i.Keeper.Alive() || i.API.Alive() {
		select {
		case <-ctx.Done():
			return false
		case <-end:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}
