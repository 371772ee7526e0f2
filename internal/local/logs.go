package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"evenkeel/internal/local/workload"
)

// LogOptions say what Logs shows.
type LogOptions struct {
	// Lines is how many of the last lines are shown; Follow goes on with every
	// new one until the context ends.
	Lines  int
	Follow bool
	// Raw leaves the lines as they are; Color marks them for a terminal.
	Raw, Color bool
}

// Logs writes what the stack's API has written.
func Logs(ctx context.Context, req *Request, o LogOptions, w io.Writer) error {
	i, err := workload.Find(req.dir())
	if err != nil {
		return err
	}
	if i == nil {
		return fmt.Errorf("no API of stack %s was ever started: `evenkeel local up --stack %[1]s --with-api` starts one", req.Stack.Name)
	}
	render := workload.Renderer{Color: o.Color}.Line
	if o.Raw {
		render = func(line string) string { return line }
	}
	err = workload.ReadLog(ctx, i.LogPath(), o.Lines, o.Follow, func(line string) error {
		_, err := fmt.Fprintln(w, render(line))
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the log of stack %s is gone: %w", req.Stack.Name, err)
	}
	return err
}
