package signals_test

import (
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
	"evenkeel/internal/signals"
)

// minute is what the load balancer reports of one minute. A counter that is 0
// is not reported, as on AWS.
type minute struct {
	requests, unserved, broken float64
	// fast is the share of requests, 0 to 1, within the latency objective.
	fast float64
}

// traffic is good for four days up to begin, then what during says.
type traffic struct {
	good, during minute
}

var begin = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// at renders the samples of a metric between two times.
func (x traffic) samples(m signals.Metric, from, to time.Time) []metricmath.Sample {
	var out []metricmath.Sample
	for now := from; now.Before(to); now = now.Add(time.Minute) {
		state := x.good
		if !now.Before(begin) {
			state = x.during
		}
		if now.Before(begin.Add(-4 * 24 * time.Hour)) {
			continue
		}
		var n float64
		switch m.Name {
		case "RequestCount":
			n = state.requests
		case "HTTPCode_ELB_5XX_Count":
			n = state.unserved
		case "HTTPCode_Target_5XX_Count":
			n = state.broken
		case "TargetResponseTime":
			if fast := state.fast * state.requests; fast > 0 {
				out = append(out, metricmath.Sample{At: now, Value: 0.1, Count: fast})
			}
			if slow := (1 - state.fast) * state.requests; slow > 0 {
				out = append(out, metricmath.Sample{At: now, Value: 2, Count: slow})
			}
			continue
		}
		if n > 0 {
			out = append(out, metricmath.Sample{At: now, Value: n})
		}
	}
	return out
}

// evaluate computes an alarm's state at a time from its own expressions.
func evaluate(t *testing.T, c signals.Condition, x traffic, now time.Time) metricmath.State {
	t.Helper()
	rule := metricmath.AlarmRule{
		Comparison: metricmath.Comparison(c.Comparison), Threshold: c.Threshold,
		EvaluationPeriods: c.Of, DatapointsToAlarm: c.Datapoints, TreatMissingData: metricmath.Missing(c.Missing),
	}
	w := metricmath.WindowEnding(now, c.Period, c.Of)
	metrics := metricmath.Env{}
	for _, m := range c.Series.Metrics {
		series, err := metricmath.Aggregate(x.samples(m, now.Add(-c.Period*time.Duration(c.Of)), now), w, m.Stat)
		require.NoError(t, err)
		metrics[m.ID] = series
	}
	var named []metricmath.Named
	for _, e := range c.Series.Expressions {
		named = append(named, metricmath.Named{ID: e.ID, Text: e.Text})
	}
	all, err := metricmath.EvalAll(w, metrics, named)
	require.NoError(t, err)
	points, err := all[c.Series.Return].In(w)
	require.NoError(t, err)
	state, err := rule.State(points, metricmath.OK)
	require.NoError(t, err)
	return state
}

// firing lists the keys of all alarms and composites of s in ALARM.
func firing(t *testing.T, s signals.Spec, x traffic, now time.Time, keys ...string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, a := range s.Alarms() {
		for _, k := range keys {
			if a.Key == k {
				out[k] = evaluate(t, a.Condition, x, now) == metricmath.Alarm
			}
		}
	}
	return out
}

// detected is the first full minute after begin in which both windows of a pair
// are in ALARM, or -1 within four days.
func detected(t *testing.T, s signals.Spec, x traffic, long, short string) time.Duration {
	t.Helper()
	const most = 4 * 24 * 60
	fires := func(n int) bool {
		f := firing(t, s, x, begin.Add(time.Duration(n)*time.Minute), long, short)
		require.Len(t, f, 2)
		return f[long] && f[short]
	}
	n := sort.Search(most, fires)
	if n == most {
		return -1
	}
	return time.Duration(n) * time.Minute
}

// pairs are the windows of the availability objective, by the pair's key.
var pairs = map[string][2]string{
	"14x": {"availability-14x-1h", "availability-14x-5m"},
	"6x":  {"availability-6x-6h", "availability-6x-30m"},
	"3x":  {"availability-3x-24h", "availability-3x-2h"},
	"1x":  {"availability-1x-3d", "availability-1x-6h"},
}

// The alarms' own expressions, evaluated over traffic minute by minute, see
// errors when the SRE workbook's formula says so. What CloudWatch adds, a minute
// or two (an hour for the pair of 3 days, which it evaluates hourly), is not in
// it. https://sre.google/workbook/alerting-on-slos/
func TestAlarmsDetectWhenTheWorkbookSays(t *testing.T) {
	s := spec() // 99.9 %
	const perMinute = 10_000
	for name, ratio := range map[string]float64{"100 %": 1, "10 %": 0.1, "1 %": 0.01, "0.1 %": 0.001} {
		t.Run(name, func(t *testing.T) {
			x := traffic{
				good:   minute{requests: perMinute, fast: 1},
				during: minute{requests: perMinute, broken: perMinute * ratio, fast: 1},
			}
			for _, b := range signals.Burns() {
				got := detected(t, s, x, pairs[b.Key][0], pairs[b.Key][1])
				want, fires := b.Detection(99.9, ratio)
				// The short window sees a start of errors sooner, never later.
				if !fires {
					assert.Equal(t, time.Duration(-1), got, b.Key)
					continue
				}
				assert.InDelta(t, want.Minutes(), got.Minutes(), 1.01, "%s: %s, the workbook says %s", b.Key, got, want)
			}
		})
	}
}

func TestTotalOutageIsSeenWithoutRequestCount(t *testing.T) {
	s := spec()
	// No target: the load balancer answers 503 itself and counts no request.
	x := traffic{good: minute{requests: 600, fast: 1}, during: minute{unserved: 600}}
	for _, b := range signals.Burns()[:3] {
		got := detected(t, s, x, pairs[b.Key][0], pairs[b.Key][1])
		want, _ := b.Detection(99.9, 1)
		assert.InDelta(t, want.Minutes(), got.Minutes(), 1.01, b.Key)
	}
	assert.True(t, firing(t, s, x, begin.Add(3*time.Minute), "errors-signal")["errors-signal"], "3 of 5 minutes")
	assert.False(t, firing(t, s, x, begin.Add(2*time.Minute), "errors-signal")["errors-signal"], "2 of 5 minutes")
}

// What must ring nobody.
func TestSilence(t *testing.T) {
	s := spec()
	var keys []string
	for _, a := range s.Alarms() {
		if a.Condition.Band == "" && a.Condition.Series.Metrics[0].Namespace == "AWS/ApplicationELB" && a.Signal != "hosts" {
			keys = append(keys, a.Key)
		}
	}
	require.GreaterOrEqual(t, len(keys), 18)
	for name, x := range map[string]traffic{
		"no traffic at all":         {},
		"traffic stops":             {good: minute{requests: 600, fast: 1}},
		"one error in ten requests": {during: minute{requests: 0.15, broken: 0.015, fast: 1}}, // a day has 216 requests
		"a night's few requests":    {good: minute{requests: 600, fast: 1}, during: minute{requests: 1, fast: 1}},
		"good traffic":              {good: minute{requests: 600, fast: 1}, during: minute{requests: 600, fast: 1}},
		"errors within the budget":  {good: minute{requests: 600, fast: 1}, during: minute{requests: 600, broken: 0.5, fast: 0.991}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, after := range []time.Duration{5 * time.Minute, time.Hour} {
				for key, alarm := range firing(t, s, x, begin.Add(after), keys...) {
					if name == "one error in ten requests" && key != "errors-signal" && key != "availability-14x-1h" && key != "slow-answers-signal" {
						continue // 10 % of so few requests is too much for slower pairs, and rightly so
					}
					assert.False(t, alarm, "%s after %s", key, after)
				}
			}
		})
	}
}

func TestSlowAnswersAreSeen(t *testing.T) {
	s := spec()
	x := traffic{good: minute{requests: 600, fast: 1}, during: minute{requests: 600, fast: 0.5}}
	want, _ := signals.Burns()[0].Detection(99, 0.5)
	assert.InDelta(t, want.Minutes(), detected(t, s, x, "latency-14x-1h", "latency-14x-5m").Minutes(), 1.01)
	assert.True(t, firing(t, s, x, begin.Add(3*time.Minute), "slow-answers-signal")["slow-answers-signal"])
}

// The alarm ends soon after the errors do, because of its short window.
func TestPagesEndSoonAfterTheErrors(t *testing.T) {
	s := spec()
	x := traffic{good: minute{requests: 600, broken: 600}, during: minute{requests: 600, fast: 1}}
	f := firing(t, s, x, begin.Add(6*time.Minute), "availability-14x-1h", "availability-14x-5m")
	assert.Equal(t, map[string]bool{"availability-14x-1h": true, "availability-14x-5m": false}, f)
}
