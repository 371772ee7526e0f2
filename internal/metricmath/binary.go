package metricmath

import (
	"fmt"
	"math"
)

// binary applies an operator. The guide lists arithmetic of numbers, series and
// arrays, save for two arrays; comparison and logic, of series and numbers.
func binary(op string, left, right value) (value, error) {
	f := operation(op)
	arrays := left.kind == arrayKind || right.kind == arrayKind
	arithmetic := precedences[op] >= precSum
	switch {
	case arrays && (!arithmetic || left.kind == right.kind):
		return value{}, fmt.Errorf("%s: is between %v and %v, which CloudWatch does not list", op, left.kind, right.kind)
	case left.kind == arrayKind:
		return left.eachSeries(func(s []float64) []float64 { return pair(f, oneSeries(s), right).series }), nil
	case right.kind == arrayKind:
		return right.eachSeries(func(s []float64) []float64 { return pair(f, left, oneSeries(s)).series }), nil
	}
	return pair(f, left, right), nil
}

// pair applies f to numbers and series. Between two series, what only one of
// them misses is 0.
func pair(f func(x, y float64) float64, left, right value) value {
	switch {
	case left.kind == scalarKind && right.kind == scalarKind:
		return scalar(apply(f, left.scalar, right.scalar))
	case left.kind == scalarKind:
		return right.each(func(y float64) float64 { return apply(f, left.scalar, y) })
	case right.kind == scalarKind:
		return left.each(func(x float64) float64 { return apply(f, x, right.scalar) })
	}
	combined := make([]float64, len(left.series))
	for i, x := range left.series {
		y := right.series[i]
		switch {
		case math.IsNaN(x) && !math.IsNaN(y):
			x = 0
		case math.IsNaN(y) && !math.IsNaN(x):
			y = 0
		}
		combined[i] = known(apply(f, x, y))
	}
	return oneSeries(combined)
}

// apply is f where both are known. It keeps a comparison with NaN, and NaN to
// the power of 0, from being a number.
func apply(f func(x, y float64) float64, x, y float64) float64 {
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.NaN()
	}
	return f(x, y)
}

func operation(op string) func(x, y float64) float64 {
	switch op {
	case "+":
		return func(x, y float64) float64 { return x + y }
	case "-":
		return func(x, y float64) float64 { return x - y }
	case "*":
		return func(x, y float64) float64 { return x * y }
	case "/":
		return func(x, y float64) float64 { return x / y }
	case "^":
		return math.Pow
	}
	test := predicate(op)
	return func(x, y float64) float64 {
		if test(x, y) {
			return 1
		}
		return 0
	}
}

func predicate(op string) func(x, y float64) bool {
	switch op {
	case "<":
		return func(x, y float64) bool { return x < y }
	case "<=":
		return func(x, y float64) bool { return x <= y }
	case ">":
		return func(x, y float64) bool { return x > y }
	case ">=":
		return func(x, y float64) bool { return x >= y }
	case "==":
		return func(x, y float64) bool { return x == y }
	case "!=":
		return func(x, y float64) bool { return x != y }
	case "AND":
		return func(x, y float64) bool { return x != 0 && y != 0 }
	}
	return func(x, y float64) bool { return x != 0 || y != 0 }
}
