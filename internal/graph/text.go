package graph

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText writes the graph as a tree of components and their resources, one
// line a resource: name, type, and the resources that it takes values from.
func (g *Graph) WriteText(w io.Writer) error {
	children := map[string][]Resource{}
	for _, r := range g.Resources {
		children[r.Parent] = append(children[r.Parent], r)
	}
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s\t\t\n", g.Stack)
	writeBranch(tw, children, "", "")
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("write the graph: %w", err)
	}
	components := 0
	for _, r := range g.Resources {
		if len(children[r.Ref()]) > 0 {
			components++
		}
	}
	fmt.Fprintf(&b, "\n%d resources, of which %d components. \"from\" lists whose outputs a resource uses; "+
		"--format json has every input.\n", len(g.Resources), components)
	for line := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return fmt.Errorf("write the graph: %w", err)
		}
	}
	return nil
}

func writeBranch(w io.Writer, children map[string][]Resource, parent, indent string) {
	branch := children[parent]
	slices.SortFunc(branch, func(a, b Resource) int { return strings.Compare(a.Name+a.Type, b.Name+b.Type) })
	for i, r := range branch {
		mark, next := "├─ ", "│  "
		if i == len(branch)-1 {
			mark, next = "└─ ", "   "
		}
		fmt.Fprintf(w, "%s%s%s\t%s\t%s\n", indent, mark, r.Name, ShortType(r.Type), notes(r))
		writeBranch(w, children, r.Ref(), indent+next)
	}
}

// notes says what is worth knowing about a resource at a glance.
func notes(r Resource) string {
	var out []string
	if r.Protect {
		out = append(out, "protected")
	}
	if r.Remote {
		out = append(out, "built by its plugin")
	}
	if len(r.IgnoreChanges) > 0 {
		out = append(out, "ignores "+strings.Join(r.IgnoreChanges, ", "))
	}
	if refs := r.From(); len(refs) > 0 {
		names := make([]string, len(refs))
		for i, ref := range refs {
			names[i] = ref[strings.LastIndex(ref, "::")+2:]
		}
		slices.Sort(names)
		out = append(out, "from "+strings.Join(slices.Compact(names), ", "))
	}
	return strings.Join(out, "; ")
}

// ShortType shortens "aws:ecs/service:Service" to "aws ecs.Service" and a
// component's type to its last part.
func ShortType(token string) string {
	parts := strings.Split(token, ":")
	if len(parts) != 3 {
		return token
	}
	switch module, _, _ := strings.Cut(parts[1], "/"); {
	case parts[0] == "evenkeel":
		return parts[2]
	case parts[0] == "pulumi" && parts[1] == "providers":
		return parts[2] + " provider"
	default:
		return parts[0] + " " + module + "." + parts[2]
	}
}
