package dashboard

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
	"time"

	"evenkeel/internal/metricmath"
)

// Where a chart's plot begins and how much is left beside it, in pixels.
const (
	plotLeft   = 46
	plotRight  = 10
	plotTop    = 22
	plotBottom = 20
)

// timeLabel is how wide a label of the time axis is with the space beside it.
const timeLabel = 62

// chart is a widget of lines over time.
type chart struct {
	width, height float64
	window        metricmath.Window
	scale         scale
	axis          string
	lines         []line
	annotations   []annotation
}

func newChart(p properties, w metricmath.Window, lines []line, width, height float64) chart {
	largest := 0.0
	for _, l := range lines {
		for _, point := range l.points {
			largest = math.Max(largest, point.Value)
		}
	}
	for _, a := range p.Annotations.Horizontal {
		largest = math.Max(largest, a.Value)
	}
	c := chart{
		width: width, height: height, window: w, scale: fit(largest), axis: p.YAxis.Left.Label,
		lines: lines, annotations: p.Annotations.Horizontal,
	}
	// More than all of it makes no sense.
	if strings.HasPrefix(c.axis, "percent") && largest <= 100 && c.scale.top > 100 {
		c.scale = scale{100, 20}
	}
	return c
}

func (c chart) end() time.Time {
	return c.window.Start.Add(c.window.Period * time.Duration(c.window.Count))
}

// x is where a time is; a period's point stands at the middle of it.
func (c chart) x(t time.Time) float64 {
	share := t.Sub(c.window.Start).Seconds() / c.end().Sub(c.window.Start).Seconds()
	return plotLeft + share*(c.width-plotLeft-plotRight)
}

func (c chart) y(v float64) float64 {
	share := math.Max(0, math.Min(1, v/c.scale.top))
	return c.height - plotBottom - share*(c.height-plotTop-plotBottom)
}

// svg draws the chart; labelledBy is the id of the element with its title.
func (c chart) svg(class, labelledBy string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %g %g" role="img" aria-labelledby="%s">`, class, c.width, c.height, labelledBy)
	c.grid(&b)
	for _, a := range c.annotations {
		y := c.y(a.Value)
		fmt.Fprintf(&b, `<line class="threshold" style="--c:%s" x1="%d" x2="%.1f" y1="%.1f" y2="%.1f"/>`, a.Color, plotLeft, c.width-plotRight, y, y)
	}
	for _, l := range c.lines {
		c.line(&b, l)
	}
	c.labels(&b)
	b.WriteString("</svg>")
	return b.String()
}

func (c chart) grid(b *strings.Builder) {
	for _, v := range c.scale.ticks() {
		y := c.y(v)
		fmt.Fprintf(b, `<line class="grid" x1="%d" x2="%.1f" y1="%.1f" y2="%.1f"/>`, plotLeft, c.width-plotRight, y, y)
		fmt.Fprintf(b, `<text class="tick" x="%d" y="%.1f" text-anchor="end">%s</text>`, plotLeft-6, y+3.5, short(v))
	}
	fmt.Fprintf(b, `<text class="unit" x="%d" y="10">%s</text>`, 2, html.EscapeString(c.axis))
	times, layout := timeTicks(c.window.Start, c.end(), int((c.width-plotLeft-plotRight)/timeLabel))
	for _, t := range times {
		x := c.x(t)
		anchor := "middle"
		if x > c.width-plotRight-14 {
			anchor = "end"
		}
		fmt.Fprintf(b, `<line class="mark" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, x, x, c.height-plotBottom, c.height-plotBottom+4)
		fmt.Fprintf(b, `<text class="tick" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, c.height-4, anchor, t.Format(layout))
	}
}

// line draws runs of points one period apart; a lonely point is a dot.
func (c chart) line(b *strings.Builder, l line) {
	period := int64(c.window.Period / time.Second)
	middle := c.window.Period / 2
	for len(l.points) > 0 {
		n := 1
		for n < len(l.points) && l.points[n].At == l.points[n-1].At+period {
			n++
		}
		var path strings.Builder
		for i, p := range l.points[:n] {
			x, y := c.x(time.Unix(p.At, 0).Add(middle)), c.y(p.Value)
			if n == 1 {
				fmt.Fprintf(b, `<circle class="dot" style="--c:%s" cx="%.1f" cy="%.1f" r="3"/>`, l.color, x, y)
				break
			}
			if i > 0 {
				path.WriteByte(' ')
			}
			fmt.Fprintf(&path, "%.1f,%.1f", x, y)
		}
		if n > 1 {
			fmt.Fprintf(b, `<polyline class="line" style="--c:%s" points="%s"/>`, l.color, path.String())
		}
		l.points = l.points[n:]
	}
}

// labelEvery is how far labels of thresholds must be apart, in pixels.
const labelEvery = 13

// labels names the thresholds, from the top. A label that would cover the one
// before stands under its line, the next at the other end.
func (c chart) labels(b *strings.Builder) {
	sorted := slices.Clone(c.annotations)
	slices.SortStableFunc(sorted, func(x, y annotation) int {
		if x.Value > y.Value {
			return -1
		}
		if x.Value < y.Value {
			return 1
		}
		return 0
	})
	place, before := 0, math.Inf(-1)
	for _, a := range sorted {
		y := c.y(a.Value)
		if y-before < labelEvery {
			place = (place + 1) % 3
			if place == 1 && y+labelEvery > c.height-plotBottom {
				place = 2
			}
		} else {
			place = 0
		}
		before = y
		anchor, x, beside := "start", float64(plotLeft+6), -4.0
		switch place {
		case 1:
			beside = labelEvery - 2
		case 2:
			anchor, x = "end", c.width-plotRight-6
		}
		text := a.Label
		if value := withUnit(a.Value, c.axis); !strings.HasSuffix(text, strings.ReplaceAll(value, " ", "")) {
			text += " (" + value + ")"
		}
		fmt.Fprintf(b, `<text class="label" style="--c:%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`,
			a.Color, x, y+beside, anchor, html.EscapeString(text))
	}
}

// legend names the lines, with the newest value of each.
func (c chart) legend() string {
	var b strings.Builder
	b.WriteString(`<ul class="legend">`)
	for _, l := range c.lines {
		text := "no data"
		if v, at, ok := l.last(); ok {
			text = withUnit(v, c.axis)
			if at.Before(c.end().Add(-c.window.Period)) {
				text += " at " + at.Format("15:04")
			}
		}
		fmt.Fprintf(&b, `<li><i style="--c:%s"></i>%s <b>%s</b></li>`, l.color, html.EscapeString(l.label), html.EscapeString(text))
	}
	b.WriteString(`</ul>`)
	return b.String()
}
