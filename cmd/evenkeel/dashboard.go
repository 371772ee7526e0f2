package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"evenkeel/internal/dashboard"
	"evenkeel/stacks"
)

func dashboardCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dashboard",
		Short: "Draw a stack's dashboard with sample data, offline",
		Long: "Takes the dashboard's document from the resources that the stack's program registers.\n" +
			"--report draws that document as a web page of one file, with sample data: a day with\n" +
			"a deployment and an incident. Without it, the document itself is printed; where it\n" +
			"refers to another resource it says ${type::name.property}.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	report := c.Flags().String("report", "", "file to write the page to, such as dashboard.html")
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
		name, body, err := dashboard.FromGraph(g)
		if err != nil {
			return err
		}
		if *report == "" {
			return writeDocument(c, body)
		}
		cfg, err := stacks.Decode(*stack, s.stack.Config)
		if err != nil {
			return err
		}
		page, err := dashboard.Report(body, name, dashboard.WithSpec(cfg.Signals(cfg.BaseName(*stack))))
		if err != nil {
			return err
		}
		if err := os.WriteFile(*report, page, 0o644); err != nil { //nolint:gosec // a page to look at, for everybody
			return fmt.Errorf("--report: %w", err)
		}
		if f == "json" {
			return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{"dashboard": name, "report": *report})
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "Dashboard %s, with sample data: %s\n", name, *report)
		return err
	}
	return c
}

// writeDocument writes the document as indented JSON.
func writeDocument(c *cobra.Command, body []byte) error {
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		return fmt.Errorf("read the dashboard's document: %w", err)
	}
	b.WriteByte('\n')
	_, err := b.WriteTo(c.OutOrStdout())
	return err
}
