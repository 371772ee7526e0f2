package graph_test

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/graph"
)

// element is a part of a drawn picture.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Elements []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) num(t *testing.T, name string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(e.attr(name), 64)
	require.NoError(t, err, "%s of %v", name, e)
	return n
}

func (e element) class() string {
	first, _, _ := strings.Cut(e.attr("class"), " ")
	return first
}

// area is a rectangle of the picture.
type area struct {
	name                     string
	left, top, right, bottom float64
}

func (a area) overlaps(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

func (a area) holds(b area) bool {
	return a.left <= b.left && b.right <= a.right && a.top <= b.top && b.bottom <= a.bottom
}

type spot struct{ x, y float64 }

// flow is an arrow: its line, and from where to where it should lead.
type flow struct {
	from, to string
	line     []spot
}

// drawn is a picture as it was drawn, read back from its SVG.
type drawn struct {
	canvas area
	frame  *area
	// cards are the components and the users, rows the resources, by reference.
	cards, rows map[string]area
	// holder has the reference of each row's card.
	holder map[string]string
	// frameRows are the references of the network's own resources.
	frameRows map[string]bool
	texts     []area
	// space has, for each text, what it must stay within.
	space []area
	flows []flow
}

func readPicture(t *testing.T, svg string) *drawn {
	t.Helper()
	var root element
	require.NoError(t, xml.Unmarshal([]byte(svg), &root))
	d := &drawn{cards: map[string]area{}, rows: map[string]area{}, holder: map[string]string{}, frameRows: map[string]bool{}}
	d.canvas = area{"canvas", 0, 0, root.num(t, "width"), root.num(t, "height")}
	for _, e := range root.Elements {
		switch {
		case e.XMLName.Local == "text":
			d.text(t, e, d.canvas)
		case e.XMLName.Local != "g":
		case e.class() == "flow":
			d.flow(t, e)
		default:
			d.group(t, e)
		}
	}
	return d
}

func (d *drawn) group(t *testing.T, g element) {
	t.Helper()
	ref := g.attr("data-ref")
	require.NotEmpty(t, ref)
	var box area
	for _, e := range g.Elements {
		switch {
		case e.XMLName.Local == "rect":
			box = rectArea(t, ref, e)
			if g.class() == "network" {
				d.frame = &box
			} else {
				d.cards[ref] = box
			}
		case e.XMLName.Local == "text":
			d.text(t, e, box)
		case e.class() == "resource":
			row := e.attr("data-ref")
			d.holder[row], d.frameRows[row] = ref, g.class() == "network"
			for _, part := range e.Elements {
				switch part.XMLName.Local {
				case "rect":
					d.rows[row] = rectArea(t, row, part)
				case "text":
					d.text(t, part, d.rows[row])
				}
			}
		}
	}
}

func rectArea(t *testing.T, name string, e element) area {
	t.Helper()
	x, y := e.num(t, "x"), e.num(t, "y")
	return area{name, x, y, x + e.num(t, "width"), y + e.num(t, "height")}
}

// text notes where a text is: letters reach a fifth of their size below the
// line that they stand on.
func (d *drawn) text(t *testing.T, e element, within area) {
	t.Helper()
	size, ok := graph.TextSizes[e.class()]
	require.True(t, ok, "text of class %q", e.class())
	x, y := e.num(t, "x"), e.num(t, "y")
	w := float64(graph.TextWidth(e.Text, size.Size, size.Bold))
	if e.attr("text-anchor") == "middle" {
		x -= w / 2
	}
	d.texts = append(d.texts, area{e.Text, x, y - 0.8*size.Size, x + w, y + 0.2*size.Size})
	d.space = append(d.space, within)
}

var pathStep = regexp.MustCompile(`([MLQl])([-\d. ]+)`)

// flow reads an arrow's line. A rounded corner is its middle, which the line
// would touch were it not rounded.
func (d *drawn) flow(t *testing.T, g element) {
	t.Helper()
	f := flow{from: g.attr("data-from"), to: g.attr("data-to")}
	for _, e := range g.Elements {
		switch e.class() {
		case "muted":
			d.text(t, e, d.canvas)
		case "way", "arrow":
			for _, m := range pathStep.FindAllStringSubmatch(e.attr("d"), -1) {
				var s spot
				_, err := fmt.Sscan(m[2], &s.x, &s.y)
				require.NoError(t, err)
				if m[1] == "l" {
					continue
				}
				f.line = append(f.line, s)
			}
		}
	}
	d.flows = append(d.flows, f)
}

// checkGeometry holds a picture to what makes it readable.
func checkGeometry(t *testing.T, svg string) {
	t.Helper()
	d := readPicture(t, svg)
	require.NotEmpty(t, d.cards)
	d.checkBoxes(t)
	d.checkTexts(t)
	for i, f := range d.flows {
		d.checkFlow(t, f)
		for _, other := range d.flows[i+1:] {
			if f.from != other.from && f.to != other.to {
				checkApart(t, f, other)
			}
		}
	}
}

func (d *drawn) checkBoxes(t *testing.T) {
	t.Helper()
	for ref, c := range d.cards {
		assert.True(t, d.canvas.holds(c), "%s is in the canvas", ref)
		for other, o := range d.cards {
			assert.False(t, ref != other && c.overlaps(o), "%s overlaps %s", ref, other)
		}
		if d.frame != nil {
			assert.True(t, d.frame.holds(c) || !d.frame.overlaps(c), "%s is on the edge of the network", ref)
		}
	}
	for ref, r := range d.rows {
		if d.frameRows[ref] {
			assert.True(t, d.frame.holds(r), "%s is in the network", ref)
			for card, c := range d.cards {
				assert.False(t, c.overlaps(r), "%s overlaps %s", ref, card)
			}
		} else {
			assert.True(t, d.cards[d.holder[ref]].holds(r), "%s is in its card", ref)
		}
		for other, o := range d.rows {
			assert.False(t, ref != other && r.overlaps(o), "%s overlaps %s", ref, other)
		}
	}
}

func (d *drawn) checkTexts(t *testing.T) {
	t.Helper()
	for i, text := range d.texts {
		assert.True(t, d.space[i].holds(text), "%q fits into %s: %v in %v", text.name, d.space[i].name, text, d.space[i])
		for _, other := range d.texts[i+1:] {
			assert.False(t, text.overlaps(other), "%q overlaps %q", text.name, other.name)
		}
		for ref, r := range d.rows {
			assert.False(t, d.space[i].name != ref && text.overlaps(r), "%q runs into %s", text.name, ref)
		}
		for ref, c := range d.cards {
			assert.False(t, !c.holds(text) && text.overlaps(c), "%q crosses the edge of %s", text.name, ref)
		}
	}
}

// segments are the pieces of a line as thin areas.
func (f flow) segments() []area {
	var out []area
	for i := 1; i < len(f.line); i++ {
		a, b := f.line[i-1], f.line[i]
		out = append(out, area{
			f.from + " → " + f.to,
			min(a.x, b.x) - 0.5, min(a.y, b.y) - 0.5, max(a.x, b.x) + 0.5, max(a.y, b.y) + 0.5,
		})
	}
	return out
}

func (d *drawn) checkFlow(t *testing.T, f flow) {
	t.Helper()
	own := map[string]bool{f.from: true, f.to: true}
	cards := map[string]bool{f.from: true, f.to: true, d.holder[f.from]: true, d.holder[f.to]: true}
	for i, s := range f.segments() {
		assert.True(t, f.line[i].x == f.line[i+1].x || f.line[i].y == f.line[i+1].y, "%s is level or upright", s.name)
		assert.True(t, d.canvas.holds(s), "%s is in the canvas", s.name)
		for ref, c := range d.cards {
			assert.False(t, !cards[ref] && s.overlaps(c), "%s crosses %s", s.name, ref)
		}
		for ref, r := range d.rows {
			assert.False(t, !own[ref] && s.overlaps(r), "%s crosses %s", s.name, ref)
		}
		for _, text := range d.texts {
			assert.False(t, s.overlaps(text), "%s crosses the text %q", s.name, text.name)
		}
	}
	for ref, at := range map[string]spot{f.from: f.line[0], f.to: f.line[len(f.line)-1]} {
		box, ok := d.rows[ref]
		if !ok {
			box, ok = d.cards[ref]
		}
		require.True(t, ok, "%s is drawn", ref)
		assert.True(t, (at.x == box.left || at.x == box.right) && box.top < at.y && at.y < box.bottom,
			"the arrow %s → %s touches the side of %s", f.from, f.to, ref)
	}
}

// checkApart asserts that two arrows that share neither start nor end cross at
// most: a shared piece would say something else.
func checkApart(t *testing.T, a, b flow) {
	t.Helper()
	for _, s := range a.segments() {
		for _, o := range b.segments() {
			level := s.bottom-s.top == 1 && o.bottom-o.top == 1
			upright := s.right-s.left == 1 && o.right-o.left == 1
			assert.False(t, (level || upright) && s.overlaps(o), "%s runs along %s", s.name, o.name)
		}
	}
}
