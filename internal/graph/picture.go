package graph

import (
	"fmt"
	"slices"
	"strings"
)

// maxAlike is how many resources of one type a card shows one by one. More
// become one row with their number.
const maxAlike = 4

// picture is what a drawing of a graph shows: components as cards, their
// important resources as rows, and who uses what as arrows. Everything in it
// is derived from the graph and from the table of kinds.
type picture struct {
	stack string
	total int
	// users is the card of those who call the stack, nil when nothing of it
	// takes requests.
	users *card
	// frame is the network that surrounds other cards, nil without one.
	frame *card
	// cards are all other components, sorted by name.
	cards  []*card
	arrows []*arrow
}

// card is a component.
type card struct {
	// id is the component's "type::name".
	id, name, kind string
	rows           []*row
	// more says what is folded away, empty for nothing.
	more string
	// inside tells whether the picture's frame surrounds the card.
	inside bool

	column int
	box    rect
}

// row is a resource, or several of one type.
type row struct {
	card          *card
	label, detail string
	refs          []string
	icon          icon
	order         int
	protected     bool

	box rect
}

// end is where an arrow starts or ends: a row, or its card as a whole.
type end struct {
	card *card
	row  *row
}

func (e end) name() string {
	if e.row == nil {
		return e.card.name
	}
	return e.card.name + ": " + e.row.label
}

// key is unique in a picture.
func (e end) key() string {
	if e.row == nil {
		return e.card.id
	}
	return e.row.refs[0]
}

// arrow leads along the flow of requests and data.
type arrow struct {
	from, to end
	label    string

	// caption is what all arrows that end at the same place say. It is drawn
	// once, with the first of them.
	caption  string
	first    bool
	points   []point
	labelBox rect
}

func (p *picture) all() []*card {
	out := []*card{}
	if p.users != nil {
		out = append(out, p.users)
	}
	if p.frame != nil {
		out = append(out, p.frame)
	}
	return append(out, p.cards...)
}

func (p *picture) protects() bool {
	return slices.ContainsFunc(p.all(), func(c *card) bool {
		return slices.ContainsFunc(c.rows, func(r *row) bool { return r.protected })
	})
}

// drawing collects what building a picture needs.
type drawing struct {
	*index
	pic  *picture
	card map[string]*card
	row  map[string]*row
}

// picture derives the picture of g.
func (g *Graph) picture() *picture {
	d := &drawing{
		index: newIndex(g), pic: &picture{stack: g.Stack, total: len(g.Resources)},
		card: map[string]*card{}, row: map[string]*row{},
	}
	members := map[*card][]Resource{}
	for _, r := range g.Resources {
		c := d.cardOf(r)
		if c != nil && !d.component[r.Ref()] {
			members[c] = append(members[c], r)
		}
	}
	slices.SortFunc(d.pic.cards, func(a, b *card) int { return strings.Compare(a.name, b.name) })
	for _, c := range d.pic.cards {
		d.fill(c, members[c])
	}
	d.surround(members)
	d.connect(g)
	d.welcome(g)
	return d.pic
}

// cardOf returns the card of r's outermost component, a new one when it is the
// first of it, nil for a provider.
func (d *drawing) cardOf(r Resource) *card {
	if strings.HasPrefix(r.Type, "pulumi:providers:") {
		return nil
	}
	owner := d.owner(r)
	c := d.card[owner]
	if c == nil {
		c = &card{id: owner, name: d.pic.stack, kind: "without a component"}
		if top, ok := d.byRef[owner]; ok {
			c.name, c.kind = top.Name, ShortType(top.Type)
		}
		if strings.EqualFold(c.name, c.kind) {
			c.kind = ""
		}
		d.card[owner] = c
		d.pic.cards = append(d.pic.cards, c)
	}
	d.card[r.Ref()] = c
	return c
}

// fill makes the rows of a card.
func (d *drawing) fill(c *card, members []Resource) {
	alike := map[string]int{}
	for _, r := range members {
		alike[r.Type]++
	}
	folded := map[string]int{}
	groups := map[string]*row{}
	for _, r := range members {
		k := kindOf(r.Type)
		switch {
		case k.fold == shownByOther:
		case k.fold != "":
			folded[k.fold]++
		case alike[r.Type] > maxAlike && groups[r.Type] != nil:
			group := groups[r.Type]
			group.refs = append(group.refs, r.Ref())
			group.protected = group.protected && r.Protect
			d.row[r.Ref()] = group
		default:
			n := &row{card: c, icon: k.icon, order: k.order, refs: []string{r.Ref()}, protected: r.Protect}
			v := view{Resource: r, index: d.index}
			n.label, n.detail = k.text(v)
			if alike[r.Type] > maxAlike {
				n.label, n.detail = k.noun, fmt.Sprintf("%d of them", alike[r.Type])
				groups[r.Type] = n
			}
			d.row[r.Ref()] = n
			c.rows = append(c.rows, n)
		}
	}
	slices.SortStableFunc(c.rows, func(a, b *row) int { return a.order - b.order })
	c.more = foldedText(folded)
	if len(c.rows) == 0 && c.more == "" {
		c.more = "no resources of its own"
	}
}

// surround makes the component of the first network that others are in the
// picture's frame.
func (d *drawing) surround(members map[*card][]Resource) {
	for _, c := range d.pic.cards {
		if !slices.ContainsFunc(members[c], func(r Resource) bool { return kindOf(r.Type).surrounds }) {
			continue
		}
		for _, other := range d.pic.cards {
			other.inside = other != c && slices.ContainsFunc(members[other], func(r Resource) bool {
				return slices.ContainsFunc(r.From(), func(ref string) bool {
					return d.card[ref] == c && kindOf(d.byRef[ref].Type).surrounds
				})
			})
		}
		if slices.ContainsFunc(d.pic.cards, func(c *card) bool { return c.inside }) {
			d.pic.frame = c
			d.pic.cards = slices.DeleteFunc(d.pic.cards, func(o *card) bool { return o == c })
			return
		}
	}
}

// connect draws an arrow for each reference between two components: between
// the rows when both resources have one, else between the cards, and that only
// when nothing else connects them.
func (d *drawing) connect(g *Graph) {
	seen, between := map[string]bool{}, map[[2]*card]bool{}
	var loose []*arrow
	add := func(a *arrow) {
		key := a.from.key() + " " + a.to.key()
		if seen[key] {
			return
		}
		seen[key] = true
		between[[2]*card{a.from.card, a.to.card}], between[[2]*card{a.to.card, a.from.card}] = true, true
		d.pic.arrows = append(d.pic.arrows, a)
	}
	for _, r := range g.Resources {
		for _, ref := range r.From() {
			from, to := d.card[r.Ref()], d.card[ref]
			if from == nil || to == nil || from == to || to == d.pic.frame || from == d.pic.frame {
				continue
			}
			if of, at := kindOf(r.Type), kindOf(d.byRef[ref].Type); at.watches || of.watches && !at.hears {
				continue
			}
			a := &arrow{from: end{from, d.row[r.Ref()]}, to: end{to, d.row[ref]}, label: "uses"}
			if a.from.row == nil || a.to.row == nil {
				a.from.row, a.to.row = nil, nil
				loose = append(loose, a)
				continue
			}
			k := kindOf(d.byRef[ref].Type)
			if k.use != nil {
				a.label = k.use(view{Resource: d.byRef[ref], index: d.index})
			}
			if k.feeds {
				a.from, a.to = a.to, a.from
			}
			add(a)
		}
	}
	for _, a := range loose {
		if !between[[2]*card{a.from.card, a.to.card}] {
			add(a)
		}
	}
}

// welcome adds those who call the stack.
func (d *drawing) welcome(g *Graph) {
	for _, r := range g.Resources {
		k, n := kindOf(r.Type), d.row[r.Ref()]
		if k.entry == nil || n == nil {
			continue
		}
		from, label := k.entry(view{Resource: r, index: d.index})
		if d.pic.users == nil {
			d.pic.users = &card{id: "users", name: "Users", kind: from}
		}
		d.pic.arrows = append(d.pic.arrows, &arrow{from: end{card: d.pic.users}, to: end{n.card, n}, label: label})
	}
	slices.SortStableFunc(d.pic.arrows, func(a, b *arrow) int {
		return strings.Compare(a.from.key()+" "+a.to.key(), b.from.key()+" "+b.to.key())
	})
}

// sentences describe the picture for those who do not see it.
func (p *picture) sentences() string {
	var b strings.Builder
	for _, c := range p.all() {
		if c == p.users {
			continue
		}
		var rows []string
		for _, r := range c.rows {
			rows = append(rows, strings.TrimSuffix(r.label+" ("+r.detail+")", " ()"))
		}
		if c.more != "" {
			rows = append(rows, c.more)
		}
		fmt.Fprintf(&b, "%s: %s.", c.name, strings.Join(rows, "; "))
		if c.inside {
			fmt.Fprintf(&b, " It is inside %s.", p.frame.name)
		}
		b.WriteByte('\n')
	}
	for _, a := range p.arrows {
		fmt.Fprintf(&b, "%s → %s (%s).\n", a.from.name(), a.to.name(), a.label)
	}
	return strings.TrimSpace(b.String())
}
