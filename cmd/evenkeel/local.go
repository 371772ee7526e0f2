package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"evenkeel/internal/local"
	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts"
	"evenkeel/internal/local/workload"
	"evenkeel/internal/project"
	"evenkeel/stacks"
)

func localCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "local",
		Short: "A stack on emulated AWS, by the real Pulumi engine and AWS provider",
		Args:  knownCommand, RunE: showHelp,
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(upCommand(), previewCommand(), statusCommand(), logsCommand(), downCommand(), playCommand(), pushCommand(), envCommand(), doctorCommand(),
		hidden(emulator.Command()), hidden(workload.Command()))
	return c
}

// request prepares the local engine's request for a stack.
func request(c *cobra.Command, name string) (*local.Request, error) {
	s, err := choose(name)
	if err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	// The user's AWS and Pulumi settings must not reach the engine.
	parts.ScrubEnviron()
	return &local.Request{
		Project: s.project, Stack: s.stack, Program: stacks.Program, Executable: exe, Count: s.count,
		Report: &local.Reporter{Out: c.ErrOrStderr(), Terminal: term.IsTerminal(int(os.Stderr.Fd()))},
	}, nil
}

// writer is one way to show a result.
type writer func(io.Writer) error

// operation makes a command that works on a stack and shows a result.
func operation(use, short string, run func(context.Context, *local.Request) (text, asJSON writer, err error)) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: noArgs}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		req, err := request(c, *stack)
		if err != nil {
			return err
		}
		text, asJSON, err := run(c.Context(), req)
		if err != nil {
			return err
		}
		if f == "json" {
			return asJSON(c.OutOrStdout())
		}
		return text(c.OutOrStdout())
	}
	return c
}

func previewCommand() *cobra.Command {
	var refresh bool
	c := operation("preview", "Show what `local up` would change",
		func(ctx context.Context, req *local.Request) (writer, writer, error) {
			r, err := local.Preview(ctx, req, refresh)
			if err != nil {
				return nil, nil, err
			}
			return r.WritePreview, r.WriteJSON, nil
		})
	c.Flags().BoolVar(&refresh, "refresh", false, "ask the emulated AWS first what is really there")
	return c
}

func statusCommand() *cobra.Command {
	return operation("status", "Show whether a stack runs, how to reach its emulated AWS, and its alarms",
		func(ctx context.Context, req *local.Request) (writer, writer, error) {
			s, err := local.Look(req)
			if err == nil {
				err = s.AskAlarms(ctx, req)
			}
			if err != nil {
				return nil, nil, err
			}
			return s.WriteText, s.WriteJSON, nil
		})
}

func downCommand() *cobra.Command {
	var o local.DownOptions
	c := operation("down", "Delete what a stack deployed and stop its emulator",
		func(ctx context.Context, req *local.Request) (writer, writer, error) {
			if o.Discard && o.KeepEmulator {
				return nil, nil, usagef("--discard and --keep-emulator contradict each other: want one of them")
			}
			r, err := local.Down(ctx, req, o)
			if err != nil {
				return nil, nil, err
			}
			return r.WriteDown, r.WriteJSON, nil
		})
	c.Flags().BoolVar(&o.Discard, "discard", false, "stop the emulator without deleting the resources one by one")
	c.Flags().BoolVar(&o.KeepEmulator, "keep-emulator", false, "delete the resources and leave the emulator running")
	return c
}

func envCommand() *cobra.Command {
	return operation("env", "Print shell lines that point AWS tools at a stack's emulated AWS",
		func(_ context.Context, req *local.Request) (writer, writer, error) {
			s, err := local.Look(req)
			if err != nil {
				return nil, nil, err
			}
			if !s.Running {
				return nil, nil, fmt.Errorf("stack %s is not running: `evenkeel local up --stack %s` brings it up", s.Stack, s.Stack)
			}
			env := local.ClientEnv(req, s)
			return env.WriteShell, env.WriteJSON, nil
		})
}

func doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "doctor", Short: "Show what the local engine needs: found, missing, how to supply it", Args: noArgs,
	}
	format := formatFlag(c, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		p, err := project.Find(".")
		if err != nil {
			return &usageError{err}
		}
		checkup, err := local.Examine(c.Context(), p)
		if err != nil {
			return err
		}
		write := checkup.WriteText
		if f == "json" {
			write = checkup.WriteJSON
		}
		if err := write(c.OutOrStdout()); err != nil {
			return err
		}
		if !checkup.Ready {
			return errNotReady
		}
		return nil
	}
	return c
}

// errNotReady ends doctor with exit code 1; what is missing is on stdout.
var errNotReady = errors.New("the local engine is not ready")

// hidden marks a command that only `up` starts, in the background.
func hidden(c *cobra.Command) *cobra.Command {
	c.Hidden = true
	return c
}
