package bootstrap

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "STEP\tSTATUS\tWHAT\n")
	for _, s := range r.Steps {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Name, s.Status, s.Resource)
		for _, n := range s.Notes {
			fmt.Fprintf(t, "\t\t- %s\n", n)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.GitHub != nil {
		if err := r.GitHub.write(&b); err != nil {
			return err
		}
	}
	b.WriteString("\nNext:\n")
	for _, n := range r.Next {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Settings) write(b *strings.Builder) error {
	fmt.Fprintf(b, "\nOn GitHub (%s), in the repository's settings:\n", s.Repository)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, v := range s.Variables {
		value := v.Value
		if value == "" {
			value = "not known yet"
		}
		fmt.Fprintf(t, "  variable\t%s\t%s\n", v.Name, value)
	}
	approval := ""
	if s.Approval {
		approval = ", with required reviewers, and no self-review"
	}
	fmt.Fprintf(t, "  environment\t%s\tdeploys from %s only%s\n", s.Environment, s.Branch, approval)
	fmt.Fprintf(t, "  branch\t%s\tpull request with one approval, checks %s\n", s.Branch, strings.Join(s.Checks, " and "))
	fmt.Fprintf(t, "  actions\t\ttoken reads by default, actions pinned to commits, approval for all outside collaborators\n")
	if err := t.Flush(); err != nil {
		return err
	}
	b.WriteString("\nThe same by GitHub's command, gh:\n")
	for _, c := range s.Commands {
		fmt.Fprintf(b, "  %s\n", c)
	}
	return nil
}
