package main

import (
	"github.com/spf13/cobra"

	"evenkeel/internal/alarms"
)

func alarmsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "alarms",
		Short: "List a stack's alarms: when each rings and whom it tells, offline",
		Long: "Reads the alarms from the resources that the stack's program registers: condition,\n" +
			"for how long, severity, who is told, during what it is held back, and the runbook. json\n" +
			"also has the text that arrives with each message; markdown is a page for people.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json", "markdown")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		s, err := choose(*stack)
		if err != nil {
			return err
		}
		g, err := s.graph(withImage(s.stack.Config))
		if err != nil {
			return err
		}
		catalogue, err := alarms.Of(g)
		if err != nil {
			return err
		}
		write := map[string]func(*alarms.Catalogue) error{
			"text":     func(a *alarms.Catalogue) error { return a.WriteText(c.OutOrStdout()) },
			"json":     func(a *alarms.Catalogue) error { return a.WriteJSON(c.OutOrStdout()) },
			"markdown": func(a *alarms.Catalogue) error { return a.WriteMarkdown(c.OutOrStdout()) },
		}
		return write[f](catalogue)
	}
	return c
}
