package workload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"evenkeel/internal/local/emulator"
)

// Files in a stack's folder.
const (
	stateFile = "api.json"
	// LogFile is the API's output, stdout and stderr; that of its last run but
	// one has LogFile+".1".
	LogFile = "api.log"
)

// Instance is an API that was started, as its api.json describes it.
type Instance struct {
	// ID is random and new at each start.
	ID string `json:"id"`
	// Package is what the user called the package.
	Package string `json:"package"`
	// URL is where it answers, such as http://127.0.0.1:8080.
	URL string `json:"url"`
	// HealthPath is what its health check asks for.
	HealthPath string `json:"healthPath"`
	// TaskDefinition is the ARN of the task definition that the environment was
	// read from.
	TaskDefinition string    `json:"taskDefinition"`
	Started        time.Time `json:"started"`
	// Keeper is the background process, API its child.
	Keeper emulator.Process `json:"keeper"`
	API    emulator.Process `json:"api"`
	// Ended says how the API ended, such as "exit status 1"; empty while it runs.
	Ended string `json:"ended,omitempty"`

	dir string
}

// Find returns the API that was started last for a stack, running or not, or
// nil when none was.
func Find(dir string) (*Instance, error) {
	file := filepath.Join(dir, stateFile)
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the API: %w", err)
	}
	i := &Instance{dir: dir}
	if err := json.Unmarshal(raw, i); err != nil {
		return nil, fmt.Errorf("find the API: %s: %w", file, err)
	}
	return i, nil
}

// Running says whether that very process runs.
func (i *Instance) Running() bool { return i.API.Alive() }

// LogPath is the file of the API's output.
func (i *Instance) LogPath() string { return filepath.Join(i.dir, LogFile) }

// write describes the instance in its folder, so that a reader sees all of it
// or nothing.
func (i *Instance) write() error {
	raw, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(i.dir, stateFile)
	if err := os.WriteFile(file+".new", append(raw, '\n'), 0o600); err != nil {
		return errors.Join(err, remove(file+".new"))
	}
	return os.Rename(file+".new", file)
}

// remove removes a file that need not exist.
func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
