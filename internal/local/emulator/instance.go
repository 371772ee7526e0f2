package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"evenkeel/internal/local/gateway"
)

// Files in a stack's folder.
const (
	stateFile = "emulator.json"
	lockFile  = "emulator.lock"
	// LogFile is the output of the background process itself.
	LogFile = "emulator.log"
	// MotoLogFile is moto's output, tracebacks included.
	MotoLogFile = "moto.log"
	// CallsFile is the record of API calls, see gateway.ReadCalls.
	CallsFile = "calls.jsonl"
)

// Format is the form of emulator.json and, with it, what the emulator behind it
// can do: raise it when a program of today could not go on with an emulator that
// yesterday's started. What tells the two processes apart, the fields gateway and
// moto, keeps its meaning in every format, so that any version can end them.
// 2: the gateway plays deployments, which a release follows.
const Format = 2

// Instance is a running emulator, as its emulator.json describes it.
type Instance struct {
	// Format is the Format of the program that started it; 0 before there was any.
	Format int `json:"format"`
	// Parts are the engine's parts that it was started for, in words.
	Parts string `json:"parts"`
	// ID is random and new at each start: an emulator's memory does not
	// outlive its process.
	ID    string `json:"id"`
	Stack string `json:"stack"`
	// AccountID is the emulated account.
	AccountID string `json:"accountId"`
	// URL is the endpoint of every AWS service, such as http://127.0.0.1:40123.
	URL     string    `json:"url"`
	Started time.Time `json:"started"`
	// Gateway is the background process, Moto its child.
	Gateway Process `json:"gateway"`
	Moto    Process `json:"moto"`
	// Token authorizes a shutdown.
	Token string `json:"token"`

	dir string
}

// StaleError says that an emulator.json describes an emulator that is not
// there (any more). Start clears it away.
type StaleError struct {
	// File is the path of emulator.json, Reason what does not hold.
	File, Reason string
}

func (e *StaleError) Error() string { return e.File + " is stale: " + e.Reason }

// NewerError says that an emulator.json was written by a newer version of this
// program.
type NewerError struct {
	// File is the path of emulator.json, Format what it has.
	File   string
	Format int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("%s: format is %d, want 0 to %d: a newer version of this program deployed the stack. Use that version, "+
		"or `evenkeel local down --discard`, which ends its emulator and forgets what it holds", e.File, e.Format, Format)
}

// Find returns the emulator that runs for a stack's folder, or nil when there
// is none. A *StaleError says that the folder describes one that is gone; what
// could be read of it comes along, and its Stop clears away the rest. So it is
// with a *NewerError, but for the emulator, which may well run.
func Find(dir string) (*Instance, error) {
	i, err := readInstance(dir)
	if i == nil || err != nil {
		return nil, err
	}
	if i.Format > Format {
		return i, &NewerError{filepath.Join(dir, stateFile), i.Format}
	}
	return i, i.verify()
}

// readInstance reads emulator.json without believing it.
func readInstance(dir string) (*Instance, error) {
	file := filepath.Join(dir, stateFile)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find emulator: %w", err)
	}
	i := &Instance{dir: dir}
	if err := json.Unmarshal(b, i); err != nil {
		return nil, &StaleError{file, "it does not parse: " + err.Error()}
	}
	return i, nil
}

// verify checks that the process is really ours, and returns a *StaleError if
// it is not.
func (i *Instance) verify() error {
	stale := func(format string, args ...any) error {
		return &StaleError{filepath.Join(i.dir, stateFile), fmt.Sprintf(format, args...)}
	}
	if !i.Gateway.alive() {
		return stale("process %d has ended", i.Gateway.PID)
	}
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	var health gateway.Identity
	if err := i.get(ctx, "health", &health); err != nil {
		return stale("process %d runs, but %s does not answer as an emulator: %v", i.Gateway.PID, i.URL, err)
	}
	if health.ID != i.ID {
		return stale("%s belongs to another emulator", i.URL)
	}
	return nil
}

// Alive tells whether the background process and its moto still run.
func (i *Instance) Alive() bool { return i.Gateway.alive() && i.Moto.alive() }

// Calls returns the recorded calls with a sequence above since.
func (i *Instance) Calls(ctx context.Context, since int) ([]gateway.Call, error) {
	var out struct{ Calls []gateway.Call }
	err := i.get(ctx, "calls?since="+strconv.Itoa(since), &out)
	return out.Calls, err
}

// Refused returns the names, "service:Action", of the operations that neither
// moto nor the gateway could answer, ordered and each once.
func (i *Instance) Refused(ctx context.Context) ([]string, error) {
	var out struct{ Calls []gateway.Call }
	if err := i.get(ctx, "refused", &out); err != nil {
		return nil, err
	}
	var names []string
	for _, c := range out.Calls {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// CallsPath is the file of recorded calls.
func (i *Instance) CallsPath() string { return filepath.Join(i.dir, CallsFile) }

const healthTimeout = 5 * time.Second

// client speaks to loopback addresses only, so it never asks for a proxy.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (i *Instance) get(ctx context.Context, endpoint string, out any) error {
	return i.control(ctx, http.MethodGet, endpoint, nil, out)
}

func (i *Instance) control(ctx context.Context, method, endpoint string, in io.Reader, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, i.URL+gateway.ControlPath+endpoint, in)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+i.Token)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
		return fmt.Errorf("emulator's %s: %s %s", endpoint, answer.Status, text)
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("emulator's %s: %w", endpoint, err)
	}
	return nil
}

// write describes the instance in its folder, so that a reader sees all of it
// or nothing.
func (i *Instance) write() error {
	b, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(i.dir, stateFile+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(i.dir, stateFile))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// erase removes the description, unless another instance has written its own.
func (i *Instance) erase() error {
	now, err := readInstance(i.dir)
	if now != nil && now.ID != i.ID {
		return nil
	}
	var stale *StaleError
	if err != nil && !errors.As(err, &stale) {
		return err
	}
	if err := os.Remove(filepath.Join(i.dir, stateFile)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
