package graph

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// WriteDOT writes the picture that WriteSVG draws as Graphviz DOT, a cluster a
// component, for those who want to lay it out themselves. The same graph
// always gives the same text.
func (g *Graph) WriteDOT(w io.Writer) error {
	p := g.picture()
	d := &dot{ids: map[string]string{}}
	d.linef("digraph %s {", quote(p.stack))
	d.linef(`  graph [rankdir="LR", compound="true", fontname="sans-serif", label=%s, labelloc="t"];`, quote("The "+p.stack+" stack"))
	d.linef(`  node [shape="box", style="rounded,filled", fillcolor="white", fontname="sans-serif", fontsize="11"];`)
	d.linef(`  edge [fontname="sans-serif", fontsize="10"];`)
	if p.users != nil {
		d.linef(`  %s [label=%s, shape="ellipse"];`, d.anchor(p.users), quote(p.users.name+"\n"+p.users.kind))
	}
	outside := p.cards
	if p.frame != nil {
		d.open(p.frame, "  ", "dashed,rounded")
		d.rows(p.frame, "    ")
		for _, c := range p.cards {
			if c.inside {
				d.card(c, "    ")
			}
		}
		d.linef("  }")
		outside = slices.DeleteFunc(slices.Clone(p.cards), func(c *card) bool { return c.inside })
	}
	for _, c := range outside {
		d.card(c, "  ")
	}
	for _, a := range p.arrows {
		d.linef("  %s -> %s [label=%s];", d.end(a.from), d.end(a.to), quote(a.label))
	}
	d.linef("}")
	if _, err := io.WriteString(w, d.b.String()); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// dot writes a picture. Its ids are short, given in the order of writing.
type dot struct {
	b   strings.Builder
	ids map[string]string
}

func (d *dot) linef(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

func (d *dot) id(key string) string {
	if d.ids[key] == "" {
		d.ids[key] = "n" + strconv.Itoa(len(d.ids)+1)
	}
	return d.ids[key]
}

// anchor is the node that stands for a card as a whole: its title.
func (d *dot) anchor(c *card) string { return d.id("card " + c.id) }

func (d *dot) end(e end) string {
	if e.row == nil {
		return d.anchor(e.card)
	}
	return d.id("row " + e.row.refs[0])
}

func (d *dot) open(c *card, indent, style string) {
	d.linef("%ssubgraph %s {", indent, quote("cluster_"+c.id))
	d.linef(`%s  graph [label=%s, style=%s, color=%s];`, indent, quote(strings.TrimSpace(c.name+"  "+c.kind)), quote(style), quote(c.accent().light))
}

func (d *dot) card(c *card, indent string) {
	d.open(c, indent, "rounded,filled")
	d.linef(`%s  graph [fillcolor=%s];`, indent, quote(toneCard.light))
	d.rows(c, indent+"  ")
	d.linef("%s}", indent)
}

// rows writes a card's resources. Its title node takes the arrows that are
// about the card as a whole, and tells what is folded.
func (d *dot) rows(c *card, indent string) {
	for _, r := range c.rows {
		d.linef(`%s%s [label=%s, tooltip=%s];`, indent, d.end(end{c, r}),
			quote(strings.TrimSpace(r.label+"\n"+r.detail)), quote(strings.Join(r.refs, "\n")))
	}
	d.linef(`%s%s [label=%s, shape="plaintext", style="", fontcolor=%s];`, indent, d.anchor(c), quote(c.more), quote(toneMuted.light))
}

// quote makes a DOT string: only the quotation mark and the backslash are
// special, and a line ends with \n.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
