package alarms

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes the catalogue as indented JSON.
func (c *Catalogue) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(c)
}

// groups are the severities, and what they mean.
var groups = []struct{ severity, title string }{
	{"sev1", "sev1: pages, users cannot use the service"},
	{"sev2", "sev2: pages, users are hurt or will be within hours"},
	{"sev3", "sev3: ticket, for working hours"},
	{"", "feeding the others, telling nobody"},
}

func (c *Catalogue) of(severity string) []Alarm {
	var out []Alarm
	for _, a := range c.Alarms {
		if a.Severity == severity {
			out = append(out, a)
		}
	}
	return out
}

// WriteText writes the catalogue as aligned tables.
func (c *Catalogue) WriteText(w io.Writer) error {
	if len(c.Alarms) == 0 {
		_, err := fmt.Fprintf(w, "Stack %s has no alarms.\n", c.Stack)
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "Stack %s has %d alarms.\n", c.Stack, len(c.Alarms))
	for _, g := range groups {
		alarms := c.of(g.severity)
		if len(alarms) == 0 {
			continue
		}
		fmt.Fprintf(tw, "\n%s\n", g.title)
		for _, a := range alarms {
			fmt.Fprintf(tw, "  %s\t%s\t%s\n", a.Name, condition(a), tells(a))
		}
	}
	return tw.Flush()
}

// condition is when an alarm rings, on one line.
func condition(a Alarm) string {
	if a.Threshold == "" {
		return a.Expression
	}
	compared, where, found := strings.Cut(a.Expression, "; ")
	out := fmt.Sprintf("%s %s, %s", compared, a.Threshold, a.ForHowLong)
	if found {
		out += ", where " + where
	}
	return out
}

func tells(a Alarm) string {
	if a.Severity == "" {
		return ""
	}
	out := strings.Join(a.Actions, ", ") + "; runbook " + a.RunbookPage()
	if a.HeldBy != "" {
		out += "; not during " + a.HeldBy
	}
	return out
}

// WriteMarkdown writes the catalogue as a page that stands beside the folder
// runbooks.
func (c *Catalogue) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# The alarms of %s\n\n", c.Stack)
	b.WriteString("<!-- Generated from the stack's resources; `make update-golden` rewrites it. -->\n\n")
	fmt.Fprintf(&b, "%d alarms, by how urgent they are. `evenkeel alarms --stack %s` prints them, `--format json`\n"+
		"with everything that arrives with each message.\n", len(c.Alarms), c.Stack)
	for _, g := range groups {
		alarms := c.of(g.severity)
		if len(alarms) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", strings.ToUpper(g.title[:1])+g.title[1:])
		if g.severity == "" {
			b.WriteString("| alarm | when | no data is | why |\n|---|---|---|---|\n")
			for _, a := range alarms {
				_, why, _ := strings.Cut(a.Users(), ": ")
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", a.Name, cell(condition(a)), missing(a), cell(strings.TrimSuffix(why, ".")))
			}
			continue
		}
		b.WriteString("| alarm | what users feel | when | not during | runbook |\n|---|---|---|---|---|\n")
		for _, a := range alarms {
			held := ""
			if a.HeldBy != "" {
				held = "`" + a.HeldBy + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | [%s](runbooks/%[5]s.md) |\n", a.Name, cell(a.Users()), cell(condition(a)), held, a.RunbookPage())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell makes a text one that a table's cell can hold; code is what it is.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func missing(a Alarm) string {
	switch a.Missing {
	case "notBreaching":
		return "good"
	case "breaching":
		return "bad"
	case "missing":
		return "unknown"
	}
	return ""
}
