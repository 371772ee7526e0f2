package metricmath

import (
	"fmt"
	"math"
)

// reduce is MIN, MAX, SUM or AVG: a number of one series, a series of an array.
func reduce(name string, of value) (value, error) {
	switch of.kind {
	case scalarKind:
		return value{}, wants(name, of, seriesOrArray)
	case seriesKind:
		total, points := fold(name, of.series)
		if points == 0 && (name == "SUM" || name == "AVG") {
			return scalar(0), nil
		}
		return scalar(total), nil
	case arrayKind:
	}
	result := make([]float64, len(of.array[0]))
	column := make([]float64, len(of.array))
	for i := range result {
		for j, s := range of.array {
			column[j] = s[i]
		}
		total, _ := fold(name, column)
		result[i] = known(total)
	}
	return oneSeries(result), nil
}

// fold is the statistic of the values and how many are not missing; NaN when
// none is. An average is over all of them, missing ones as 0.
func fold(name string, values []float64) (float64, int) {
	total, points := math.NaN(), 0
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			continue
		case points == 0:
			total = v
		case name == "MIN":
			total = math.Min(total, v)
		case name == "MAX":
			total = math.Max(total, v)
		default:
			total += v
		}
		points++
	}
	if name == "AVG" {
		total /= float64(len(values))
	}
	return total, points
}

// fill is FILL of a series or array with what the second argument is: a word,
// a number or a series.
func fill(args []value, with node) (value, error) {
	of := args[0]
	if of.kind == scalarKind {
		return value{}, wants("FILL", of, seriesOrArray)
	}
	if word, isWord := with.(keywordNode); isWord {
		if word == repeat {
			return of.eachSeries(fillRepeat), nil
		}
		return of.eachSeries(fillLinear), nil
	}
	filler := args[1]
	if filler.kind == arrayKind {
		return value{}, fmt.Errorf("FILL: fills with %v, want a number, a series, REPEAT or LINEAR", filler.kind)
	}
	return of.eachSeries(func(s []float64) []float64 {
		filled := make([]float64, len(s))
		for i, v := range s {
			if math.IsNaN(v) {
				v = filler.at(i)
			}
			filled[i] = v
		}
		return filled
	}), nil
}

func fillRepeat(values []float64) []float64 {
	filled := make([]float64, len(values))
	last := math.NaN()
	for i, v := range values {
		if !math.IsNaN(v) {
			last = v
		}
		filled[i] = last
	}
	return filled
}

func fillLinear(values []float64) []float64 {
	filled := constant(math.NaN(), len(values))
	before := -1
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		filled[i] = v
		for gap := before + 1; before >= 0 && gap < i; gap++ {
			share := float64(gap-before) / float64(i-before)
			filled[gap] = known(values[before]*(1-share) + v*share)
		}
		before = i
	}
	return filled
}
