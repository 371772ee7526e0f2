package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// killAfter is how long a command may take to end when it is interrupted,
// before it is killed.
const killAfter = 30 * time.Second

// command is a command to measure.
type command struct {
	dir  string
	env  []string // in addition to this process's
	args []string
	// emulator tells the emulator's process, zero while there is none. Nil is
	// for commands without one.
	emulator func() int
}

// measure runs the command and says how it went. When it fails, the error has
// what it printed.
func measure(ctx context.Context, c command) (outcome, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), c.env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killAfter
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return outcome{}, fmt.Errorf("start %s: %w", c.args[0], err)
	}
	emulator := c.emulator
	if emulator == nil {
		emulator = func() int { return 0 }
	}
	stop := make(chan struct{})
	memory := watchMemory("/proc", cmd.Process.Pid, emulator, stop)
	err := cmd.Wait()
	took := time.Since(begin)
	close(stop)
	out := outcome{took: took, memory: <-memory, stdout: stdout.Bytes()}
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w\n%s%s", strings.Join(c.args, " "), err, stdout.String(), stderr.String())
	}
	out.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return out, nil
}
