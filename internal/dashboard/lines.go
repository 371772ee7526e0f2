package dashboard

import (
	"fmt"
	"time"

	"evenkeel/internal/metricmath"
)

// line is what a widget draws.
type line struct {
	label, color string
	points       []metricmath.Point
}

// last is the newest value, and the start of its period.
func (l line) last() (float64, time.Time, bool) {
	if len(l.points) == 0 {
		return 0, time.Time{}, false
	}
	p := l.points[len(l.points)-1]
	return p.Value, time.Unix(p.At, 0).UTC(), true
}

// window is the time that the widget shows, in its periods.
func (p properties) window(dashboardStart string) (metricmath.Window, error) {
	start := p.Start
	if start == "" {
		start = dashboardStart
	}
	long, err := ago(start)
	if err != nil {
		return metricmath.Window{}, err
	}
	period := time.Duration(p.Period) * time.Second
	if p.SetPeriodToTimeRange {
		period = long
	}
	if period < time.Minute || period > long {
		return metricmath.Window{}, fmt.Errorf("period: is %s, want 1m to %s, the time that is shown", period, long)
	}
	return metricmath.WindowEnding(now, period, int(long/period)), nil
}

// lines evaluates the widget's metrics and expressions.
func (p properties) lines(w metricmath.Window) ([]line, error) {
	rows, err := p.rows()
	if err != nil {
		return nil, err
	}
	metrics := metricmath.Env{}
	var expressions []metricmath.Named
	for _, r := range rows {
		if r.Expression != "" {
			expressions = append(expressions, metricmath.Named{ID: r.ID, Text: r.Expression})
			continue
		}
		if _, taken := metrics[r.ID]; taken {
			return nil, fmt.Errorf("id %s: is taken, want one that is not", r.ID)
		}
		if metrics[r.ID], err = series(r.Namespace, r.Name, r.Stat, r.Dimensions, w); err != nil {
			return nil, err
		}
	}
	all, err := metricmath.EvalAll(w, metrics, expressions)
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	var out []line
	for _, r := range rows {
		if r.visible() {
			out = append(out, line{label: r.Label, color: colorOr(r.Color), points: all[r.ID].Points()})
		}
	}
	return out, nil
}

func colorOr(color string) string {
	if color == "" {
		return "currentColor"
	}
	return color
}
