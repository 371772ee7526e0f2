// Command evenkeel is the operator's tool: what a stack is, and the stack
// itself on emulated AWS, without an account.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"evenkeel/stacks"
)

// Exit codes: 0 is good, 1 means that the answer is no, 2 that the question
// was wrong (usage or configuration).
const (
	exitNo    = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command: stdout gets the result, stderr progress and
// errors. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "evenkeel",
		Short:         "Operate an HTTP API on AWS ECS Fargate",
		SilenceErrors: true, SilenceUsage: true,
		Args: knownCommand, RunE: showHelp,
	}
	root.SuggestionsMinimumDistance = 2
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; `%s --help` lists what is accepted", err, c.CommandPath())}
	})
	root.AddCommand(graphCommand(), alarmsCommand(), dashboardCommand(), reviewCommand(), imageCommand(), cloudPreviewCommand(), driftCommand(), releaseCommand(), policyCommand(), bootstrapCommand(), localCommand())
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "error:", err)
	var usage *usageError
	var config *stacks.ConfigError
	if errors.As(err, &usage) || errors.As(err, &config) {
		return exitUsage
	}
	return exitNo
}

// usageError is a question that cannot be answered as it was asked.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// showHelp is what a command does that only has subcommands.
func showHelp(c *cobra.Command, _ []string) error { return c.Help() }

// knownCommand refuses a subcommand that does not exist.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %q?", near[0])
	}
	return usagef("%s has no command %q%s; `%s --help` lists them", c.CommandPath(), args[0], hint, c.CommandPath())
}

// noArgs refuses positional arguments with the same exit code as bad flags.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument, got %q; `%s --help` lists what is accepted", c.CommandPath(), args[0], c.CommandPath())
	}
	return nil
}
