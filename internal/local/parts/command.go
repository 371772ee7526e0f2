package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// command is a child process with a clean environment and a time limit.
type command struct {
	argv  []string
	dir   string
	env   []string
	limit time.Duration
}

// run returns the command's stdout. The error has the end of what the
// command printed, and wraps syscall.ENOSPC when that says the disk is full.
func (c command) run(ctx context.Context) (string, error) {
	limited, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	cmd := exec.CommandContext(limited, c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Env = c.dir, c.env
	var out output
	cmd.Stdout = &stdoutOf{&out}
	cmd.Stderr = &out
	killGroup(cmd)
	cmd.WaitDelay = 2 * time.Second
	err := runHere(cmd)
	switch {
	case err == nil:
		return out.stdout.String(), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s: %w", c.name(), ctx.Err())
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("%s: not done after %s", c.name(), c.limit)
	case strings.Contains(out.all.String(), syscall.ENOSPC.Error()):
		return "", fmt.Errorf("%s: %w", c.name(), syscall.ENOSPC)
	}
	return "", fmt.Errorf("%s: %w%s", c.name(), err, tail(out.all.String()))
}

// name is the command without its options, for messages.
func (c command) name() string {
	words := c.argv[:1:1]
	for _, a := range c.argv[1:] {
		if strings.HasPrefix(a, "-") && a != "-m" || len(words) == 3 {
			break
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// tail is the end of a program's output, where the cause stands.
func tail(printed string) string {
	const lines, width = 8, 300
	all := strings.Split(strings.TrimSpace(printed), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	var b strings.Builder
	for _, line := range all {
		line = strings.TrimRight(line, " \t\r")
		if line == "" {
			continue
		}
		if len(line) > width {
			line = line[:width] + "…"
		}
		b.WriteString("\n" + line)
	}
	return b.String()
}

// output keeps what a command prints. Stdout and stderr are copied by two
// goroutines at once.
type output struct {
	mu          sync.Mutex
	stdout, all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

// stdoutOf is the end of an output that stdout is copied to.
type stdoutOf struct{ *output }

func (o *stdoutOf) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stdout.Write(p)
	return o.all.Write(p)
}
