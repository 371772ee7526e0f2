package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"evenkeel/internal/preview"
	"evenkeel/internal/review"
	"evenkeel/stacks"
)

const whichBackend = "The backend is the one that PULUMI_BACKEND_URL or `pulumi login` names, the credentials are those of\n" +
	"the environment; read-only ones are enough. It needs the Pulumi CLI on PATH."

func cloudPreviewCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "preview",
		Short: "Show what an update of a stack on AWS would do; changes nothing",
		Long: "Asks Pulumi what an update of a deployed stack would do, and changes nothing. " + "\n" + whichBackend +
			"\n\n`evenkeel local preview` shows the same of a stack on emulated AWS.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		_, err := cloudPreview(c, *stack, format, false)
		return err
	}
	return c
}

// errDrift ends drift with exit code 1; what differs is on stdout.
var errDrift = errors.New("what is deployed is not what the program describes")

func driftCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "drift",
		Short: "Show how a stack on AWS differs from what its program describes; exit 1 if it does",
		Long: "Asks AWS what is really there and Pulumi what an update would change, and changes nothing. Exit\n" +
			"code 1 if there is a difference. markdown is the text of a ticket. " + "\n" + whichBackend,
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json", "markdown")
	c.RunE = func(c *cobra.Command, _ []string) error {
		r, err := cloudPreview(c, *stack, format, true)
		if err == nil && r.Changed() {
			err = errDrift
		}
		return err
	}
	return c
}

func cloudPreview(c *cobra.Command, name string, format func() (string, error), refresh bool) (*preview.Result, error) {
	f, err := format()
	if err != nil {
		return nil, err
	}
	s, err := choose(name)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.ErrOrStderr(), "previewing stack %s …\n", name)
	r, err := preview.Run(c.Context(), &preview.Request{
		Root: s.project.Root, Stack: name, Program: stacks.Program, Refresh: refresh, Progress: c.ErrOrStderr(),
	})
	if err != nil {
		return nil, err
	}
	write := map[string]func(io.Writer) error{
		"text": r.WriteText, "json": r.WriteJSON,
		"markdown": func(w io.Writer) error {
			_, err := io.WriteString(w, review.Drift(name, r.Review()))
			return err
		},
	}
	return r, write[f](c.OutOrStdout())
}
