package deploytime

import "time"

// Point is the share of the traffic, in percent, that the new version has from a
// time on.
type Point struct {
	At    time.Duration
	Share int
}

// Traffic is how the traffic moves to a new version of n tasks in which all goes
// well, by the expected times. It begins with nothing and ends with everything.
func (v Values) Traffic(n int, app App) ([]Point, error) {
	if v.Strategy != Rolling {
		return v.shifted(n, app), nil
	}
	batches, err := v.batches(n)
	if err != nil {
		return nil, err
	}
	out := []Point{{}}
	var p Plan
	old, fresh := n, 0
	for _, b := range batches {
		if b.start > 0 {
			v.starting(&p, "", app)
			fresh += b.start
			out = append(out, Point{p.Total().Expected, 100 * fresh / (fresh + old)})
		}
		if b.stop > 0 {
			v.stopping(&p, "", app)
			old -= b.stop
			if fresh+old > 0 {
				out = append(out, Point{p.Serving().Expected, 100 * fresh / (fresh + old)})
			}
		}
	}
	return out, nil
}

// shifted is what CodeDeploy moves: the first share, and what is due at the end
// of each interval.
func (v Values) shifted(n int, app App) []Point {
	p := v.shifting(n, app)
	last := p.Serving().Expected
	switch v.Strategy {
	case Canary:
		return []Point{{}, {last - v.ShiftEvery - rerouting.takes.Expected, v.ShiftPercent}, {last, 100}}
	case Linear:
		out := []Point{{}}
		steps := (100+v.ShiftPercent-1)/v.ShiftPercent - 1
		first := last - v.ShiftEvery*time.Duration(steps) - rerouting.takes.Expected
		for i := range steps {
			out = append(out, Point{first + v.ShiftEvery*time.Duration(i), v.ShiftPercent * (i + 1)})
		}
		return append(out, Point{last, 100})
	case Rolling, BlueGreen:
	}
	return []Point{{}, {last, 100}}
}

// Ringing is the same of a new version that answers users badly, until an alarm
// has rung and the old one serves everybody again.
func (v Values) Ringing(n int, app App) ([]Point, error) {
	healthy, err := v.Traffic(n, app)
	if err != nil {
		return nil, err
	}
	failing, err := v.ringing(n, app)
	if err != nil {
		return nil, err
	}
	first := healthy[1].At
	rings, end := first+failing.Steps[0].Takes.Expected, first+failing.Total().Expected
	var out []Point
	for _, p := range healthy {
		if p.At <= rings {
			out = append(out, p)
		}
	}
	return append(out, Point{end, 0}), nil
}
