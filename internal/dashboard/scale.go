package dashboard

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// scale is a vertical axis from 0.
type scale struct{ top, step float64 }

// fit makes a scale for values up to the largest, with two to six round steps.
func fit(largest float64) scale {
	if largest <= 0 {
		return scale{1, 0.5}
	}
	raw := largest / 5
	magnitude := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * magnitude
	for _, f := range []float64{5, 2, 1} {
		if f*magnitude >= raw*0.9999 {
			step = f * magnitude
		}
	}
	// Room for a line at the very top, and for its label.
	top := step * math.Ceil(largest*1.06/step)
	return scale{top, step}
}

func (s scale) ticks() []float64 {
	var out []float64
	for i := 0; float64(i)*s.step <= s.top*1.0001; i++ {
		out = append(out, float64(i)*s.step)
	}
	return out
}

// short renders a number for an axis: "1.5k", "0.25".
func short(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= unit.size {
			return digits(v/unit.size, 3) + unit.name
		}
	}
	return digits(v, 3)
}

// digits renders a number with so many significant digits, without trailing
// zeros or an exponent.
func digits(v float64, significant int) string {
	if v == 0 {
		return "0"
	}
	decimals := max(0, significant-1-int(math.Floor(math.Log10(math.Abs(v)))))
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// withUnit renders a value as people say it, by what the axis counts.
func withUnit(v float64, axis string) string {
	switch {
	case strings.HasPrefix(axis, "seconds") && math.Abs(v) < 1:
		return digits(1000*v, 3) + " ms"
	case strings.HasPrefix(axis, "seconds"):
		return digits(v, 3) + " s"
	case strings.HasPrefix(axis, "percent"):
		return digits(v, 3) + " %"
	case strings.HasPrefix(axis, "bytes"):
		return short(v) + "B"
	}
	return short(v)
}

const day = 24 * time.Hour

// timeTicks are at most so many round times to label, and how.
func timeTicks(from, to time.Time, most int) ([]time.Time, string) {
	step, layout := 30*day, "Jan 2"
	for _, s := range []time.Duration{10 * day, 5 * day, day, 12 * time.Hour, 6 * time.Hour, 4 * time.Hour, 2 * time.Hour, time.Hour, 30 * time.Minute, 15 * time.Minute} {
		if int(to.Sub(from)/s) < most {
			step = s
		}
	}
	if step < day {
		layout = "15:04"
	}
	var out []time.Time
	for t := from.Truncate(step); !t.After(to); t = t.Add(step) {
		if !t.Before(from) {
			out = append(out, t)
		}
	}
	return out, layout
}
