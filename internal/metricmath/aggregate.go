package metricmath

import (
	"fmt"
	"math"
	"time"
)

// Sample is a measurement, or several of one value.
type Sample struct {
	At    time.Time
	Value float64
	// Count is how many there are; 0 is 1.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
	Count float64
}

// Aggregate makes one point of the samples of each period of w, which holds
// those from its start up to, not including, its end. Their order does not
// matter. Samples outside w are left out, and a period without samples has no
// point.
//
// stat is SampleCount, Sum, Average, Minimum or Maximum; a percentile as "p99"
// or "p99.9"; or one with bounds, of which either may be absent: PR(a:b), the
// percentage of values in them; TC(a:b), their number; TS(a:b), their sum; and
// TM(a:b), their mean, which has no point where no value is within. The lower
// bound is exclusive and the upper inclusive. Other statistics, and bounds in
// percent, are an error.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
//
// AWS does not say how it computes a percentile. Here p99 is the least value
// that at least 99 % of the samples do not exceed: one that was measured, never
// one between two.
func Aggregate(samples []Sample, w Window, stat string) (Series, error) {
	if err := w.check(); err != nil {
		return Series{}, err
	}
	compute, err := statistic(stat)
	if err != nil {
		return Series{}, err
	}
	start := w.Start.UnixNano()
	finish := start + int64(w.Period)*int64(w.Count)
	periods := make([][]Sample, w.Count)
	for _, s := range samples {
		switch {
		case !finite(s.Value):
			return Series{}, fmt.Errorf("sample at %v: Value is %v, want a finite number", s.At, s.Value)
		case !finite(s.Count) || s.Count < 0:
			return Series{}, fmt.Errorf("sample at %v: Count is %v, want a number from 0", s.At, s.Count)
		case s.Count == 0:
			s.Count = 1
		}
		if at := s.At.UnixNano(); at >= start && at < finish {
			i := (at - start) / int64(w.Period)
			periods[i] = append(periods[i], s)
		}
	}
	values := w.blank()
	for i, within := range periods {
		if len(within) > 0 {
			values[i] = known(compute(within))
		}
	}
	return w.collect(values), nil
}

// sum adds up f of the samples, each as often as it counts.
func sum(samples []Sample, f func(v float64) float64) float64 {
	total := 0.0
	for _, s := range samples {
		total += f(s.Value) * s.Count
	}
	return total
}

func itself(v float64) float64 { return v }
func one(float64) float64      { return 1 }

func extreme(samples []Sample, pick func(x, y float64) float64) float64 {
	found := samples[0].Value
	for _, s := range samples[1:] {
		found = pick(found, s.Value)
	}
	return found
}

// bounds are exclusive below, inclusive above.
type bounds struct{ above, upTo float64 }

func (b bounds) within(samples []Sample) []Sample {
	var within []Sample
	for _, s := range samples {
		if s.Value > b.above && s.Value <= b.upTo {
			within = append(within, s)
		}
	}
	return within
}

var unbounded = bounds{math.Inf(-1), math.Inf(1)}
