// Package lifetime ties a plugin to the process that started it.
package lifetime

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// poll is how often the parent is looked for, and so about how long a process outlives
// its parent.
const poll = 500 * time.Millisecond

// Context is canceled when the process is asked to end by an interrupt, which is how the
// Pulumi engine ends its plugins, or by SIGTERM, and when the process that started it is
// gone: a killed engine asks nobody to end. The parent is polled for because that works
// on every Unix, and in Go a parent-death signal would hang on the life of one thread of
// the parent.
func Context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	go watch(ctx, os.Getppid(), cancel)
	return ctx, cancel
}

func watch(ctx context.Context, parent int, gone func()) {
	t := time.NewTicker(poll)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if os.Getppid() != parent {
				gone()
				return
			}
		}
	}
}
