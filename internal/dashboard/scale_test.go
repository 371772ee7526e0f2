package dashboard

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScalesAreRoundAndHoldTheLargest(t *testing.T) {
	for largest, want := range map[float64][]float64{
		0:      {0, 0.5, 1},
		0.29:   {0, 0.1, 0.2, 0.3, 0.4},
		1:      {0, 0.2, 0.4, 0.6, 0.8, 1, 1.2},
		7.25:   {0, 2, 4, 6, 8},
		90:     {0, 20, 40, 60, 80, 100},
		1900:   {0, 500, 1000, 1500, 2000, 2500},
		43.4e6: {0, 10e6, 20e6, 30e6, 40e6, 50e6},
	} {
		assert.InDeltaSlice(t, want, fit(largest).ticks(), 1e-9, largest)
	}
	for largest := 0.001; largest < 1e9; largest *= 1.1 {
		s := fit(largest)
		require.GreaterOrEqual(t, s.top, largest)
		require.LessOrEqual(t, len(s.ticks()), 7, largest)
	}
}

func TestNumbersAsPeopleSayThem(t *testing.T) {
	for want, v := range map[string]struct {
		value float64
		axis  string
	}{
		"78.4 ms": {0.07842, "seconds"}, "1.5 s": {1.5, "seconds"}, "5 %": {5, "percent"}, "0.0123 %": {0.0123, "percent in 5m"},
		"43.4MB": {43.4e6, "bytes in 1h"}, "1.52k": {1519, "requests"}, "0": {0, "tasks"}, "100": {100, "tasks"}, "1.2G": {1.2e9, "events"},
	} {
		assert.Equal(t, want, withUnit(v.value, v.axis))
	}
	assert.Equal(t, "99.969", digits(99.9693, 5))
	assert.Equal(t, "-12.5", digits(-12.5, 5))
}

func TestTimesAreRound(t *testing.T) {
	for name, tc := range map[string]struct {
		long time.Duration
		most int
		want []string
	}{
		"hours":  {3 * time.Hour, 10, []string{"11:00", "11:30", "12:00", "12:30", "13:00", "13:30", "14:00"}},
		"narrow": {3 * time.Hour, 5, []string{"11:00", "12:00", "13:00", "14:00"}},
		"a day":  {24 * time.Hour, 5, []string{"18:00", "00:00", "06:00", "12:00"}},
		"a week": {7 * 24 * time.Hour, 3, []string{"Mar 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			times, layout := timeTicks(now.Add(-tc.long), now, tc.most)
			var got []string
			for _, x := range times {
				got = append(got, x.Format(layout))
			}
			assert.Equal(t, tc.want, got)
		})
	}
}
