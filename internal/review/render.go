package review

import (
	"fmt"
	"strings"

	"evenkeel/internal/alarms"
	"evenkeel/internal/graph"
)

// Marker is the comment's first line, by which the next run finds it.
const Marker = "<!-- evenkeel:review -->"

// Stack is what is known of one stack. Base is nil for a new stack, Head for
// one that is removed; Preview is nil when there is none.
type Stack struct {
	Name       string
	Base, Head *Snapshot
	Preview    *Preview
}

// Snapshot is a stack as one commit describes it.
type Snapshot struct {
	Graph  *graph.Graph
	Alarms *alarms.Catalogue
}

// Section is a part that another command wrote, in Markdown.
type Section struct{ Title, Markdown string }

// Input is all that the text is made of.
type Input struct {
	Stacks   []Stack
	Sections []Section
	// Commit is what was looked at, Base what it is compared with. Either may be
	// empty.
	Commit, Base string
	// Limit is the text's most bytes. Zero means Limit.
	Limit int
}

// Render writes the text: at most Input.Limit bytes, whatever is in it.
func Render(in Input) (string, error) {
	limit := in.Limit
	if limit == 0 {
		limit = Limit
	}
	head := Marker + "\n## What this changes\n\n" + in.compared()
	var sections []string
	for _, s := range in.Stacks {
		parts, err := s.render()
		if err != nil {
			return "", fmt.Errorf("stack %s: %w", s.Name, err)
		}
		sections = append(sections, parts...)
	}
	for _, s := range in.Sections {
		// A second marker would make the comment be found twice.
		body := strings.ReplaceAll(s.Markdown, Marker, "")
		sections = append(sections, "\n## "+plain(s.Title)+"\n\n"+strings.TrimSpace(body)+"\n")
	}
	return head + strings.Join(share(sections, limit-len(head)), ""), nil
}

func (in Input) compared() string {
	switch {
	case in.Commit != "" && in.Base != "":
		return fmt.Sprintf("%s against %s.\n", code(short(in.Commit)), code(short(in.Base)))
	case in.Commit != "":
		return fmt.Sprintf("%s.\n", code(short(in.Commit)))
	}
	return ""
}

func short(commit string) string { return commit[:min(len(commit), 12)] }

// render writes a stack in parts, each of which is cut by itself: a long preview
// must not hide which alarms are gone.
func (s Stack) render() ([]string, error) {
	var title, plan strings.Builder
	fmt.Fprintf(&title, "\n## Stack %s\n", code(s.Name))
	var base, head Snapshot
	if s.Base != nil {
		base = *s.Base
	} else {
		title.WriteString("\nThe base has no such stack.\n")
	}
	if s.Head != nil {
		head = *s.Head
	} else {
		title.WriteString("\n**This removes the stack's definition. What is deployed stays until somebody destroys it.**\n")
	}
	resources, err := Resources(base.Graph, head.Graph)
	if err != nil {
		return nil, err
	}
	rings, err := Alarms(base.Alarms, head.Alarms)
	if err != nil {
		return nil, err
	}
	s.Preview.render(&plan)
	replaced := map[string]bool{}
	if s.Preview != nil {
		for _, step := range s.Preview.Steps {
			replaced[ref(step.URN)] = replaced[ref(step.URN)] || step.Op == "replace"
		}
	}
	return []string{
		title.String(), plan.String(),
		renderChanges("Resource graph", "resource", resources, replaced),
		renderChanges("Alarm catalogue", "alarm", rings, nil),
	}, nil
}

func (p *Preview) render(b *strings.Builder) {
	b.WriteString("\n### Preview\n\n")
	switch {
	case p == nil:
		b.WriteString("There is none: see the run's log.\n")
	case p.Text != "":
		b.WriteString("On the local engine, without credentials.\n\n<details><summary>What Pulumi prints</summary>\n\n")
		b.WriteString(block("diff", p.Text))
		b.WriteString("\n</details>\n")
	case p.Empty():
		fmt.Fprintf(b, "No changes (%s).\n", p.Summary())
	default:
		fmt.Fprintf(b, "%s.\n\n| | resource | because of |\n|---|---|---|\n", plain(p.Summary()))
		for _, s := range p.Steps {
			op, why := code(s.Op), s.DiffReasons
			if s.Op == "replace" || s.Op == "delete" {
				op = "**" + op + "**"
			}
			if len(s.ReplaceReasons) > 0 {
				why = s.ReplaceReasons
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", op, code(ref(s.URN)), codes(why))
		}
	}
}

func codes(list []string) string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, code(s))
	}
	return strings.Join(out, ", ")
}

// renderChanges writes one table of what was added, changed and removed.
func renderChanges(title, noun string, changes []Change, replaced map[string]bool) string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	if len(changes) == 0 {
		b.WriteString("The same as the base's.\n")
		return b.String()
	}
	count := map[Kind]int{}
	for _, c := range changes {
		count[c.Kind]++
	}
	fmt.Fprintf(b, "%d removed, %d changed, %d added.\n\n", count[Removed], count[Changed], count[Added])
	fmt.Fprintf(b, "<details%s><summary>Every %s</summary>\n\n", opened(changes), noun)
	fmt.Fprintf(b, "| | %s | field | base | this |\n|---|---|---|---|---|\n", noun)
	for _, c := range changes {
		kind := string(c.Kind)
		if replaced[c.Name] {
			kind = "**replaced**"
		}
		if len(c.Fields) == 0 {
			fmt.Fprintf(b, "| %s | %s | | | |\n", kind, code(c.Name))
		}
		for i, f := range c.Fields {
			name := code(c.Name)
			if i > 0 {
				kind, name = "", ""
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", kind, name, code(f.Path), code(f.Old), code(f.New))
		}
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// fewChanges are shown without a click.
const fewChanges = 20

func opened(changes []Change) string {
	rows := 0
	for _, c := range changes {
		rows += max(1, len(c.Fields))
	}
	if rows <= fewChanges {
		return " open"
	}
	return ""
}
