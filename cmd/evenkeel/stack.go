package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"evenkeel/internal/check"
	"evenkeel/internal/graph"
	"evenkeel/internal/project"
	"evenkeel/stacks"
)

// selection is the stack that a command is about.
type selection struct {
	project *project.Project
	stack   *project.Stack
}

// stackFlag adds --stack.
func stackFlag(c *cobra.Command) *string {
	return c.Flags().String("stack", "dev", "the stack: the part of Pulumi.<stack>.yaml between the dots")
}

// formatFlag adds --format, which accepts the given formats.
func formatFlag(c *cobra.Command, formats ...string) func() (string, error) {
	f := c.Flags().String("format", formats[0], "output format: "+check.Or(formats))
	return func() (string, error) {
		if !slices.Contains(formats, *f) {
			return "", usagef("--format: is %q, want %s", *f, check.Or(formats))
		}
		return *f, nil
	}
}

// choose reads and validates a stack's configuration, so that a mistake in it
// is reported before anything is built, started or registered.
func choose(name string) (*selection, error) {
	p, err := project.Find(".")
	if err != nil {
		return nil, &usageError{err}
	}
	s, err := p.Stack(name)
	if err != nil {
		return nil, &usageError{err}
	}
	if _, err := stacks.Decode(name, s.Config); err != nil {
		return nil, stacks.Explain(s.File, err, s.Line)
	}
	return &selection{p, s}, nil
}

// graph runs the stack's program on the recorder.
func (s *selection) graph(config map[string]string) (*graph.Graph, error) {
	return graph.Build(graph.Source{
		Program: stacks.Program, Project: s.project.Name, Stack: s.stack.Name, Config: config,
		Account: s.account(),
	})
}

// count is how many resources the program registers with a configuration, the
// stack itself included, or zero when it fails: a deployment will say why.
func (s *selection) count(config map[string]string) int {
	g, err := s.graph(config)
	if err != nil {
		return 0
	}
	return len(g.Resources) + 1
}

// account is the first account that the stack may be deployed to.
func (s *selection) account() string {
	cfg, err := stacks.Decode(s.stack.Name, s.stack.Config)
	if err != nil || len(cfg.AWS.AccountIDs) == 0 {
		return ""
	}
	return strings.TrimSpace(cfg.AWS.AccountIDs[0])
}
