package graph

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// WriteSVG draws the graph as a picture for a page: components as boxes with
// their important resources, from the users at the left to data and operations
// at the right, inside their network. The same graph always gives the same
// text. It needs nothing but a browser, and has a light and a dark look.
func (g *Graph) WriteSVG(w io.Writer) error {
	s := &svg{layout: newLayout(g.picture())}
	s.head()
	if s.frame != nil {
		s.drawFrame()
	}
	for _, c := range s.cards {
		s.drawCard(c)
	}
	if s.users != nil {
		s.drawUsers()
	}
	for _, a := range s.arrows {
		s.drawArrow(a)
	}
	s.foot()
	if _, err := io.WriteString(w, s.b.String()); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// svg writes a layout.
type svg struct {
	*layout
	b strings.Builder
}

func (s *svg) linef(format string, args ...any) { fmt.Fprintf(&s.b, format+"\n", args...) }

// escape makes a text safe inside XML.
func escape(text string) string {
	var b strings.Builder
	// A strings.Builder takes everything.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

func (s *svg) text(class string, x, y int, text string) {
	s.linef(`<text class="%s" x="%d" y="%d">%s</text>`, class, x, y, escape(text))
}

func (s *svg) rect(class string, r rect, radius int) {
	s.linef(`<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, class, r.x, r.y, r.w, r.h, radius)
}

func (s *svg) icon(i icon, x, y int, scale float64) {
	transform := fmt.Sprintf("translate(%d %d)", x, y)
	if scale != 1 {
		transform += fmt.Sprintf(" scale(%g)", scale)
	}
	s.linef(`<path class="icon s-%s" transform="%s" d="%s"/>`, accents[i].class, transform, shapes18[i])
}

func (s *svg) head() {
	s.linef(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc">`,
		s.w, s.h, s.w, s.h)
	s.linef(`<title id="title">The stack %s</title>`, escape(s.stack))
	s.linef("<desc id=\"desc\">%s</desc>", escape(s.sentences()))
	s.linef("<style>%s</style>", style())
	s.rect("ground box s-line", rect{1, 1, s.w - 2, s.h - 2}, 12)
	s.text("title text", margin, margin+26, fitText("The "+s.stack+" stack", s.w-2*margin, sizeTitle, true))
}

func (s *svg) foot() {
	y := s.h - margin
	x := margin
	if s.protects() {
		s.icon(iconLock, x, y-10, lockScale)
		text := "protected from deletion"
		s.text("muted", x+lockSpace, y, text)
		x += lockSpace + textWidth(text, sizeDetail, false) + 2*grid
	}
	note := fmt.Sprintf("%d resources; “evenkeel graph --stack %s” lists them all", s.total, s.stack)
	s.text("muted", x, y, fitText(note, s.w-margin-x, sizeDetail, false))
	s.linef("</svg>")
}

// lockScale makes the lock as high as the text beside it.
const lockScale = 0.7

func (s *svg) cardHead(c *card, x, y, space int) {
	name := fitText(c.name, space, sizeName, true)
	s.text("name text", x, y, name)
	x2 := textWidth(name, sizeName, true) + grid
	if c.kind != "" && space > x2 {
		s.text("muted", x+x2, y, fitText(c.kind, space-x2, sizeDetail, false))
	}
}

func (s *svg) drawFrame() {
	s.linef(`<g class="network" data-ref="%s">`, escape(s.frame.id))
	s.rect("dashed s-frame", s.frameBox, 14)
	f := s.frameBox
	s.cardHead(s.frame, f.x+framePad, f.y+26, f.w-2*framePad)
	for _, r := range s.frame.rows {
		s.drawRow(r)
	}
	if s.frame.more != "" {
		s.text("muted", f.x+framePad, f.bottom()-grid-4, fitText(s.frame.more, f.w-2*framePad, sizeDetail, false))
	}
	s.linef("</g>")
}

func (s *svg) drawCard(c *card) {
	s.linef(`<g class="component" data-ref="%s">`, escape(c.id))
	s.rect("card box s-"+c.accent().class, c.box, 10)
	s.cardHead(c, c.box.x+grid+2, c.box.y+26, c.box.w-2*grid-4)
	for _, r := range c.rows {
		s.drawRow(r)
	}
	if c.more != "" {
		s.text("muted", c.box.x+grid+2, c.box.bottom()-grid-1, fitText(c.more, c.box.w-2*grid-4, sizeDetail, false))
	}
	s.linef("</g>")
}

func (s *svg) drawRow(r *row) {
	b := r.box
	s.linef(`<g class="resource" data-ref="%s"><title>%s</title>`, escape(r.refs[0]), escape(strings.Join(append([]string{r.label}, r.refs...), "\n")))
	s.rect("row box s-line", b, 6)
	s.icon(r.icon, b.x+9, b.y+11, 1)
	x, y := b.x+iconSpace, b.y+25
	if r.detail != "" {
		y = b.y + 17
		s.text("muted", x, b.y+32, fitText(r.detail, r.textSpace(), sizeDetail, false))
	}
	s.text("label text", x, y, fitText(r.label, r.textSpace(), sizeLabel, true))
	if r.protected {
		s.icon(iconLock, b.right()-lockSpace, b.y+6, lockScale)
	}
	s.linef("</g>")
}

func (s *svg) drawUsers() {
	b, c := s.users.box, s.users
	s.linef(`<g class="users" data-ref="%s">`, escape(c.id))
	s.rect("card box s-user", b, 10)
	s.icon(iconUser, b.x+b.w/2-11, b.y+9, 1.2)
	s.centered("name text", b, b.y+48, c.name, sizeName, true)
	s.centered("muted", b, b.y+65, c.kind, sizeDetail, false)
	s.linef("</g>")
}

func (s *svg) centered(class string, b rect, y int, text string, size float64, bold bool) {
	s.linef(`<text class="%s" text-anchor="middle" x="%d" y="%d">%s</text>`, class, b.x+b.w/2, y,
		escape(fitText(text, b.w-grid/2, size, bold)))
}

// bend is the radius of an arrow's corners, tipLength the length of its head.
const (
	bend      = 6
	tipLength = 8
)

func (s *svg) drawArrow(a *arrow) {
	s.linef(`<g class="flow" data-from="%s" data-to="%s"><title>%s</title>`, escape(a.from.key()), escape(a.to.key()),
		escape(a.from.name()+" → "+a.to.name()+": "+a.label))
	last := len(a.points) - 1
	tip := a.points[last]
	back := tipLength
	if a.points[last-1].x > tip.x {
		back = -tipLength
	}
	var d strings.Builder
	fmt.Fprintf(&d, "M%d %d", a.points[0].x, a.points[0].y)
	for i := 1; i < last; i++ {
		in, at, out := a.points[i-1], a.points[i], a.points[i+1]
		from, to := toward(at, in), toward(at, out)
		fmt.Fprintf(&d, "L%d %dQ%d %d %d %d", from.x, from.y, at.x, at.y, to.x, to.y)
	}
	fmt.Fprintf(&d, "L%d %d", tip.x-back, tip.y)
	s.linef(`<path class="way s-arrow" d="%s"/>`, d.String())
	s.linef(`<path class="arrow" d="M%d %dl%d -4v8z"/>`, tip.x, tip.y, -back)
	if a.first {
		s.text("muted", a.labelBox.x, a.labelBox.bottom()-3, a.caption)
	}
	s.linef("</g>")
}

// toward is a point a bend away from a corner, or half way when that is nearer.
func toward(corner, other point) point {
	dx, dy := other.x-corner.x, other.y-corner.y
	length := max(dx, -dx) + max(dy, -dy)
	if length == 0 {
		return corner
	}
	n := min(bend, length/2)
	return point{corner.x + dx*n/length, corner.y + dy*n/length}
}
