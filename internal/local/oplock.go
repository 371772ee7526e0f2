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

	"evenkeel/internal/local/emulator"
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

// errEmulatorGone is why an operation was given up when its emulator ended.
var errEmulatorGone = errors.New("the AWS emulator ended during the operation")

// probeEvery is how many seconds lie between two looks at the disk.
const probeEvery = 3

// watch returns a context that ends when the emulator does, or when the stack's
// folder can no longer be written. AWS clients would go on asking a dead
// emulator for many minutes, and so would the engine try to save its state.
func (s *session) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if !s.emulator.Alive() {
				cancel(errEmulatorGone)
				return
			}
			if n%probeEvery != 0 {
				continue
			}
			if trouble := writable(s.req.dir()); trouble != nil {
				cancel(trouble)
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// unclean tells why what runs cannot be built upon, for example because a
// command was killed while it created resources; "" when it can. The caller
// holds the claim, so nobody else is at work.
func (r *Request) unclean(running *emulator.Instance) string {
	if running.Format < emulator.Format {
		return "an older version of this program deployed the stack, and its emulator lacks what this one needs"
	}
	id, err := os.ReadFile(filepath.Join(r.stateDir(), belongsTo))
	if err != nil || string(id) != running.ID {
		return "the emulator runs, but the engine's state of it is gone"
	}
	for _, pid := range r.lockHolders() {
		if engine, err := emulator.Identify(pid); err == nil && engine.Alive() {
			return fmt.Sprintf("the engine of a killed command (process %d) has not ended yet", pid)
		}
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

func (r *Request) lockDir() string { return filepath.Join(r.stateDir(), ".pulumi", "locks") }

// lockHolders are the processes of the engine that locked the state. Each takes
// its lock away when it ends, unless it is killed.
func (r *Request) lockHolders() []int {
	var out []int
	files, _ := filepath.Glob(filepath.Join(r.lockDir(), "*", "*", "*", "*.json")) // the pattern is good
	for _, file := range files {
		var lock struct{ PID int }
		_ = readJSON(file, &lock) // half a lock is one, too
		out = append(out, lock.PID)
	}
	return out
}

// engineEnd is how long the engine of a killed command may take to see that it
// is alone.
const engineEnd = 15 * time.Second

// unlock waits until the engine of a killed command has ended, and takes its
// lock away. Before it creates, changes or deletes anything the engine writes
// down that it is about to: where nothing is written down, the state is exact.
func (r *Request) unlock(ctx context.Context) error {
	holders := r.lockHolders()
	if len(holders) == 0 {
		return nil
	}
	r.Report.Note("the last command was killed before it had finished: taking away the lock that it left")
	deadline := time.Now().Add(engineEnd)
	for _, pid := range holders {
		engine, err := emulator.Identify(pid)
		for err == nil && engine.Alive() && time.Now().Before(deadline) {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
		if err == nil && engine.Alive() {
			return nil // unclean tells
		}
	}
	if err := os.RemoveAll(r.lockDir()); err != nil {
		return unusable(r.lockDir(), err)
	}
	return nil
}
