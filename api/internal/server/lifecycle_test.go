package server

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeServer takes its time to shut down.
type fakeServer struct {
	takes    time.Duration
	shutdown time.Time
	closed   bool
}

func (f *fakeServer) Shutdown(ctx context.Context) error {
	f.shutdown = time.Now()
	select {
	case <-time.After(f.takes):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeServer) Close() error {
	f.closed = true
	return nil
}

const (
	testDrain    = 35 * time.Second
	testShutdown = 7 * time.Second
)

// drainCase runs a life on a fake clock. The first signal comes after the given
// time of being ready, a second one that long after the first unless it is 0.
func drainCase(t *testing.T, srv *fakeServer, first, second time.Duration) (took time.Duration, err error) {
	t.Helper()
	l := &lifecycle{drain: testDrain, shutdown: testShutdown, log: slog.New(slog.DiscardHandler)}
	assert.Equal(t, starting, l.now())
	signals, result := make(chan os.Signal, 2), make(chan error, 1)
	go func() { result <- l.run(signals, nil, srv) }()
	synctest.Wait()
	assert.Equal(t, ready, l.now())
	time.Sleep(first)
	signalled := time.Now()
	signals <- syscall.SIGTERM
	synctest.Wait()
	assert.Equal(t, draining, l.now(), "not ready at once")
	if second > 0 {
		time.AfterFunc(second, func() { signals <- syscall.SIGTERM })
	}
	err = <-result
	return time.Since(signalled), err
}

func TestDrain(t *testing.T) {
	for name, c := range map[string]struct {
		takes, first, second time.Duration
		took                 time.Duration
		err                  error
		closed               bool
	}{
		"nothing under way":            {0, time.Minute, 0, testDrain, nil, false},
		"requests under way":           {5 * time.Second, time.Hour, 0, testDrain + 5*time.Second, nil, false},
		"requests that do not end":     {time.Hour, 0, 0, testDrain + testShutdown, context.DeadlineExceeded, true},
		"second signal while draining": {time.Hour, time.Second, 2 * time.Second, 2 * time.Second, ErrInterrupted, true},
		"second signal while closing":  {time.Hour, time.Second, 37 * time.Second, 37 * time.Second, ErrInterrupted, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := &fakeServer{takes: c.takes}
				took, err := drainCase(t, srv, c.first, c.second)
				require.ErrorIs(t, err, c.err)
				assert.Equal(t, c.took, took)
				assert.Equal(t, c.closed, srv.closed)
				// Whatever still waits must end, or the clock stands still.
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestServerThatEndsByItself(t *testing.T) {
	for name, signalled := range map[string]bool{"while ready": false, "while draining": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &lifecycle{drain: testDrain, shutdown: testShutdown, log: slog.New(slog.DiscardHandler)}
				signals, ended := make(chan os.Signal, 2), make(chan error, 1)
				if signalled {
					signals <- syscall.SIGINT
				}
				cause := errors.New("too many open files")
				time.AfterFunc(time.Second, func() { ended <- cause })
				require.ErrorIs(t, l.run(signals, ended, &fakeServer{}), cause)
			})
		})
	}
}
