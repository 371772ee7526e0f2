package signals_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/check"
	"evenkeel/internal/signals"
)

func spec() signals.Spec {
	return signals.Spec{
		Availability:  99.9,
		Latency:       signals.LatencyObjective{Percent: 99, Within: 300 * time.Millisecond},
		SlowestAnswer: time.Second, ContainerInsights: true, ApplicationNamespace: "evenkeel/orders-test",
		CPUTarget: 60, MemoryTarget: 75,
	}
}

func specs() map[string]signals.Spec {
	plain := spec()
	plain.ContainerInsights = false
	return map[string]signals.Spec{"with task counts": spec(), "without": plain}
}

// told is what tells somebody: key, severity, message.
type told struct {
	key      string
	severity signals.Severity
	message  signals.Message
}

func tells(s signals.Spec) []told {
	var out []told
	for _, a := range s.Alarms() {
		if a.Severity != "" {
			out = append(out, told{a.Key, a.Severity, a.Message})
		}
	}
	for _, c := range s.Composites() {
		if c.Severity != "" {
			out = append(out, told{c.Key, c.Severity, c.Message})
		}
	}
	return out
}

func TestWhoeverIsToldLearnsWhatTheyNeed(t *testing.T) {
	for name, s := range specs() {
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, tells(s))
			for _, x := range tells(s) {
				for what, text := range map[string]string{"users": x.message.Users, "since": x.message.Since, "first": x.message.First} {
					assert.Regexp(t, `^[A-Z].*[.?]$`, text, "%s: %s", x.key, what)
				}
				assert.Regexp(t, `^[a-z-]+$`, x.message.Runbook, x.key)
				assert.Contains(t, []signals.Severity{signals.Sev1, signals.Sev2, signals.Sev3}, x.severity, x.key)
			}
		})
	}
}

func TestTellingIsWhoTells(t *testing.T) {
	for name, s := range specs() {
		t.Run(name, func(t *testing.T) {
			bySeverity := map[string]signals.Severity{}
			for _, x := range tells(s) {
				bySeverity[x.key] = x.severity
			}
			var order []signals.Severity
			for _, key := range s.Telling() {
				require.Contains(t, bySeverity, key)
				order = append(order, bySeverity[key])
			}
			assert.Len(t, order, len(bySeverity))
			assert.IsNonDecreasing(t, order, "the most urgent first")
		})
	}
}

func TestKeysAreUniqueAndKnown(t *testing.T) {
	for name, s := range specs() {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, a := range s.Alarms() {
				assert.False(t, seen[a.Key], a.Key)
				seen[a.Key] = true
			}
			for _, c := range s.Composites() {
				require.NotEmpty(t, c.Rule.Keys(), c.Key)
				for _, k := range c.Rule.Keys() {
					assert.True(t, seen[k], "%s depends on %s, which does not come before it", c.Key, k)
				}
				if c.HeldBy != "" {
					assert.True(t, seen[c.HeldBy], "%s is held by %s, which does not come before it", c.Key, c.HeldBy)
					assert.GreaterOrEqual(t, c.Wait, time.Minute, c.Key)
					assert.GreaterOrEqual(t, c.Extension, time.Minute, c.Key)
				}
				assert.False(t, seen[c.Key], c.Key)
				seen[c.Key] = true
			}
		})
	}
}

// severities lists how urgent a key is, or all that it stands for.
func severities(s signals.Spec, key string) []signals.Severity {
	for _, c := range s.Composites() {
		if c.Key != key {
			continue
		}
		if c.Severity != "" {
			return []signals.Severity{c.Severity}
		}
		var out []signals.Severity
		for _, k := range c.Rule.Keys() {
			out = append(out, severities(s, k)...)
		}
		return out
	}
	return nil // an alarm that tells nobody: a deployment
}

// Whoever is held back while something less urgent rings would not be told that
// it got worse.
func TestNothingIsHeldByWhatIsLessUrgent(t *testing.T) {
	held := 0
	for _, c := range spec().Composites() {
		if c.HeldBy == "" {
			continue
		}
		for _, by := range severities(spec(), c.HeldBy) {
			held++
			assert.LessOrEqual(t, by, c.Severity, "%s (%s) is held by %s", c.Key, c.Severity, c.HeldBy)
		}
	}
	assert.NotZero(t, held)
}

func TestADeploymentHidesNoErrors(t *testing.T) {
	hides := map[string]bool{}
	for _, c := range spec().Composites() {
		hides[c.Key] = c.HeldBy == "symptoms-held"
	}
	for _, key := range []string{"errors", "slow-answers", "no-healthy-host", "availability-14x", "availability-6x", "latency-14x"} {
		require.Contains(t, hides, key)
		assert.False(t, hides[key], key)
	}
	assert.True(t, hides["tasks-below-desired"])
}

var identifier = regexp.MustCompile(`\b[a-z][a-z0-9_]*\b`)

// What CloudWatch refuses.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func TestConditionsAreWhatCloudWatchAccepts(t *testing.T) {
	for _, a := range spec().Alarms() {
		c := a.Condition
		seconds := int(c.Period / time.Second)
		assert.Zero(t, seconds%60, a.Key)
		limit := 86_400
		if seconds >= 3600 {
			limit = 604_800
		}
		assert.LessOrEqual(t, seconds*c.Of, limit, a.Key)
		assert.LessOrEqual(t, c.Datapoints, c.Of, a.Key)
		assert.Positive(t, c.Datapoints, a.Key)
		assert.NotEmpty(t, c.Because, a.Key)
		assert.LessOrEqual(t, len(c.Series.Metrics), 10, a.Key)
		assert.False(t, c.Period == time.Minute && c.Of == 1 && a.Key != "deployment-failed", "%s: one late datapoint would ring", a.Key)
		checkSeries(t, a.Key, c.Series)
	}
	for _, signal := range spec().Signals() {
		require.NotEmpty(t, signal.Lines, signal.Key)
		for _, l := range signal.Lines {
			checkSeries(t, signal.Key, l)
		}
	}
	for _, l := range slices.Concat(spec().ErrorBudget(), spec().Attained()) {
		checkSeries(t, l.Label, l)
	}
}

// checkSeries holds that every id is defined once, before it is used, and that
// the line is one of them.
func checkSeries(t *testing.T, key string, s signals.Series) {
	t.Helper()
	checkSeriesOf(t, spec(), key, s)
}

func checkSeriesOf(t *testing.T, of signals.Spec, key string, s signals.Series) {
	t.Helper()
	known := map[string]bool{}
	for _, m := range s.Metrics {
		assert.False(t, known[m.ID], "%s: %s", key, m.ID)
		known[m.ID] = true
		assert.NotEmpty(t, m.Stat, key)
		for _, d := range m.Dimensions {
			assert.Contains(t, of.Refs(), d.Of, key)
		}
	}
	for _, e := range s.Expressions {
		for _, id := range identifier.FindAllString(e.Text, -1) {
			assert.True(t, known[id], "%s: %q uses %s", key, e.Text, id)
		}
		assert.False(t, known[e.ID], "%s: %s", key, e.ID)
		known[e.ID] = true
	}
	assert.True(t, known[s.Return], "%s: %s", key, s.Return)
	assert.NotEmpty(t, s.Label, key)
	assert.NotEmpty(t, s.Unit, key)
}

func TestThresholdsAreDrawnWhereTheirSignalIs(t *testing.T) {
	s := spec()
	keys := map[string]signals.Signal{}
	golden := map[signals.Golden]bool{}
	for _, signal := range s.Signals() {
		keys[signal.Key] = signal
		golden[signal.Golden] = true
	}
	assert.Len(t, golden, 4)
	for _, a := range s.Alarms() {
		if a.Signal == "" {
			continue
		}
		signal, ok := keys[a.Signal]
		require.True(t, ok, "%s is on signal %q, which no widget shows", a.Key, a.Signal)
		drawn := slices.ContainsFunc(s.Annotations(a.Signal), func(n signals.Annotation) bool {
			return n.Value == a.Condition.Threshold && strings.HasSuffix(n.Label, strings.TrimSuffix(a.Key, "-signal"))
		})
		// A band and a yes-or-no have no line of their own.
		assert.Equal(t, a.Condition.Band == "" && a.Condition.Series.Return != "down", drawn, a.Key)
		if drawn {
			assert.True(t, slices.ContainsFunc(signal.Lines, func(l signals.Series) bool {
				return l.Unit == a.Condition.Series.Unit
			}), "%s is in %s, %s has no such line", a.Key, a.Condition.Series.Unit, signal.Key)
		}
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*signals.Spec)
		want   string
	}{
		"good":              {func(*signals.Spec) {}, ""},
		"total":             {func(s *signals.Spec) { s.Availability = 100 }, "S.Availability: is 100, want less than 100: no service keeps it, and there is no error budget to spend"},
		"low":               {func(s *signals.Spec) { s.Latency.Percent = 50 }, "S.Latency.Percent: is 50, want more than 93.06: not even a total outage spends a larger error budget at the 14.4 times speed that pages"},
		"no latency":        {func(s *signals.Spec) { s.Latency.Within = 0 }, "S.Latency.Within: is 0s, want whole milliseconds, 1 or more"},
		"finer than ms":     {func(s *signals.Spec) { s.Latency.Within = 1500 * time.Microsecond }, "S.Latency.Within: is 1.5ms, want whole milliseconds, 1 or more"},
		"slower than slow":  {func(s *signals.Spec) { s.SlowestAnswer = 200 * time.Millisecond }, "S.SlowestAnswer: is 200ms, want at least Latency.Within (300ms): a good answer would page"},
		"no namespace":      {func(s *signals.Spec) { s.ApplicationNamespace = "" }, "S.ApplicationNamespace: is required"},
		"impossible target": {func(s *signals.Spec) { s.CPUTarget = 101 }, "S.CPUTarget: is 101, want 0 to 100"},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec()
			c.change(&s)
			var l check.List
			s.Check(&l, "S")
			if c.want == "" {
				require.NoError(t, l.Err())
				return
			}
			require.EqualError(t, l.Err(), c.want)
		})
	}
}
