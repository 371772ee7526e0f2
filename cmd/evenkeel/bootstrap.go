package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	userstack "evenkeel/internal/backend"
	"evenkeel/internal/bootstrap"
	"evenkeel/stacks"
)

// bootstrapFlags are how it was asked for.
type bootstrapFlags struct {
	check, skipUp, yes bool
	reviewers          string
}

func bootstrapCommand() *cobra.Command {
	var f bootstrapFlags
	c := &cobra.Command{
		Use:   "bootstrap",
		Short: "Make what a stack needs in an AWS account, and update it for the first time",
		Long: "Makes the KMS key and the bucket for Pulumi's state and the stack in them, updates the stack for\n" +
			"the first time and prints what to set on GitHub. Each step looks before it acts: what is there\n" +
			"is left alone, what has drifted is put right, what is not ours is refused. Run it again after\n" +
			"an interruption, or to look. It uses the AWS credentials of the environment, never the root\n" +
			"user's. docs/bootstrap.md says what it makes, what that costs and how to undo it.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	c.Flags().BoolVar(&f.check, "check", false, "only look; exit 1 if something is missing")
	c.Flags().BoolVar(&f.skipUp, "skip-up", false, "leave the first update out")
	c.Flags().BoolVar(&f.yes, "yes", false, "update without asking")
	c.Flags().StringVar(&f.reviewers, "reviewers", "", "the `team` on GitHub that approves deployments to production")
	c.RunE = func(c *cobra.Command, _ []string) error {
		as, err := format()
		if err != nil {
			return err
		}
		if f.check && (f.skipUp || f.yes) {
			return usagef("--check changes nothing: leave out --yes and --skip-up")
		}
		if f.skipUp && f.yes {
			return usagef("--yes and --skip-up: want one of them")
		}
		options, err := f.options(c, *stack)
		if err != nil {
			return err
		}
		config, err := userstack.AWS(c.Context(), options.Region)
		if err != nil {
			return err
		}
		report, err := bootstrap.Run(c.Context(), config, options)
		if err != nil {
			return fmt.Errorf("bootstrap of %s: %w", *stack, err)
		}
		write := report.WriteText
		if as == "json" {
			write = report.WriteJSON
		}
		if err := write(c.OutOrStdout()); err != nil {
			return err
		}
		if !report.Complete {
			return fmt.Errorf("bootstrap of %s: %w", *stack, bootstrap.ErrIncomplete)
		}
		return nil
	}
	return c
}

// options read the stack's configuration.
func (f *bootstrapFlags) options(c *cobra.Command, stack string) (bootstrap.Options, error) {
	s, err := choose(stack)
	if err != nil {
		return bootstrap.Options{}, err
	}
	cfg, err := stacks.Decode(stack, s.stack.Config)
	if err != nil {
		return bootstrap.Options{}, stacks.Explain(s.stack.File, err, s.stack.Line)
	}
	return bootstrap.Options{
		Project: s.project, Stack: s.stack, Program: stacks.Program,
		Region: cfg.AWS.Region, AccountIDs: cfg.AWS.AccountIDs,
		Bucket: cfg.Pipeline.StateBucket, KeyARN: cfg.Pipeline.StateKeyARN,
		Tags: map[string]string{
			"Team": cfg.Owner.Team, "CostCenter": cfg.Owner.CostCenter, "Repository": cfg.Owner.Repository,
			"ManagedBy": "evenkeel bootstrap",
		},
		GitHub: bootstrap.GitHub{
			Owner: cfg.Pipeline.GitHub.Owner, Repository: cfg.Pipeline.GitHub.Repository,
			Environment: cfg.Pipeline.EnvironmentName(stack), Branch: cfg.Pipeline.Branch,
			Approval: cfg.Environment == stacks.Production, Reviewers: f.reviewers,
			ProviderARN: cfg.Pipeline.OIDCProviderARN,
		},
		Check: f.check, SkipUpdate: f.skipUp, Confirm: f.confirm(c), Progress: c.ErrOrStderr(),
	}, nil
}

// confirm asks at the terminal; nil where there is none.
func (f *bootstrapFlags) confirm(c *cobra.Command) func(string) (bool, error) {
	if f.yes {
		return func(string) (bool, error) { return true, nil }
	}
	in, ok := c.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	return func(question string) (bool, error) { return ask(c.Context(), in, c.ErrOrStderr(), question) }
}

// ask wants a "yes"; anything else, and the end of the input, is a no. An
// interrupt ends it: the signal is the context's, and the terminal keeps silent.
func ask(ctx context.Context, in io.Reader, out io.Writer, question string) (bool, error) {
	fmt.Fprintf(out, "%s [yes/no] ", question)
	type read struct {
		line string
		err  error
	}
	answered := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(in).ReadString('\n')
		answered <- read{line, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(out)
		return false, fmt.Errorf("interrupted at the question, nothing was updated: %w", ctx.Err())
	case r := <-answered:
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return false, fmt.Errorf("read the answer: %w", r.err)
		}
		answer := strings.ToLower(strings.TrimSpace(r.line))
		return answer == "yes" || answer == "y", nil
	}
}
