package graph

import "slices"

// What a route costs beside its length in grid steps.
const (
	costTurn    = 4
	costCross   = 8
	costBorder  = 3
	costOverlap = 400
	// retries is how often tangled arrows are routed anew.
	retries = 6
)

// The directions that a route can take, each opposite two apart.
const (
	east = iota
	south
	west
	north
)

var steps = [4]point{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// router finds ways on the grid around everything that is drawn.
type router struct {
	w, h    int
	blocked []bool
	border  []bool
	// taken has, by grid point, the arrows through it and along which axes.
	taken [][]passage
	// cost and previous belong to the current search, by point and direction.
	cost, previous []int
}

type passage struct {
	a                    *arrow
	horizontal, vertical bool
}

// route gives every arrow its way: out of its start, around all boxes and all
// text, straight into its end.
func (l *layout) route() {
	r := &router{w: l.w/grid + 1, h: l.h/grid + 1}
	n := r.w * r.h
	r.blocked, r.border, r.taken = make([]bool, n), make([]bool, n), make([][]passage, n)
	r.cost, r.previous = make([]int, n*len(steps)), make([]int, n*len(steps))
	for _, box := range l.obstacles() {
		r.block(box)
	}
	r.block(rect{0, 0, l.w, bodyTop - 2*grid})
	r.block(rect{0, l.h - footerH - grid, l.w, footerH + grid})
	r.block(rect{0, 0, 0, l.h})
	r.block(rect{l.w - grid, 0, grid, l.h})
	if l.frame != nil {
		r.edge(l.frameBox)
	}
	for _, a := range l.arrows {
		a.labelBox = a.placeLabel()
		r.block(a.labelBox)
	}
	for _, a := range l.arrows {
		r.reserve(a)
	}
	for _, a := range l.arrows {
		a.points = r.find(a)
	}
	for range retries {
		if !r.untangle(l.arrows) {
			break
		}
	}
}

// reserve takes where an arrow must pass in any case, before others do.
func (r *router) reserve(a *arrow) {
	start, goal := r.ends(a)
	leave, enter := a.sides()
	before := r.point(goal)
	before.x -= steps[goal%len(steps)].x * grid
	r.occupy(a, []point{a.from.tip(leave), r.point(start)})
	r.occupy(a, []point{before, a.to.tip(enter)})
}

// untangle finds new ways for the arrows that run along another one, and tells
// whether there were any: what came first could not know what comes later.
func (r *router) untangle(arrows []*arrow) bool {
	found := false
	for _, a := range arrows {
		if !r.tangled(a) {
			continue
		}
		found = true
		for at := range r.taken {
			r.taken[at] = slices.DeleteFunc(r.taken[at], func(p passage) bool { return p.a == a })
		}
		r.reserve(a)
		a.points = r.find(a)
	}
	return found
}

// tangled tells whether an arrow touches one that it may only cross.
func (r *router) tangled(a *arrow) bool {
	start, goal := r.ends(a)
	path := a.points
	for i := 1; i < len(path); i++ {
		step := r.direction(path[i-1], path[i])
		for p := path[i-1]; p != path[i]; p = (point{p.x + steps[step].x*grid, p.y + steps[step].y*grid}) {
			at := r.state(p.x, p.y, step)
			if p == path[i-1] && i > 1 {
				at = r.state(p.x, p.y, r.direction(path[i-2], p))
			}
			if at/len(steps) != start/len(steps) && at/len(steps) != goal/len(steps) && r.price(a, at, r.state(p.x, p.y, step)) >= costOverlap {
				return true
			}
		}
	}
	return false
}

// direction is that of the straight line between two points.
func (r *router) direction(from, to point) int {
	switch {
	case to.x > from.x:
		return east
	case to.y > from.y:
		return south
	case to.x < from.x:
		return west
	}
	return north
}

// obstacles are the boxes and texts that no arrow may cross.
func (l *layout) obstacles() []rect {
	var out []rect
	for _, c := range l.all() {
		if c == l.frame {
			for _, r := range c.rows {
				out = append(out, r.box)
			}
			f := l.frameBox
			out = append(out, rect{f.x + framePad, f.y + grid, c.headWidth(), 2 * grid})
			if c.more != "" {
				out = append(out, rect{f.x + framePad, f.bottom() - 2*grid - grid/2, textWidth(c.more, sizeDetail, false) + grid, grid})
			}
			continue
		}
		out = append(out, c.box)
	}
	return out
}

// port is where an arrow leaves or enters a card: the outside of the side, and
// the middle of the row or of the head.
func (e end) port(right bool) point {
	box := e.card.box
	y := box.y + headH/2
	if e.row != nil {
		y = e.row.box.midY()
	} else if len(e.card.rows) == 0 {
		y = box.y + box.h/2/grid*grid
	}
	if right {
		return point{box.right(), y}
	}
	return point{box.x, y}
}

// tip is where the line touches what it means: the row within the card.
func (e end) tip(right bool) point {
	p := e.port(right)
	if e.row == nil {
		return p
	}
	if right {
		return point{e.row.box.right(), p.y}
	}
	return point{e.row.box.x, p.y}
}

// sides tells whether an arrow leaves and enters at the right.
func (a *arrow) sides() (leave, enter bool) {
	return a.from.card.column <= a.to.card.column, a.from.card.column >= a.to.card.column
}

// placeLabel returns the box of a label: above the straight end of the arrow.
func (a *arrow) placeLabel() rect {
	_, right := a.sides()
	p := a.to.port(right)
	w := textWidth(a.caption, sizeDetail, false)
	if right {
		return rect{p.x + grid, p.y - 17, w, 14}
	}
	return rect{p.x - grid/2 - w, p.y - 17, w, 14}
}

// block keeps routes out of a box and off its edge.
func (r *router) block(box rect) {
	for y := max(box.y/grid, 0); y <= min(box.bottom()/grid, r.h-1); y++ {
		for x := max(box.x/grid, 0); x <= min((box.right()+grid-1)/grid, r.w-1); x++ {
			if y*grid >= box.y {
				r.blocked[y*r.w+x] = true
			}
		}
	}
}

// edge makes it dear to run along the lines of a box.
func (r *router) edge(box rect) {
	for y := box.y / grid; y <= box.bottom()/grid; y++ {
		for x := box.x / grid; x <= box.right()/grid; x++ {
			if y == box.y/grid || y == box.bottom()/grid || x == box.x/grid || x == box.right()/grid {
				r.border[y*r.w+x] = true
			}
		}
	}
}

// find returns the way of an arrow: out of its start, around everything,
// straight into its end.
func (r *router) find(a *arrow) []point {
	leave, enter := a.sides()
	start, goal := r.ends(a)
	path := []point{a.to.tip(enter)}
	if r.search(a, start, goal) {
		for s := goal; ; s = r.previous[s] {
			path = append(path, r.point(s))
			if s == start {
				break
			}
		}
	}
	// Boxes never touch, so there is always a way. Were there none, a straight
	// line would still show more than nothing.
	path = append(path, a.from.tip(leave))
	slices.Reverse(path)
	path = corners(path)
	r.occupy(a, path)
	return path
}

// ends are the states between which an arrow is free to go.
func (r *router) ends(a *arrow) (start, goal int) {
	leave, enter := a.sides()
	from, to := a.from.port(leave), a.to.port(enter)
	start, goal = r.state(from.x+grid, from.y, east), r.state(to.x-a.straight(), to.y, east)
	if !leave {
		start = r.state(from.x-grid, from.y, west)
	}
	if enter {
		goal = r.state(to.x+a.straight(), to.y, west)
	}
	return start, goal
}

// A state is a grid point together with the direction in which it was entered.
func (r *router) state(x, y, dir int) int { return (y/grid*r.w+x/grid)*len(steps) + dir }

func (r *router) point(state int) point {
	at := state / len(steps)
	return point{at % r.w * grid, at / r.w * grid}
}

// distance is the least that is left from a state to another.
func (r *router) distance(state, goal int) int {
	a, b := r.point(state), r.point(goal)
	return (max(a.x-b.x, b.x-a.x) + max(a.y-b.y, b.y-a.y)) / grid
}

// search looks for the cheapest way (A*), with one first-in-first-out queue for
// each cost, so that ties always break the same way. The way is in previous.
func (r *router) search(a *arrow, start, goal int) bool {
	for i := range r.cost {
		r.cost[i] = unreached
	}
	var queues [][]int
	push := func(state, estimate int) {
		for len(queues) <= estimate {
			queues = append(queues, nil)
		}
		queues[estimate] = append(queues[estimate], state)
	}
	r.cost[start] = 0
	push(start, r.distance(start, goal))
	for estimate := 0; estimate < len(queues); estimate++ {
		for i := 0; i < len(queues[estimate]); i++ {
			at := queues[estimate][i]
			if at == goal {
				return true
			}
			if r.cost[at]+r.distance(at, goal) < estimate {
				continue
			}
			for dir := range steps {
				next := r.step(at, dir, goal)
				if next < 0 {
					continue
				}
				cost := r.cost[at] + 1 + r.price(a, at, next)
				if cost < r.cost[next] {
					r.cost[next], r.previous[next] = cost, at
					push(next, cost+r.distance(next, goal))
				}
			}
		}
	}
	return false
}

// unreached is more than any way costs.
const unreached = 1 << 40

// step returns the state one step further, -1 where there is no way.
func (r *router) step(at, dir, goal int) int {
	if dir == (at%len(steps)+2)%len(steps) {
		return -1
	}
	p := at / len(steps)
	x, y := p%r.w+steps[dir].x, p/r.w+steps[dir].y
	if x < 0 || y < 0 || x >= r.w || y >= r.h {
		return -1
	}
	if next := y*r.w + x; !r.blocked[next] || next == goal/len(steps) {
		return next*len(steps) + dir
	}
	return -1
}

// price is what a step costs beside its length. Arrows with a common start or
// a common end may share their way; others only cross at right angles.
func (r *router) price(a *arrow, at, next int) int {
	p, from, to := 0, at/len(steps), next/len(steps)
	turns := at%len(steps) != next%len(steps)
	if turns {
		p += costTurn
	}
	if r.border[from] && r.border[to] {
		p += costBorder
	}
	horizontal := next%len(steps) == east || next%len(steps) == west
	for _, t := range r.taken[from] {
		switch {
		case t.a.from == a.from || t.a.to == a.to:
		case turns, horizontal && t.horizontal, !horizontal && t.vertical:
			p += costOverlap
		default:
			p += costCross
		}
	}
	return p
}

// corners keeps the first, the last and the turning points.
func corners(path []point) []point {
	out := path[:1:1]
	for i := 1; i < len(path); i++ {
		if path[i] == out[len(out)-1] {
			continue
		}
		if i+1 < len(path) {
			before, after := out[len(out)-1], path[i+1]
			if before.x == path[i].x && path[i].x == after.x || before.y == path[i].y && path[i].y == after.y {
				continue
			}
		}
		out = append(out, path[i])
	}
	return out
}

func (r *router) occupy(a *arrow, path []point) {
	for i := 1; i < len(path); i++ {
		from, to := path[i-1], path[i]
		horizontal := from.y == to.y
		for x := min(from.x, to.x) / grid; x <= max(from.x, to.x)/grid; x++ {
			for y := min(from.y, to.y) / grid; y <= max(from.y, to.y)/grid; y++ {
				at := y*r.w + x
				r.taken[at] = append(r.taken[at], passage{a, horizontal, !horizontal})
			}
		}
	}
}
