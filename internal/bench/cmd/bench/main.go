// Command bench measures the product; `make bench` runs it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"evenkeel/internal/bench"
	"evenkeel/internal/local/emulator"
	"evenkeel/internal/project"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := benchCommand()
	// The local engine starts the emulator as "<program> local serve-emulator".
	local := &cobra.Command{Use: "local", Hidden: true}
	local.AddCommand(emulator.Command())
	root.AddCommand(operateCommand(), local)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// operateCommand is what the benchmark measures for programs of its own.
func operateCommand() *cobra.Command {
	c := &cobra.Command{Use: bench.OperateCommand, Short: "Do one step with a program of many services", Hidden: true, Args: cobra.NoArgs}
	services, step := c.Flags().Int("services", 1, "how many"), c.Flags().String("step", "", "which")
	c.RunE = func(c *cobra.Command, _ []string) error {
		exe, err := os.Executable()
		if err != nil {
			return err
		}
		return bench.Operate(c.Context(), *services, bench.Step(*step), exe, c.OutOrStdout(), c.ErrOrStderr())
	}
	return c
}

func benchCommand() *cobra.Command {
	var o bench.Options
	var format string
	var write bool
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure how long the product takes and how much memory it needs",
		Long: "Measures the program's build, the committed stacks, and programs with many services\n" +
			"on the local engine. Everything takes about an hour; naming any of --build, --stacks\n" +
			"and --services measures that only.",
		Args: cobra.NoArgs, SilenceErrors: true, SilenceUsage: true,
	}
	f := c.Flags()
	f.BoolVar(&o.Build, "build", false, "measure the program's build, cold and warm")
	f.StringSliceVar(&o.Stacks, "stacks", nil, "committed stacks to deploy, such as dev,prod")
	f.IntSliceVar(&o.Services, "services", nil, "numbers of services to deploy in one program, such as 1,10,50")
	f.IntVar(&o.Runs, "runs", 3, "how often to build and deploy each, programs of more than 20 services once; the median counts")
	f.StringVar(&format, "format", "text", "output format: text or json")
	f.BoolVar(&write, "write", false, "write the tables of what was measured into docs/performance.md")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if !o.Build && len(o.Stacks)+len(o.Services) == 0 {
			o.Build, o.Stacks, o.Services = true, []string{"dev", "prod"}, []int{1, 10, 50}
		}
		if err := check(o, format); err != nil {
			return err
		}
		return run(c, o, format, write)
	}
	return c
}

func check(o bench.Options, format string) error {
	for _, n := range o.Services {
		if n < 1 || n > 99 {
			return fmt.Errorf("--services: is %d, want 1 to 99", n)
		}
	}
	switch {
	case o.Runs < 1:
		return fmt.Errorf("--runs: is %d, want at least 1", o.Runs)
	case format != "text" && format != "json":
		return fmt.Errorf("--format: is %q, want text or json", format)
	}
	return nil
}

func run(c *cobra.Command, o bench.Options, format string, write bool) error {
	p, err := project.Find(".")
	if err != nil {
		return err
	}
	record := filepath.Join(p.Root, "docs", "performance.md")
	if write { // not found out after an hour
		if err := bench.Recordable(record); err != nil {
			return err
		}
	}
	o.Root, o.Progress = p.Root, c.ErrOrStderr()
	if o.Evenkeel, err = bench.Executable(p.Root); err != nil {
		return err
	}
	if o.Self, err = os.Executable(); err != nil {
		return err
	}
	o.Command = "make bench"
	if args := strings.Join(os.Args[1:], " "); args != "--write" {
		o.Command += " BENCH='" + args + "'"
	}
	report, err := bench.Run(c.Context(), o)
	if err != nil {
		return err
	}
	if write {
		if err := report.Record(record); err != nil {
			return err
		}
	}
	return map[string]func(io.Writer) error{"text": report.WriteText, "json": report.WriteJSON}[format](c.OutOrStdout())
}
