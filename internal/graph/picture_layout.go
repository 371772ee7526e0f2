package graph

import (
	"cmp"
	"slices"
	"strings"
)

// All positions are multiples of the grid, so that arrows can be routed on it.
const (
	grid      = 10
	margin    = 2 * grid
	headH     = 4 * grid
	rowH      = 4 * grid
	rowPitch  = rowH + grid
	moreH     = 2 * grid
	cardGap   = 3 * grid
	framePad  = 2 * grid
	bodyTop   = 7 * grid
	footerH   = 4 * grid
	minCard   = 18 * grid
	maxCard   = 28 * grid
	usersW    = 9 * grid
	usersH    = 8 * grid
	iconSpace = 36
	lockSpace = 18
	maxLanes  = 60
	minCanvas = 64 * grid
	minStack  = 30 * grid
)

type point struct{ x, y int }

type rect struct{ x, y, w, h int }

func (r rect) right() int  { return r.x + r.w }
func (r rect) bottom() int { return r.y + r.h }
func (r rect) midY() int   { return r.y + r.h/2 }

func up(n int) int { return (n + grid - 1) / grid * grid }

// layout is a picture with positions.
type layout struct {
	*picture
	w, h    int
	columns [][]*card
	// frameBox surrounds the members of the frame and its own rows.
	frameBox rect
}

func newLayout(p *picture) *layout {
	l := &layout{picture: p}
	loners := l.assignColumns()
	for _, c := range p.cards {
		sizeCard(c)
	}
	l.fillColumns(loners)
	l.captions()
	l.placeColumns()
	l.placeRows()
	l.route()
	return l
}

// width is what a row's text asks for.
func (r *row) width() int {
	w := max(textWidth(r.label, sizeLabel, true), textWidth(r.detail, sizeDetail, false)) + iconSpace + grid
	if r.protected {
		w += lockSpace
	}
	return w
}

// textSpace is what a row's box leaves for its text.
func (r *row) textSpace() int {
	w := r.box.w - iconSpace - grid/2
	if r.protected {
		w -= lockSpace
	}
	return w
}

func (c *card) headWidth() int {
	return textWidth(c.name, sizeName, true) + textWidth("  "+c.kind, sizeDetail, false) + 2*grid
}

func sizeCard(c *card) {
	w := max(c.headWidth(), textWidth(c.more, sizeDetail, false)+3*grid)
	for _, r := range c.rows {
		w = max(w, r.width()+2*grid)
	}
	c.box.w = min(max(up(w), minCard), maxCard)
	c.box.h = headH + len(c.rows)*rowPitch
	if c.more != "" {
		c.box.h += moreH
	}
	if len(c.rows) == 0 {
		c.box.h += grid
	}
}

// fillColumns sorts each column so that arrows cross little, and stacks those
// that nothing refers to below the last one. What does not fit there goes into
// new columns.
func (l *layout) fillColumns(loners []*card) {
	last, insideLast := 0, 0
	for _, c := range l.all() {
		if c == l.frame || slices.Contains(loners, c) {
			continue
		}
		last = max(last, c.column)
		if c.inside {
			insideLast = max(insideLast, c.column)
		}
	}
	if len(loners) > 0 && l.frame != nil && insideLast == last {
		last++
	}
	l.columns = make([][]*card, last+1)
	for _, c := range l.all() {
		if c != l.frame && !slices.Contains(loners, c) {
			l.columns[c.column] = append(l.columns[c.column], c)
		}
	}
	for i := range l.columns {
		if i > 0 {
			l.sortColumn(i)
		}
	}
	limit := minStack
	for _, column := range l.columns {
		limit = max(limit, stackHeight(column))
	}
	if l.frame != nil {
		// Its title and at least one line of its own.
		limit += headH + rowPitch + moreH
	}
	for _, c := range loners {
		if stackHeight(l.columns[last])+c.box.h > limit+limit/4 {
			last++
			l.columns = append(l.columns, nil)
		}
		c.column = last
		l.columns[last] = append(l.columns[last], c)
	}
}

func stackHeight(column []*card) int {
	h := 0
	for _, c := range column {
		h += c.box.h + cardGap
	}
	return h
}

// sortColumn puts cards in the order of what leads to them, those inside the
// frame first.
func (l *layout) sortColumn(column int) {
	weight := map[*card]int{}
	for _, c := range l.columns[column] {
		sum, n := 0, 0
		for _, a := range l.arrows {
			if a.to.card == c && a.from.card.column < column {
				sum += 1000*slices.Index(l.columns[a.from.card.column], a.from.card) + 10*slices.Index(a.from.card.rows, a.from.row)
				n++
			}
		}
		weight[c] = sum / max(n, 1)
	}
	slices.SortStableFunc(l.columns[column], func(a, b *card) int {
		if a.inside != b.inside {
			if a.inside {
				return -1
			}
			return 1
		}
		return cmp.Compare(weight[a], weight[b])
	})
}

// placeColumns sets the x of every card, the frame, and the y of every card.
func (l *layout) placeColumns() {
	x := margin
	first, last := l.frameColumns()
	for i, column := range l.columns {
		if i > 0 {
			x += grid + l.lanes(i)*grid
		}
		approach := l.approach(i, false)
		if i == first {
			l.frameBox.x = x
			approach += framePad
		}
		x += approach
		width := 0
		for _, c := range column {
			c.box.x = x
			width = max(width, c.box.w)
		}
		for _, c := range column {
			c.box.w = width
		}
		x += width + l.approach(i, true)
		if i == last {
			x += framePad
			l.frameBox.w = x - l.frameBox.x
		}
	}
	l.w = max(x+margin, minCanvas)
	l.placeHeights(first, last)
}

// frameColumns are the first and the last column that the frame spans, -1
// without a frame.
func (l *layout) frameColumns() (first, last int) {
	first, last = -1, -1
	for i, column := range l.columns {
		if slices.ContainsFunc(column, func(c *card) bool { return c.inside }) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// approach is the straight end of the arrows into one side of a column, long
// enough for what they say.
func (l *layout) approach(column int, right bool) int {
	w := 0
	for _, a := range l.arrows {
		if _, enter := a.sides(); a.to.card.column == column && enter == right {
			w = max(w, a.straight())
		}
	}
	return w
}

// straight is how long the last piece of an arrow is.
func (a *arrow) straight() int { return up(textWidth(a.caption, sizeDetail, false) + grid) }

// captions joins what the arrows into one side of one place say.
func (l *layout) captions() {
	type place struct {
		end
		right bool
	}
	said := map[place][]string{}
	for _, a := range l.arrows {
		_, right := a.sides()
		at := place{a.to, right}
		a.first = len(said[at]) == 0
		if !slices.Contains(said[at], a.label) {
			said[at] = append(said[at], a.label)
		}
	}
	for _, a := range l.arrows {
		_, right := a.sides()
		a.caption = strings.Join(said[place{a.to, right}], ", ")
	}
}

// lanes is how many lines may run up and down before a column: arrows from one
// start share theirs.
func (l *layout) lanes(column int) int {
	starts := map[end]bool{}
	for _, a := range l.arrows {
		lo, hi := min(a.from.card.column, a.to.card.column), max(a.from.card.column, a.to.card.column)
		if lo < column && column <= hi || lo == hi && column == lo+1 {
			starts[a.from] = true
		}
	}
	return min(len(starts)+1, maxLanes)
}

func (l *layout) placeHeights(first, last int) {
	y := bodyTop
	if l.frame != nil {
		bottom := bodyTop + headH
		for _, column := range l.columns {
			at := bodyTop + headH
			for _, c := range column {
				if c.inside {
					c.box.y = at
					at += c.box.h + cardGap
				}
			}
			bottom = max(bottom, at)
		}
		l.frameBox.y = bodyTop
		y = l.placeFrameRows(bottom)
		l.frameBox.h = y - bodyTop
		y += cardGap
	}
	bottom := y
	for i, column := range l.columns {
		at := bodyTop
		if first <= i && i <= last {
			at = y
		}
		for _, c := range column {
			if !c.inside && c != l.users {
				c.box.y = at
				at += c.box.h + cardGap
			}
		}
		bottom = max(bottom, at)
	}
	l.h = bottom - cardGap + footerH + margin
}

// placeFrameRows puts the network's own resources side by side below what it
// surrounds, and returns where the frame ends.
func (l *layout) placeFrameRows(y int) int {
	inner := l.frameBox.w - 2*framePad
	widest := minCard
	for _, r := range l.frame.rows {
		widest = max(widest, min(r.width(), maxCard))
	}
	n := max(len(l.frame.rows), 1)
	perLine := min(max((inner+grid)/(widest+grid), 1), n)
	// As many on each line.
	lines := (n + perLine - 1) / perLine
	perLine = (n + lines - 1) / lines
	width := (inner - (perLine-1)*grid) / perLine / grid * grid
	for i, r := range l.frame.rows {
		r.box = rect{l.frameBox.x + framePad + i%perLine*(width+grid), y + i/perLine*rowPitch, width, rowH}
	}
	y += lines * rowPitch
	if l.frame.more != "" {
		y += moreH
	}
	return y + grid
}

// placeRows sets the boxes of the rows, and the users beside what they reach.
func (l *layout) placeRows() {
	for _, c := range l.cards {
		for i, r := range c.rows {
			r.box = rect{c.box.x + grid, c.box.y + headH + i*rowPitch, c.box.w - 2*grid, rowH}
		}
	}
	if l.users == nil {
		return
	}
	sum, n := 0, 0
	for _, a := range l.arrows {
		if a.from.card == l.users {
			sum += a.to.row.box.midY()
			n++
		}
	}
	y := sum / max(n, 1) / grid * grid
	l.users.box = rect{l.users.box.x, y - usersH/2, usersW, usersH}
}
