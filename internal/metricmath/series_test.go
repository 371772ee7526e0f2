package metricmath_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

func TestSeries(t *testing.T) {
	s, err := metricmath.NewSeries(metricmath.Point{At: 120, Value: 2}, metricmath.Point{At: 60, Value: 1})
	require.NoError(t, err)
	assert.Equal(t, []metricmath.Point{{At: 60, Value: 1}, {At: 120, Value: 2}}, s.Points())
	assert.Equal(t, 2, s.Len())
	v, present := s.At(120)
	assert.True(t, present)
	assert.Equal(t, 2.0, v)
	for _, second := range []int64{0, 90, 180} {
		_, present = s.At(second)
		assert.False(t, present, second)
	}
}

func TestSeriesRefuses(t *testing.T) {
	_, err := metricmath.NewSeries(metricmath.Point{At: 60, Value: math.NaN()})
	assert.EqualError(t, err, "series: the point at 60 is NaN, want a finite number")
	_, err = metricmath.NewSeries(metricmath.Point{At: 60}, metricmath.Point{At: 60})
	assert.EqualError(t, err, "series: two points at 60, want one")
	_, err = minutes(1).Series(metricmath.Value(math.Inf(1)))
	assert.EqualError(t, err, "series: value 0 is +Inf, want a finite number")
	_, err = minutes(1).Series(metricmath.Value(1), metricmath.Value(1))
	assert.EqualError(t, err, "series: has 2 values, want at most 1, one for each period")
}

func TestAWindowSelects(t *testing.T) {
	s := series(t, "1 2 - 4 5")
	w := metricmath.WindowEnding(start.Add(4*time.Minute), time.Minute, 3)
	assert.Equal(t, start.Add(time.Minute), w.Start)
	assert.Equal(t, "2 - 4", text(t, s, w))

	early := metricmath.WindowEnding(start.Add(time.Minute), time.Minute, 3)
	assert.Equal(t, "- - 1", text(t, s, early))

	_, err := s.In(metricmath.WindowEnding(start.Add(90*time.Second), time.Minute, 2))
	assert.ErrorContains(t, err, "is not at the start of a period of 1m0s from")
}

func TestEvalRefusesPointsOffThePeriods(t *testing.T) {
	e, err := metricmath.Parse("m * 2")
	require.NoError(t, err)
	_, err = e.Eval(metricmath.Env{"m": series(t, "1 2")}, metricmath.Window{Start: start, Period: 5 * time.Minute, Count: 1})
	assert.ErrorContains(t, err, "m: the point at")
}
