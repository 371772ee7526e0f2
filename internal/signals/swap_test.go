package signals_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
	"evenkeel/internal/signals"
)

// swapped is spec for a service whose traffic CodeDeploy moves.
func swapped() signals.Spec {
	s := spec()
	s.TwoTargetGroups = true
	return s
}

// hosts are what the load balancer reports of each target group in every minute;
// nil for one without targets, which reports nothing.
type hosts map[signals.Ref]map[string]float64

// state evaluates an alarm over hosts, with two tasks desired.
func (h hosts) state(t *testing.T, s signals.Spec, key string) metricmath.State {
	t.Helper()
	now := begin
	for _, a := range s.Alarms() {
		if a.Key != key {
			continue
		}
		c := a.Condition
		w := metricmath.WindowEnding(now, c.Period, c.Of)
		metrics := metricmath.Env{}
		for _, m := range c.Series.Metrics {
			var samples []metricmath.Sample
			v, reported := h[m.Dimensions[0].Of][m.Name]
			if m.Name == "DesiredTaskCount" {
				v, reported = 2, true
			}
			for at := now.Add(-c.Period * time.Duration(c.Of)); reported && at.Before(now); at = at.Add(time.Minute) {
				samples = append(samples, metricmath.Sample{At: at, Value: v})
			}
			series, err := metricmath.Aggregate(samples, w, m.Stat)
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
		state, err := metricmath.AlarmRule{
			Comparison: metricmath.Comparison(c.Comparison), Threshold: c.Threshold,
			EvaluationPeriods: c.Of, DatapointsToAlarm: c.Datapoints, TreatMissingData: metricmath.Missing(c.Missing),
		}.State(points, metricmath.OK)
		require.NoError(t, err)
		return state
	}
	require.Fail(t, "no such alarm", key)
	return metricmath.OK
}

// A deployment ends with the other target group live. No alarm may depend on
// which of them it is.
func TestAlarmsFollowTheLiveTargetGroup(t *testing.T) {
	const one, other = signals.TargetGroup, signals.OtherTargetGroup
	good := map[string]float64{"HealthyHostCount": 2, "UnHealthyHostCount": 0}
	bad := map[string]float64{"HealthyHostCount": 0, "UnHealthyHostCount": 2}
	none := map[string]float64{"HealthyHostCount": 0, "UnHealthyHostCount": 0}
	for _, insights := range []bool{true, false} {
		s := swapped()
		s.ContainerInsights = insights
		for name, tc := range map[string]struct {
			hosts           hosts
			down, unhealthy bool
		}{
			"before the first swap":           {hosts{one: good}, false, false},
			"after it":                        {hosts{other: good}, false, false},
			"after it, the old one at zero":   {hosts{one: none, other: good}, false, false},
			"both, during a deployment":       {hosts{one: good, other: good}, false, false},
			"no target healthy":               {hosts{one: bad}, true, true},
			"no target healthy after a swap":  {hosts{one: none, other: bad}, true, true},
			"no target at all":                {hosts{}, true, false},
			"one version of two is unhealthy": {hosts{one: good, other: bad}, false, true},
		} {
			t.Run(name, func(t *testing.T) {
				assert.Equal(t, tc.down, tc.hosts.state(t, s, "no-healthy-host-signal") == metricmath.Alarm, "no-healthy-host, insights %v", insights)
				assert.Equal(t, tc.unhealthy, tc.hosts.state(t, s, "unhealthy-hosts-signal") == metricmath.Alarm, "unhealthy-hosts, insights %v", insights)
			})
		}
		// With one group alone the same outage would be seen, and a swap as one.
		single := spec()
		single.ContainerInsights = insights
		assert.Equal(t, metricmath.Alarm, hosts{other: good}.state(t, single, "no-healthy-host-signal"), "the premise: one group does not see the other")
	}
}

func TestLinesOverTwoTargetGroups(t *testing.T) {
	s := swapped()
	assert.Contains(t, s.Refs(), signals.OtherTargetGroup)
	assert.NotContains(t, spec().Refs(), signals.OtherTargetGroup)
	summed := 0
	var lines []signals.Series
	for _, signal := range s.Signals() {
		lines = append(lines, signal.Lines...)
	}
	for _, a := range s.Alarms() {
		lines = append(lines, a.Condition.Series)
	}
	for _, l := range lines {
		checkSeriesOf(t, s, l.Label, l)
		of := map[signals.Ref]bool{}
		for _, m := range l.Metrics {
			for _, d := range m.Dimensions {
				of[d.Of] = true
			}
		}
		assert.Equal(t, of[signals.TargetGroup], of[signals.OtherTargetGroup], "%s looks at one target group only", l.Label)
		if of[signals.TargetGroup] {
			summed++
		}
	}
	assert.Equal(t, 5, summed, "requests per task, healthy, unhealthy, and two alarms")
}
