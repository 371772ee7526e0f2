package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"evenkeel/api/internal/telemetry"
)

// ErrInterrupted is the end of a drain that a second signal cut short.
var ErrInterrupted = errors.New("a second signal ended the process before it was drained")

type phase int32

const (
	starting phase = iota
	ready
	draining
)

func (p phase) String() string {
	return [...]string{"starting", "ready", "draining"}[p]
}

// stopper is what a drain needs of http.Server.
type stopper interface {
	Shutdown(ctx context.Context) error
	Close() error
}

// lifecycle takes a server from start to a clean end.
type lifecycle struct {
	drain, shutdown time.Duration
	log             *slog.Logger
	phase           atomic.Int32
}

func (l *lifecycle) now() phase { return phase(l.phase.Load()) }

func (l *lifecycle) draining() bool { return l.now() == draining }

// run waits for a signal, then drains: not ready at once, every request still
// served for the drain time, after which no new connection is accepted and
// requests in flight get the shutdown time. A second signal ends it at once.
//
// ended gets the error of a server that stops by itself.
func (l *lifecycle) run(signals <-chan os.Signal, ended <-chan error, srv stopper) error {
	l.phase.Store(int32(ready))
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case s := <-signals:
		l.phase.Store(int32(draining))
		l.log.Info("draining", slog.String(telemetry.FieldSignal, s.String()),
			slog.Float64(telemetry.FieldDrainSeconds, l.drain.Seconds()), slog.Float64(telemetry.FieldShutdownSeconds, l.shutdown.Seconds()))
	}
	timer := time.NewTimer(l.drain)
	defer timer.Stop()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-signals:
		return errors.Join(ErrInterrupted, srv.Close())
	case <-timer.C:
	}
	l.log.Info("closing", slog.Float64(telemetry.FieldShutdownSeconds, l.shutdown.Seconds()))
	ctx, cancel := context.WithTimeout(context.Background(), l.shutdown)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- srv.Shutdown(ctx) }()
	select {
	case <-signals:
		return errors.Join(ErrInterrupted, srv.Close())
	case err := <-done:
		if err != nil {
			return errors.Join(fmt.Errorf("requests were cut off after %s: %w", l.shutdown, err), srv.Close())
		}
	}
	l.log.Info("stopped")
	return nil
}
