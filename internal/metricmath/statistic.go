package metricmath

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

var (
	percentileForm = regexp.MustCompile(`^p(\d{1,3}(?:\.\d{1,10})?)$`)
	boundedForm    = regexp.MustCompile(`^(PR|TC|TS|TM)\((-?\d+(?:\.\d+)?)?:(-?\d+(?:\.\d+)?)?\)$`)
)

// statistic is what computes the named statistic of one sample or more.
func statistic(name string) (func([]Sample) float64, error) {
	switch name {
	case "SampleCount":
		return func(s []Sample) float64 { return sum(s, one) }, nil
	case "Sum":
		return func(s []Sample) float64 { return sum(s, itself) }, nil
	case "Average":
		return mean, nil
	case "Minimum":
		return func(s []Sample) float64 { return extreme(s, math.Min) }, nil
	case "Maximum":
		return func(s []Sample) float64 { return extreme(s, math.Max) }, nil
	}
	if form := percentileForm.FindStringSubmatch(name); form != nil {
		if p, err := strconv.ParseFloat(form[1], 64); err == nil && p <= 100 {
			return func(s []Sample) float64 { return percentile(s, p/100) }, nil
		}
	}
	if form := boundedForm.FindStringSubmatch(name); form != nil {
		if b, err := parseBounds(form[2], form[3]); err == nil {
			return bounded(form[1], b), nil
		}
	}
	return nil, fmt.Errorf("statistic: is %q, want SampleCount, Sum, Average, Minimum, Maximum, "+
		"p0 to p100, or PR, TC, TS or TM of bounds as (a:b), (a:) or (:b)", name)
}

func parseBounds(above, upTo string) (bounds, error) {
	b := unbounded
	var err error
	if above != "" {
		b.above, err = strconv.ParseFloat(above, 64)
	}
	if upTo != "" && err == nil {
		b.upTo, err = strconv.ParseFloat(upTo, 64)
	}
	if err == nil && (b == unbounded || b.above >= b.upTo) {
		err = fmt.Errorf("bounds: are %q and %q, want one at least, the lower below the upper", above, upTo)
	}
	return b, err
}

func bounded(name string, b bounds) func([]Sample) float64 {
	switch name {
	case "PR":
		return func(s []Sample) float64 { return 100 * sum(b.within(s), one) / sum(s, one) }
	case "TC":
		return func(s []Sample) float64 { return sum(b.within(s), one) }
	case "TS":
		return func(s []Sample) float64 { return sum(b.within(s), itself) }
	}
	return func(s []Sample) float64 { return mean(b.within(s)) }
}

// mean is NaN of no samples.
func mean(samples []Sample) float64 { return sum(samples, itself) / sum(samples, one) }

// percentile is the least value that at least this share of samples does not
// exceed.
func percentile(samples []Sample, share float64) float64 {
	sorted := slices.Clone(samples)
	slices.SortFunc(sorted, func(a, b Sample) int { return cmp.Compare(a.Value, b.Value) })
	total := sum(sorted, one)
	// 0.999 * 1000 is a little more than 999 in binary fractions.
	enough := share*total - 1e-9*total
	counted := 0.0
	for _, s := range sorted {
		if counted += s.Count; counted >= enough {
			return s.Value
		}
	}
	return sorted[len(sorted)-1].Value
}
