package graph

import "slices"

// assignColumns sets the column of every card: users at the left, then along
// the arrows. It returns the cards that no arrow touches.
func (l *layout) assignColumns() (loners []*card) {
	next, linked := map[*card][]*card{}, map[*card]bool{}
	hasPrevious := map[*card]bool{}
	for _, a := range l.arrows {
		next[a.from.card] = append(next[a.from.card], a.to.card)
		linked[a.from.card], linked[a.to.card], hasPrevious[a.to.card] = true, true, true
	}
	placed := map[*card]bool{}
	if l.users != nil {
		l.users.box.w = usersW
		rank(l.users, 0, next, nil, placed)
	}
	for _, c := range l.cards {
		if l.users == nil && linked[c] && !hasPrevious[c] {
			rank(c, 0, next, nil, placed)
		}
	}
	l.besideTargets(next, hasPrevious, placed)
	for _, c := range l.cards {
		switch {
		case !linked[c] && c.inside:
			c.column = 1
		case !linked[c]:
			loners = append(loners, c)
		}
	}
	return loners
}

// rank puts c in a column, or further right, and what follows it after it. An
// arrow back to where the path came from does not count.
func rank(c *card, column int, next map[*card][]*card, path []*card, placed map[*card]bool) {
	if slices.Contains(path, c) || placed[c] && c.column >= column {
		return
	}
	c.column, placed[c] = column, true
	for _, n := range next[c] {
		rank(n, column+1, next, append(slices.Clip(path), c), placed)
	}
}

// besideTargets places the cards that no request reaches, such as alarms: in
// the column of the leftmost card that they refer to, and what else they refer
// to after them. Those that start arrows come first.
func (l *layout) besideTargets(next map[*card][]*card, hasPrevious, placed map[*card]bool) {
	for _, starts := range []bool{true, false} {
		for _, c := range l.cards {
			if placed[c] || starts == hasPrevious[c] || len(next[c]) == 0 {
				continue
			}
			column := 0
			for _, n := range next[c] {
				if placed[n] && (column == 0 || n.column < column) {
					column = n.column
				}
			}
			c.column, placed[c] = max(column, 1), true
			for _, n := range next[c] {
				if !placed[n] {
					rank(n, c.column+1, next, []*card{c}, placed)
				}
			}
		}
	}
}
