package main

import (
	"github.com/spf13/cobra"
)

func graphCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "graph",
		Short: "Show every resource of a stack, offline",
		Long: "Runs the stack's program on a recorder, without engine, account or network, and shows\n" +
			"every resource: as a tree, or as JSON with all inputs. A value that comes from another\n" +
			"resource is shown as ${type::name.property}; secrets are masked.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		s, err := choose(*stack)
		if err != nil {
			return err
		}
		g, err := s.graph(s.stack.Config)
		if err != nil {
			return err
		}
		if f == "json" {
			return g.WriteJSON(c.OutOrStdout())
		}
		return g.WriteText(c.OutOrStdout())
	}
	return c
}
