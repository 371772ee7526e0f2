package release

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Verdict is what came of a release.
type Verdict string

// The verdicts. Only the first is a success.
const (
	Succeeded  Verdict = "succeeded"
	RolledBack Verdict = "rolledBack"
	Stuck      Verdict = "stuck"
	Refused    Verdict = "refused"
)

// Serving is what users get.
type Serving struct {
	Image string `json:"image"`
	// Revision is the task definition, "<family>:<number>".
	Revision string `json:"revision"`
}

// Step is a part of a release and how long it took.
type Step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Detail  string  `json:"detail,omitempty"`
}

// Report is the outcome of a release. Its JSON form is API.
type Report struct {
	Stack    string  `json:"stack"`
	Verdict  Verdict `json:"verdict"`
	Cause    string  `json:"cause"`
	Image    string  `json:"image"`
	Revision string  `json:"revision"`
	Strategy string  `json:"strategy"`
	Serving  Serving `json:"serving"`
	Runbook  string  `json:"runbook"`
	// Next is what to do now.
	Next    string  `json:"next"`
	Steps   []Step  `json:"steps"`
	Seconds float64 `json:"seconds"`
}

// OK tells whether the asked image serves all traffic.
func (r *Report) OK() bool { return r.Verdict == Succeeded }

// title is the verdict in words.
func (r *Report) title() string {
	return map[Verdict]string{
		Succeeded: "SUCCEEDED", RolledBack: "ROLLED BACK", Stuck: "STUCK", Refused: "REFUSED, nothing was changed",
	}[r.Verdict]
}

func (r *Report) facts() [][2]string {
	out := [][2]string{{"cause", r.Cause}, {"asked for", describe(Serving{r.Image, r.Revision})}, {"serving", describe(r.Serving)}}
	out = append(out, [2]string{"strategy", r.Strategy}, [2]string{"took", seconds(r.Seconds)}, [2]string{"next", r.Next}, [2]string{"runbook", r.Runbook})
	kept := out[:0]
	for _, f := range out {
		if f[1] != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

func describe(s Serving) string {
	switch {
	case s.Image == "" && s.Revision == "":
		return ""
	case s.Revision == "":
		return s.Image
	case s.Image == "":
		return s.Revision
	}
	return s.Image + " (" + s.Revision + ")"
}

func seconds(s float64) string {
	return (time.Duration(s) * time.Second).Round(time.Second).String()
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "release of %s: %s\n", r.Stack, r.title()); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range r.facts() {
		if _, err := fmt.Fprintf(tw, "  %s\t%s\n", f[0], strings.ReplaceAll(f[1], "\n", "\n  \t")); err != nil {
			return err
		}
	}
	return tw.Flush()
}

// WriteJSON writes the report as one object.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// WriteMarkdown writes the report as GitHub shows it in a job's summary.
func (r *Report) WriteMarkdown(w io.Writer) error {
	mark := "❌"
	if r.OK() {
		mark = "✅"
	}
	if _, err := fmt.Fprintf(w, "## %s Release of %s: %s\n\n| | |\n|---|---|\n", mark, cell(r.Stack), strings.ToLower(r.title())); err != nil {
		return err
	}
	for _, f := range r.facts() {
		if _, err := fmt.Fprintf(w, "| %s | %s |\n", f[0], cell(f[1])); err != nil {
			return err
		}
	}
	if len(r.Steps) > 0 {
		if _, err := fmt.Fprint(w, "\n| step | time | |\n|---|--:|---|\n"); err != nil {
			return err
		}
	}
	for _, s := range r.Steps {
		if _, err := fmt.Fprintf(w, "| %s | %s | %s |\n", s.Name, seconds(s.Seconds), cell(s.Detail)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// cell keeps text that comes from AWS within a cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", "<br>", "<", "&lt;", ">", "&gt;", "`", "'").Replace(s)
}
