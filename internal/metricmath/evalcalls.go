package metricmath

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// call evaluates a function.
func (ev *evaluation) call(c callNode) (value, error) {
	switch c.name {
	case "ANOMALY_DETECTION_BAND":
		return value{}, ErrNeedsModel
	case "METRICS":
		return ev.allMetrics(c.args)
	case "PERIOD":
		return ev.period(c.args)
	}
	args := make([]value, 0, len(c.args))
	for _, arg := range c.args {
		if _, isWord := arg.(keywordNode); isWord {
			continue
		}
		v, err := ev.value(arg)
		if err != nil {
			return value{}, err
		}
		args = append(args, v)
	}
	switch c.name {
	case "IF":
		return ev.choose(args)
	case "FILL":
		return fill(args, c.args[1])
	case "TIME_SERIES":
		if args[0].kind != scalarKind {
			return value{}, wants(c.name, args[0], scalarKind.String())
		}
		return oneSeries(constant(args[0].scalar, ev.window.Count)), nil
	case "MIN", "MAX", "SUM", "AVG":
		return reduce(c.name, args[0])
	}
	return ev.transform(c.name, args[0])
}

func wants(name string, got value, want string) error {
	return fmt.Errorf("%s: is of %v, want %s", name, got.kind, want)
}

const seriesOrArray = "a series or an array of series"

// transform evaluates the functions that make a series of each series.
func (ev *evaluation) transform(name string, of value) (value, error) {
	if of.kind == scalarKind {
		return value{}, wants(name, of, seriesOrArray)
	}
	switch name {
	case "ABS":
		return of.each(math.Abs), nil
	case "CEIL":
		return of.each(math.Ceil), nil
	case "FLOOR":
		return of.each(math.Floor), nil
	case "RATE":
		return of.eachSeries(func(s []float64) []float64 { return differences(s, ev.window.Period.Seconds()) }), nil
	}
	return of.eachSeries(func(s []float64) []float64 { return differences(s, 0) }), nil
}

// differences are from the point before, whichever period that was in; per
// second, when period is not 0. The first point has none.
func differences(values []float64, period float64) []float64 {
	result := constant(math.NaN(), len(values))
	before := -1
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if before >= 0 {
			difference := v - values[before]
			if period > 0 {
				difference /= period * float64(i-before)
			}
			result[i] = known(difference)
		}
		before = i
	}
	return result
}

func (ev *evaluation) allMetrics(args []node) (value, error) {
	part := ""
	if len(args) > 0 {
		part = string(args[0].(textNode))
	}
	found := value{kind: arrayKind}
	for _, id := range slices.Sorted(maps.Keys(ev.metrics)) {
		if !strings.Contains(id, part) {
			continue
		}
		v, err := ev.ref(id)
		if err != nil {
			return value{}, err
		}
		found.array = append(found.array, v.series)
	}
	if len(found.array) == 0 {
		return value{}, fmt.Errorf("METRICS: no id of a metric contains %q", part)
	}
	return found, nil
}

// period is the length of a metric's period in seconds; the guide takes no
// expression there.
func (ev *evaluation) period(args []node) (value, error) {
	id := string(args[0].(refNode))
	if _, found := ev.metrics[id]; !found {
		return value{}, fmt.Errorf("PERIOD: %s is no metric", id)
	}
	return scalar(ev.window.Period.Seconds()), nil
}

// choose is IF, in the forms that the guide lists.
func (ev *evaluation) choose(args []value) (value, error) {
	condition, then := args[0], args[1]
	otherwise := oneSeries(ev.window.blank())
	if len(args) > 2 {
		otherwise = args[2]
	}
	for _, v := range args {
		if v.kind == arrayKind {
			return value{}, wants("IF", v, "a series or a number")
		}
	}
	if condition.kind == scalarKind {
		if then.kind != seriesKind || otherwise.kind != seriesKind {
			return value{}, fmt.Errorf("IF: with a number as condition it is of %v and %v, want series", then.kind, otherwise.kind)
		}
		switch {
		case math.IsNaN(condition.scalar):
			return oneSeries(ev.window.blank()), nil
		case condition.scalar != 0:
			return then, nil
		}
		return otherwise, nil
	}
	chosen := ev.window.blank()
	for i, c := range condition.series {
		switch {
		case math.IsNaN(c):
		case c == 0:
			chosen[i] = otherwise.at(i)
		case then.kind == seriesKind && math.IsNaN(then.series[i]):
			chosen[i] = 0
		default:
			chosen[i] = then.at(i)
		}
	}
	return oneSeries(chosen), nil
}

func (v value) at(i int) float64 {
	if v.kind == scalarKind {
		return v.scalar
	}
	return v.series[i]
}

func constant(v float64, count int) []float64 {
	values := make([]float64, count)
	for i := range values {
		values[i] = v
	}
	return values
}
