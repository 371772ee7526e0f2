package workload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"evenkeel/internal/local/emulator"
)

// ServeOptions is what Start hands to the background process. The API's
// environment is not in it: the background process has it as its own, because
// everybody may read the arguments of a process.
type ServeOptions struct {
	// Instance is what is known of the API before it starts.
	Instance Instance `json:"instance"`
	// Dir is the stack's folder.
	Dir string `json:"dir"`
	// Program is what to run, in which folder, with which arguments.
	Program string   `json:"program"`
	WorkDir string   `json:"workDir"`
	Args    []string `json:"args"`
	// Emulator is the process that the API must not outlive.
	Emulator emulator.Process `json:"emulator"`
}

// command is the path of Command below the program's root command.
var command = []string{"local", "serve-api"}

// Command is the subcommand that Start runs in the background. The program
// must have it below its "local" command.
func Command() *cobra.Command {
	var options string
	c := &cobra.Command{
		Use: command[1], Short: "Run a stack's API until told to stop", Hidden: true, Args: cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(c *cobra.Command, _ []string) error {
			var o ServeOptions
			if err := json.Unmarshal([]byte(options), &o); err != nil {
				return fmt.Errorf("--options: %w", err)
			}
			return Serve(c.Context(), o)
		},
	}
	c.Flags().StringVar(&options, "options", "", "JSON, as the program writes it for itself")
	return c
}

// How long an API may take to end after SIGTERM, and how often the keeper looks
// at the emulator.
const (
	stopGrace = 10 * time.Second
	lookEvery = 500 * time.Millisecond
)

// Serve runs the API until it ends, ctx ends, SIGTERM or SIGINT comes, or the
// emulator ends. The API's end is no error; api.json says how it ended.
func Serve(ctx context.Context, o ServeOptions) error {
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	i := o.Instance
	i.dir, i.Started = o.Dir, time.Now()
	self, err := emulator.Identify(os.Getpid())
	if err != nil {
		return fmt.Errorf("serve the API: %w", err)
	}
	i.Keeper = self
	child, err := launch(o)
	if err != nil {
		return fmt.Errorf("start the API: %w", err)
	}
	defer child.stopWatch()
	i.API = child.process
	if err := i.write(); err != nil {
		child.stop()
		return fmt.Errorf("serve the API: %w", err)
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-child.ended:
			i.Ended = child.how
		case <-ctx.Done():
			child.stop()
			i.Ended = "stopped"
		case <-look.C:
			if o.Emulator.Alive() {
				continue
			}
			child.stop()
			i.Ended = "stopped, because the emulator ended"
		}
		if _, err := os.Stat(o.Dir); err != nil {
			return nil // the stack was taken down: nobody is left to tell
		}
		return i.write()
	}
}

// child is the API's process.
type child struct {
	command *exec.Cmd
	process emulator.Process
	// ended is closed when it has ended; how is set before.
	ended     chan struct{}
	how       string
	stopWatch func()
}

func launch(o ServeOptions) (*child, error) {
	c := exec.Command(o.Program, o.Args...)
	c.Dir, c.Stdout, c.Stderr = o.WorkDir, os.Stdout, os.Stderr
	c.SysProcAttr = emulator.ChildAttributes()
	out := &child{command: c, ended: make(chan struct{}), stopWatch: func() {}}
	started := make(chan error)
	go func() {
		// Linux ends the child with the thread that started it, so that thread
		// must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.Start()
		started <- err
		if err != nil {
			return
		}
		out.how = "exit status 0"
		if err := c.Wait(); err != nil {
			out.how = err.Error()
		}
		close(out.ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	var err error
	if out.process, err = emulator.Identify(c.Process.Pid); err != nil {
		// It ended at once; its id is still worth knowing.
		out.process = emulator.Process{PID: c.Process.Pid}
		return out, nil //nolint:nilerr // the caller hears of the end by the channel
	}
	stop, err := emulator.WatchGroup(c.Process.Pid)
	if err != nil {
		out.stop()
		return nil, errors.Join(errors.New("watch over it"), err)
	}
	out.stopWatch = stop
	return out, nil
}

// stop ends the API, by force when it takes too long, and waits for it.
func (c *child) stop() {
	_ = c.command.Process.Signal(syscall.SIGTERM) // it may have ended meanwhile
	select {
	case <-c.ended:
		return
	case <-time.After(stopGrace):
	}
	if c.process.Alive() {
		// With what it started itself: its group.
		_ = syscall.Kill(-c.process.PID, syscall.SIGKILL)
	}
	<-c.ended
}
