package main

import (
	"maps"

	"github.com/spf13/cobra"

	"evenkeel/internal/graph"
	"evenkeel/stacks"
)

// anyImage stands for the image in a picture: it shows the stack as it is once
// something was deployed, not how it waits for the first image.
const anyImage = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

func graphCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "graph",
		Short: "Show every resource of a stack, offline",
		Long: "Runs the stack's program on a recorder, without engine, account or network, and shows\n" +
			"every resource: as a tree, or as JSON with all inputs. A value that comes from another\n" +
			"resource is shown as ${type::name.property}; secrets are masked.\n\n" +
			"svg and dot are a picture instead: the components with what matters in them, the rest\n" +
			"counted. svg is for a page and needs nothing, dot is for Graphviz. Where the\n" +
			"configuration names no image, a picture shows the stack with one deployed.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json", "dot", "svg")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		s, err := choose(*stack)
		if err != nil {
			return err
		}
		write, config := (*graph.Graph).WriteText, s.stack.Config
		switch f {
		case "json":
			write = (*graph.Graph).WriteJSON
		case "dot":
			write, config = (*graph.Graph).WriteDOT, withImage(config)
		case "svg":
			write, config = (*graph.Graph).WriteSVG, withImage(config)
		}
		g, err := s.graph(config)
		if err != nil {
			return err
		}
		return write(g, c.OutOrStdout())
	}
	return c
}

// withImage completes a configuration that leaves the image to what was
// deployed last.
func withImage(config map[string]string) map[string]string {
	key := stacks.Namespace + ":image"
	if config[key] != "" {
		return config
	}
	config = maps.Clone(config)
	config[key] = anyImage
	return config
}
