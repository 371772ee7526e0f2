package metricmath_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

func samples(offset time.Duration, values ...float64) []metricmath.Sample {
	made := make([]metricmath.Sample, len(values))
	for i, v := range values {
		made[i] = metricmath.Sample{At: start.Add(offset + time.Duration(i)*time.Millisecond), Value: v}
	}
	return made
}

func oneTo(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(n - i)
	}
	return values
}

func TestAggregate(t *testing.T) {
	hundred, thousand, few := samples(0, oneTo(100)...), samples(0, oneTo(1000)...), samples(0, 0.3, 0.1, 0.3, 0.4)
	tests := map[string]struct {
		of   []metricmath.Sample
		stat string
		want string
	}{
		"SampleCount":         {few, "SampleCount", "4"},
		"Sum":                 {few, "Sum", "1.1"},
		"Average":             {few, "Average", "0.275"},
		"Minimum":             {few, "Minimum", "0.1"},
		"Maximum":             {few, "Maximum", "0.4"},
		"p50":                 {few, "p50", "0.3"},
		"p0 is the least":     {hundred, "p0", "1"},
		"p1":                  {hundred, "p1", "1"},
		"p95":                 {hundred, "p95", "95"},
		"p95.5":               {hundred, "p95.5", "96"},
		"p100":                {hundred, "p100", "100"},
		"p99.9 of a thousand": {thousand, "p99.9", "999"},
		"p99 of one":          {samples(0, 7), "p99", "7"},
		"PR up to, inclusive": {few, "PR(:0.3)", "75"},
		"PR from, exclusive":  {few, "PR(0.3:)", "25"},
		"PR between":          {few, "PR(0.1:0.3)", "50"},
		"PR of none within":   {few, "PR(5:)", "0"},
		"TC":                  {few, "TC(0.1:0.3)", "2"},
		"TS":                  {few, "TS(:0.3)", "0.7"},
		"TM":                  {few, "TM(0.1:)", "0.333333"},
		"TM of none within":   {few, "TM(5:)", "-"},
		"no samples":          {nil, "Sum", "-"},
		"counted":             {[]metricmath.Sample{{At: start, Value: 5, Count: 99}, {At: start, Value: 1}}, "p99", "5"},
		"counted sum":         {[]metricmath.Sample{{At: start, Value: 5, Count: 99}, {At: start, Value: 1}}, "Sum", "496"},
		"counted rank":        {[]metricmath.Sample{{At: start, Value: 5, Count: 99}, {At: start, Value: 1}}, "PR(:1)", "1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := metricmath.Aggregate(tt.of, minutes(1), tt.stat)
			require.NoError(t, err)
			assert.Equal(t, tt.want, text(t, s, minutes(1)))
		})
	}
}

func TestAggregateSortsSamplesIntoPeriods(t *testing.T) {
	of := samples(3*time.Minute, 1000)
	of = append(of, samples(-time.Millisecond, 1000)...)
	of = append(of, samples(2*time.Minute, 3, 4)...)
	of = append(of, samples(time.Minute-time.Millisecond, 2)...)
	of = append(of, samples(0, 1)...)
	s, err := metricmath.Aggregate(of, minutes(3), "Sum")
	require.NoError(t, err)
	assert.Equal(t, "3 - 7", text(t, s, minutes(3)))
	assert.Equal(t, []metricmath.Point{{At: start.Unix(), Value: 3}, {At: start.Unix() + 120, Value: 7}}, s.Points())
}

func TestAggregateRefuses(t *testing.T) {
	for _, stat := range []string{
		"", "sum", "Median", "p", "p101", "p-1", "p99.", "P99", "PR", "PR(:)", "PR(2:1)", "PR(1:1)", "PR(10%:90%)", "tm90", "IQM", "PR(:0.3) ",
	} {
		_, err := metricmath.Aggregate(nil, minutes(1), stat)
		assert.ErrorContains(t, err, "want SampleCount, Sum, Average, Minimum, Maximum, p0 to p100, or PR", stat)
	}
	_, err := metricmath.Aggregate(samples(0, math.Inf(1)), minutes(1), "Sum")
	assert.ErrorContains(t, err, "Value is +Inf, want a finite number")
	_, err = metricmath.Aggregate([]metricmath.Sample{{At: start, Count: -1}}, minutes(1), "Sum")
	assert.ErrorContains(t, err, "Count is -1, want a number from 0")
}
