package metricmath

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Point is one value of a series.
type Point struct {
	// At is the start of the point's period, in Unix seconds.
	At int64
	// Value is a finite number.
	Value float64
}

// Series is the points of one metric or expression, in order of time. A missing
// point is not in it. The zero value is a series without points.
type Series struct{ points []Point }

// Env holds series by metric or expression id. A metric that has not reported
// is an empty Series: an id that is not in Env is an error wherever it is used.
type Env map[string]Series

// NewSeries makes a series of points in any order. A value that is no finite
// number, and two points at one time, are errors.
func NewSeries(points ...Point) (Series, error) {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, func(a, b Point) int {
		if a.At < b.At {
			return -1
		}
		if a.At > b.At {
			return 1
		}
		return 0
	})
	for i, p := range sorted {
		if !finite(p.Value) {
			return Series{}, fmt.Errorf("series: the point at %d is %v, want a finite number", p.At, p.Value)
		}
		if i > 0 && sorted[i-1].At == p.At {
			return Series{}, fmt.Errorf("series: two points at %d, want one", p.At)
		}
	}
	return Series{sorted}, nil
}

// Len is the number of points.
func (s Series) Len() int { return len(s.points) }

// Points are the points, oldest first.
func (s Series) Points() []Point { return slices.Clone(s.points) }

// At is the value of the period that starts at the Unix second, and whether
// there is one.
func (s Series) At(second int64) (float64, bool) {
	i := sort.Search(len(s.points), func(i int) bool { return s.points[i].At >= second })
	if i == len(s.points) || s.points[i].At != second {
		return 0, false
	}
	return s.points[i].Value, true
}

// In lists every period of the window, oldest first, as AlarmRule.State takes
// it. Points outside the window are left out; a point in it that is not at the
// start of a period is an error.
func (s Series) In(w Window) ([]Datapoint, error) {
	values, err := s.grid(w)
	if err != nil {
		return nil, err
	}
	points := make([]Datapoint, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			points[i] = Value(v)
		}
	}
	return points, nil
}

// Datapoint is one period's value. The zero value is a missing one.
type Datapoint struct {
	Value   float64
	Present bool
}

// Value is a datapoint that is not missing.
func Value(v float64) Datapoint { return Datapoint{Value: v, Present: true} }

// Window is the periods that something is evaluated over. They need not begin
// at full minutes or hours: CloudWatch evaluates an alarm of one hour every
// minute, each time over the hour that ends then.
type Window struct {
	// Start is the start of the first period, a full second.
	Start time.Time
	// Period is the length of each, a number of full seconds above 0.
	Period time.Duration
	// Count is the number of periods, at least 1.
	Count int
}

// WindowEnding is the window of so many periods whose last ends at end.
func WindowEnding(end time.Time, period time.Duration, count int) Window {
	return Window{Start: end.Add(-period * time.Duration(count)), Period: period, Count: count}
}

// Series makes a series of one value for each period, oldest first. Missing
// datapoints, and periods that points is too short for, have no point.
func (w Window) Series(points ...Datapoint) (Series, error) {
	if err := w.check(); err != nil {
		return Series{}, err
	}
	if len(points) > w.Count {
		return Series{}, fmt.Errorf("series: has %d values, want at most %d, one for each period", len(points), w.Count)
	}
	values := w.blank()
	for i, p := range points {
		if !p.Present {
			continue
		}
		if !finite(p.Value) {
			return Series{}, fmt.Errorf("series: value %d is %v, want a finite number", i, p.Value)
		}
		values[i] = p.Value
	}
	return w.collect(values), nil
}

func (w Window) check() error {
	switch {
	case w.Period <= 0 || w.Period%time.Second != 0:
		return fmt.Errorf("window: Period is %v, want full seconds above 0", w.Period)
	case w.Count < 1:
		return fmt.Errorf("window: Count is %d, want at least 1", w.Count)
	case w.Start.Nanosecond() != 0:
		return fmt.Errorf("window: Start is %v, want a full second", w.Start)
	}
	return nil
}

func (w Window) seconds() int64 { return int64(w.Period / time.Second) }

// blank is a missing value for every period. In a grid of values NaN is a
// missing point: CloudWatch takes no NaN, so it can mean nothing else.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
func (w Window) blank() []float64 {
	values := make([]float64, w.Count)
	for i := range values {
		values[i] = math.NaN()
	}
	return values
}

func (w Window) collect(values []float64) Series {
	var s Series
	for i, v := range values {
		if !math.IsNaN(v) {
			s.points = append(s.points, Point{At: w.Start.Unix() + int64(i)*w.seconds(), Value: v})
		}
	}
	return s
}

func (s Series) grid(w Window) ([]float64, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	values := w.blank()
	start, step := w.Start.Unix(), w.seconds()
	first := sort.Search(len(s.points), func(i int) bool { return s.points[i].At >= start })
	for _, p := range s.points[first:] {
		i := (p.At - start) / step
		if i >= int64(w.Count) {
			break
		}
		if (p.At-start)%step != 0 {
			return nil, fmt.Errorf("the point at %d is not at the start of a period of %v from %d", p.At, w.Period, start)
		}
		values[i] = p.Value
	}
	return values, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
