package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"evenkeel/internal/local"
	"evenkeel/internal/local/workload"
)

// defaultAPI is the package that --with-api runs when it names none.
const defaultAPI = "./api"

func upCommand() *cobra.Command {
	var o local.UpOptions
	c := operation("up", "Deploy a stack to emulated AWS and leave it running",
		func(ctx context.Context, req *local.Request) (writer, writer, error) {
			r, err := local.Up(ctx, req, o)
			var bad *workload.PackageError
			if errors.As(err, &bad) {
				err = &usageError{err}
			}
			if err != nil {
				return nil, nil, err
			}
			return r.WriteUp, r.WriteJSON, nil
		})
	c.Long = "Deploys a stack to emulated AWS and leaves it running.\n\n" +
		"--with-api also builds a Go main package and runs it as a process on this machine, on\n" +
		"127.0.0.1: with the environment of the deployed task definition, the secrets that have a\n" +
		"value in the emulated Secrets Manager, PORT, LISTEN_HOST, and AWS_ENDPOINT_URL pointing at\n" +
		"the emulator. DRAIN_SECONDS=0 and SHUTDOWN_SECONDS=1 make it stop quickly, unless the task\n" +
		"definition or your own environment sets them. It listens on the container's port if that is\n" +
		"free. It is a process and no container: its file system is writable, nothing is dropped and\n" +
		"nothing limited. `local logs` shows its output; it ends with `local down`, and with the\n" +
		"emulator."
	c.Flags().StringVar(&o.API, "with-api", "", "also run this Go main `package` (--with-api=./cmd/api), from the project's root; alone: "+defaultAPI)
	c.Flags().Lookup("with-api").NoOptDefVal = defaultAPI
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if c.Flags().Changed("with-api") && o.API == "" {
			return usagef("--with-api: is %q, want the folder of a Go main package", o.API)
		}
		return run(c, args)
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 1 && c.Flags().Changed("with-api") {
			return &usageError{fmt.Errorf("%s takes no argument, got %q; to run that package, write --with-api=%s", c.CommandPath(), args[0], args[0])}
		}
		return noArgs(c, args)
	}
	return c
}
