package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"evenkeel/internal/local/parts"
)

// holder says who works on a stack.
type holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// claim makes this process the only one that works on the stack. The system
// gives the claim up with the process, however it ends, so that a killed
// command blocks nobody. The files lie beside the stack's folder, which `down`
// removes.
func (r *Request) claim(command string) (release func(), err error) {
	dir := filepath.Join(r.Project.Root, parts.CacheFolder, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(dir, err)
	}
	base := filepath.Join(dir, r.Stack.Name)
	lock := flock.New(base + ".lock")
	free, err := lock.TryLock()
	if err != nil {
		return nil, unusable(dir, err)
	}
	if !free {
		var h holder
		_ = readJSON(base+".json", &h) // only makes the message better
		return nil, fmt.Errorf("%s %s: `local %s` (process %d) has been working on this stack since %s: wait for it, or interrupt it",
			command, r.Stack.Name, h.Command, h.PID, h.Since.Local().Format(time.TimeOnly))
	}
	raw, err := json.Marshal(holder{PID: os.Getpid(), Command: command, Since: time.Now()})
	if err == nil {
		err = os.WriteFile(base+".json", raw, 0o600)
	}
	if err != nil {
		return nil, errors.Join(unusable(dir, err), lock.Unlock())
	}
	return func() { _ = lock.Unlock() }, nil
}

// unusable says what to do about a folder that cannot be written.
func unusable(dir string, err error) error {
	return fmt.Errorf("the folder %s cannot be used (%w): make it a writable folder with space left, or remove it", dir, err)
}

// errEmulatorGone is why an operation was given up when its emulator ended.
var errEmulatorGone = errors.New("the AWS emulator ended during the operation")

// watch returns a context that ends when the emulator does. AWS clients would
// go on asking a dead one for many minutes.
func (s *session) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if !s.emulator.Alive() {
					cancel(errEmulatorGone)
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// unclean tells why the engine's state cannot be built upon, for example
// because a command was killed in the middle of an operation; "" when it can.
// The caller holds the claim, so nobody else is at work.
func (r *Request) unclean(emulatorID string) string {
	id, err := os.ReadFile(filepath.Join(r.stateDir(), belongsTo))
	if err != nil || string(id) != emulatorID {
		return "the emulator runs, but the engine's state of it is gone"
	}
	locks, err := filepath.Glob(filepath.Join(r.stateDir(), ".pulumi", "locks", "*", "*", "*", "*.json"))
	if err == nil && len(locks) > 0 {
		return "the last command was killed before it had finished"
	}
	state, err := readState(r)
	switch {
	case err != nil:
		return "the engine's state cannot be read"
	case state != nil && len(state.PendingOperations) > 0:
		return "the last command ended while resources were being created"
	}
	return ""
}
