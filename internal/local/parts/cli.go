package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// PulumiCommand returns the CLI of the set for the Automation API's
// auto.Pulumi option. Unlike the command the Automation API would make, it
// starts the CLI with a clean environment, [Env] and what the workspace adds,
// so that the user's AWS_* and PULUMI_* variables never reach the engine or
// its plugins.
func (s *Set) PulumiCommand() (auto.PulumiCommand, error) {
	version, err := semver.ParseTolerant(s.Pulumi.Version)
	if err != nil {
		return nil, fmt.Errorf("version of the Pulumi CLI %q: %w", s.Pulumi.Version, err)
	}
	env := childEnviron(nil, "PULUMI_AUTOMATION_API=true")
	for k, v := range Env(s) {
		env = append(env, k+"="+v)
	}
	return cli{path: s.Pulumi.Path, version: version, env: env}, nil
}

type cli struct {
	path    string
	version semver.Version
	env     []string
}

func (c cli) Version() semver.Version { return c.version }

// windUp is how long an interrupted engine may take: it ends the operations
// it has begun, writes the state and stops the plugins. A killed one does
// neither.
const windUp = 60 * time.Second

// Run behaves like the Automation API's own command: not interactive, both
// outputs kept and copied, an interrupt on cancellation. The CLI has its own
// process group, as the Ctrl-C of a terminal would otherwise reach it as a
// second interrupt, which makes it drop everything.
func (c cli) Run(ctx context.Context, workdir string, stdin io.Reader, stdouts, stderrs []io.Writer,
	env []string, args ...string,
) (string, string, int, error) {
	if !slices.Contains(args, "--non-interactive") {
		args = append([]string{"--non-interactive"}, args...)
	}
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir, cmd.Stdin = workdir, stdin
	path := "PATH=" + filepath.Dir(c.path) + string(os.PathListSeparator) + os.Getenv("PATH")
	cmd.Env = slices.Concat(c.env, []string{path}, env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout = io.MultiWriter(append(slices.Clone(stdouts), &stdout)...)
	cmd.Stderr = io.MultiWriter(append(slices.Clone(stderrs), &stderr)...)
	killGroup(cmd)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = windUp
	err := runHere(cmd)
	code := -2 // the Automation API's code for "did not run"
	var exited *exec.ExitError
	switch {
	case err == nil:
		code = 0
	case errors.As(err, &exited):
		code = exited.ExitCode()
	}
	return stdout.String(), stderr.String(), code, err
}
