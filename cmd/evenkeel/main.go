// Command evenkeel is the operator's tool: what a stack is, and the stack
// itself on emulated AWS, without an account.
package main

import (
	"context"
	"errors"
	"fmt"
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
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	root := &cobra.Command{
		Use:           "evenkeel",
		Short:         "Operate an HTTP API on AWS ECS Fargate",
		SilenceErrors: true, SilenceUsage: true,
	}
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{fmt.Errorf("%w; `%s --help` lists what is accepted", err, c.CommandPath())}
	})
	root.AddCommand(graphCommand(), localCommand())
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "error:", err)
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

// noArgs refuses positional arguments with the same exit code as bad flags.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument, got %q; `%s --help` lists what is accepted", c.CommandPath(), args[0], c.CommandPath())
	}
	return nil
}
