package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"

	"evenkeel/internal/check"
	"evenkeel/internal/local/parts/motocmd"
)

// Options says what to start.
type Options struct {
	// Executable is the program that has Command below its "local" command.
	Executable string
	// Dir is the stack's folder; created if it is missing.
	Dir   string
	Stack string
	// MotoCommand starts moto's server in the foreground, such as
	// ["moto_server", "-H", "127.0.0.1", "-p", "{port}"]; "{port}" in a word
	// stands for the port of 127.0.0.1 that it is to be reached at, see package
	// motocmd. It must end on SIGTERM within 3 s, and everything that it started
	// with it: then it is killed. That is so for a `docker run --rm --init` too,
	// which is not tested with a Docker engine.
	MotoCommand []string
	// AccountID is the emulated account, 12 digits.
	AccountID string
	// Parts are the engine's parts in words, for Instance.Parts.
	Parts string
}

var accountID = regexp.MustCompile(`^\d{12}$`)

func (o Options) validate() error {
	var l check.List
	for path, v := range map[check.Path]string{"Executable": o.Executable, "Dir": o.Dir, "Stack": o.Stack} {
		if v == "" {
			l.Addf(path, "is empty, want a value")
		}
	}
	if len(o.MotoCommand) == 0 {
		l.Addf("MotoCommand", "is empty, want the command that starts moto's server")
	} else if !motocmd.HasPort(o.MotoCommand) {
		l.Addf("MotoCommand", "is %q, want %s where the port belongs", strings.Join(o.MotoCommand, " "), motocmd.Port)
	}
	if !accountID.MatchString(o.AccountID) {
		l.Addf("AccountID", "is %q, want 12 digits", o.AccountID)
	}
	return l.Err()
}

// Start starts the emulator of a stack in the background and returns when it
// answers. One that already runs for the folder is returned instead. What a
// stale emulator.json describes is cleared away first, as far as it is
// verifiably ours.
//
// When moto does not come up, the error has the end of its log. When ctx ends
// before, nothing is left running.
func Start(ctx context.Context, o Options) (*Instance, error) {
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	o.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	// Two starts for one folder would make two emulators, one of them lost.
	lock := flock.New(filepath.Join(dir, lockFile))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("start emulator: wait for another start of stack %s: %w", o.Stack, err)
	}
	defer func() { _ = lock.Unlock() }()

	running, err := Find(dir)
	var stale *StaleError
	switch {
	case errors.As(err, &stale):
		if err := clearStale(dir); err != nil {
			return nil, fmt.Errorf("start emulator: %w", err)
		}
	case err != nil:
		return nil, err
	case running != nil:
		return running, nil
	}
	return launch(ctx, o)
}

// clearStale ends what is left of a stale emulator and removes its
// description. A process is only ended if it is the very one described.
func clearStale(dir string) error {
	left, err := readInstance(dir)
	if left == nil {
		var stale *StaleError
		if err != nil && !errors.As(err, &stale) {
			return err
		}
		return os.Remove(filepath.Join(dir, stateFile))
	}
	if still := left.kill(time.Now().Add(stopGrace)); len(still) > 0 {
		return fmt.Errorf("process %d of an emulator that does not answer cannot be ended", still[0].PID)
	}
	return left.erase()
}

// launch runs the background process and waits until it answers.
func launch(ctx context.Context, o Options) (*Instance, error) {
	id := uuid.NewString()
	options, err := json.Marshal(ServeOptions{ID: id, Dir: o.Dir, Stack: o.Stack, AccountID: o.AccountID, MotoCommand: o.MotoCommand, Parts: o.Parts})
	if err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(o.Dir, LogFile), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	defer log.Close()
	c := exec.Command(o.Executable, append(append([]string{}, command...), "--options", string(options))...)
	c.Dir, c.Stdout, c.Stderr, c.Env = o.Dir, log, log, withoutAWS(os.Environ())
	// Its own session: Ctrl-C in the terminal is for the command in front.
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	var whyEnded error
	ended := make(chan struct{})
	go func() {
		whyEnded = c.Wait()
		close(ended)
	}()
	for {
		if i, err := readInstance(o.Dir); err == nil && i != nil && i.ID == id && i.verify() == nil {
			return i, nil
		}
		select {
		case <-ended:
			return nil, startFailed(o.Dir, whyEnded)
		case <-ctx.Done():
			_ = c.Process.Signal(syscall.SIGTERM)
			<-ended
			return nil, fmt.Errorf("start emulator: %w", ctx.Err())
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func startFailed(dir string, err error) error {
	why, readErr := os.ReadFile(filepath.Join(dir, LogFile))
	if text := strings.TrimSpace(string(why)); readErr == nil && text != "" {
		return fmt.Errorf("start emulator: %s", strings.TrimPrefix(text, "Error: "))
	}
	return fmt.Errorf("start emulator: its process ended (%w)", err)
}
