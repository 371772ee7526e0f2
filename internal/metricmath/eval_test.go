package metricmath_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

// The tables and rules of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func TestTheGuidesTables(t *testing.T) {
	compared := map[string]string{"metric1": "30 20 0 0", "metric2": "20 - 20 -"}
	chosen := map[string]string{"metric1": "1 1 0 0 -", "metric2": "30 - 0 0 30", "metric3": "0 0 20 - 20"}
	tests := map[string]struct {
		expression string
		metrics    map[string]string
		want       string
	}{
		"compare series":            {"metric1 < metric2", compared, "0 0 1 0"},
		"compare with a number":     {"metric1 >= 30", compared, "1 0 0 0"},
		"AND":                       {"metric1 > 15 AND metric2 > 15", compared, "1 0 0 0"},
		"IF of three series":        {"IF(metric1, metric2, metric3)", chosen, "30 0 20 - -"},
		"IF with a number if true":  {"IF(metric1, 5, metric3)", chosen, "5 5 20 - -"},
		"IF with a number if false": {"IF(metric1, metric2, 5)", chosen, "30 0 5 5 -"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, eval(t, tt.expression, tt.metrics, len(datapoints(t, tt.want))))
		})
	}
}

func TestEval(t *testing.T) {
	m := map[string]string{"a": "6 - 4 -", "b": "3 2 0 -", "n": "-1.5 1.5 2 -", "none": "- - - -"}
	tests := map[string]string{
		"a + b": "9 2 4 -", "a - b": "3 -2 4 -", "a * b": "18 0 0 -", "a ^ b": "216 0 1 -",
		"a / b": "2 0 - -", "100 / b": "33.3333 50 - -", "a / 0 + b": "3 2 0 -",
		"a + 1": "7 - 5 -", "1 - a": "-5 - -3 -", "-a": "-6 - -4 -", "none + a": "6 - 4 -", "none + none": "- - - -",
		"n ^ 0.5": "- 1.22474 1.41421 -",
		"a > b":   "1 0 1 -", "a >= 6": "1 - 0 -", "a < b": "0 1 0 -", "b <= 2": "0 1 1 -", "a == 4": "0 - 1 -", "a != b": "1 1 1 -",
		"a == 4 || b == 3": "1 0 1 -", "a == 4 && b == 0": "0 0 1 -", "a OR b AND none": "1 0 1 -",
		"a + 2 * 3": "12 - 10 -", "-a ^ 2": "-36 - -16 -", "a - 1 - 1": "4 - 2 -", "a * 2 ^ -1": "3 - 2 -",
		"ABS(n)": "1.5 1.5 2 -", "CEIL(n)": "-1 2 2 -", "FLOOR(n)": "-2 1 2 -",
		"SUM([a, b])": "9 2 4 -", "AVG([a, b])": "4.5 1 2 -", "MIN([a, b])": "3 2 0 -", "MAX([a, b])": "6 2 4 -",
		"SUM(100 / [a, b])": "50 50 25 -", "MIN([a, b] / b)": "1 0 - -", "SUM(-[a, b])": "-9 -2 -4 -", "MIN(ABS([a, n]))": "1.5 1.5 2 -",
		"b - MIN(b)": "3 2 0 -", "b + MAX(b)": "6 5 3 -", "a / SUM(a)": "0.6 - 0.4 -", "a * 0 + AVG(a)": "2.5 - 2.5 -",
		"b * MAX(none)": "- - - -", "b + SUM(none)": "3 2 0 -", "b + AVG(none)": "3 2 0 -",
		"FILL(a, 1)": "6 1 4 1", "FILL(a, REPEAT)": "6 6 4 4", "FILL(a, LINEAR)": "6 5 4 -", "FILL(a, b)": "6 2 4 -",
		"FILL(none, 0)": "0 0 0 0", "FILL(none, LINEAR)": "- - - -", "FILL(a, MIN(a))": "6 4 4 4", "SUM(FILL([a, b], 1))": "9 3 4 2",
		"DIFF(b)": "- -1 -2 -", "DIFF(a)": "- - -2 -", "RATE(a)": "- - -0.0166667 -", "RATE(b) * 60": "- -1 -2 -",
		"b / PERIOD(b)": "0.05 0.0333333 0 -", "TIME_SERIES(5)": "5 5 5 5", "TIME_SERIES(5 * MAX(b))": "15 15 15 15",
		"TIME_SERIES(1 / 0)": "- - - -", "TIME_SERIES(2 > 1)": "1 1 1 1", "TIME_SERIES(1 / 0 > 1)": "- - - -", "TIME_SERIES((1 / 0) ^ 0)": "- - - -",
		"SUM(METRICS())": "7.5 3.5 6 -", `MAX(METRICS("on"))`: "- - - -", `SUM([METRICS("a"), b])`: "9 2 4 -",
		"IF(a > 5, b)": "3 - - -", "IF(a > 5, 10, 2)": "10 - 2 -", "IF(PERIOD(b) > 50, a, b)": "6 - 4 -", "IF(PERIOD(b) > 60, a, b)": "3 2 0 -",
		"IF(PERIOD(b) > 60, a)": "- - - -", "IF(MAX(none), a, b)": "- - - -", "IF(b, IF(a, 1, 2), 3)": "1 0 3 -",
	}
	for expression, want := range tests {
		t.Run(expression, func(t *testing.T) {
			assert.Equal(t, want, eval(t, expression, m, 4))
		})
	}
}

func TestEvalRefuses(t *testing.T) {
	m := map[string]string{"a": "1 2", "b": "3 4"}
	tests := map[string]struct{ expression, want string }{
		"unknown id":         {"a + c", "c: is no metric or expression here"},
		"number":             {"SUM(a)", "the result is a number"},
		"array":              {"[a, b] * 2", "the result is an array of 2 series, want one"},
		"ABS of a number":    {"TIME_SERIES(ABS(5))", "ABS: is of a number, want a series or an array of series"},
		"SUM of a number":    {"a + SUM(5)", "SUM: is of a number"},
		"number in an array": {"SUM([a, 1])", "[...]: a number is in it"},
		"TIME_SERIES":        {"TIME_SERIES(a)", "TIME_SERIES: is of a series, want a number"},
		"two arrays":         {"SUM([a, b] + [a, b])", "+: is between an array of series and an array of series"},
		"compared array":     {"SUM([a, b] > 1)", ">: is between an array of series and a number"},
		"IF of an array":     {"IF([a, b], 1, 0)", "IF: is of an array of series"},
		"IF of numbers":      {"IF(1, 2, 3)", "IF: with a number as condition it is of a number and a number, want series"},
		"FILL with an array": {"FILL(a, [a, b])", "FILL: fills with an array of series"},
		"FILL of a number":   {"a + FILL(1, 2)", "FILL: is of a number"},
		"METRICS of none":    {`SUM(METRICS("5xx"))`, `METRICS: no id of a metric contains "5xx"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, err := metricmath.Parse(tt.expression)
			require.NoError(t, err)
			_, err = e.Eval(env(t, m), minutes(2))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestABandNeedsAModel(t *testing.T) {
	e, err := metricmath.Parse("ANOMALY_DETECTION_BAND(m1, 4)")
	require.NoError(t, err)
	assert.Equal(t, []string{"m1"}, e.IDs())
	_, err = e.Eval(env(t, map[string]string{"m1": "1"}), minutes(1))
	assert.ErrorIs(t, err, metricmath.ErrNeedsModel)
}

// What an alarm on the ratio of errors sees: the requests that reach no target
// are missing from RequestCount, so that in a total outage it has no point.
func TestTheErrorRatioSurvivesAnOutage(t *testing.T) {
	expressions := []metricmath.Named{
		{ID: "share", Text: "IF(valid >= 20, 100 * bad / valid, 0)"},
		{ID: "valid", Text: "(r + bad + ABS(r - bad)) / 2"},
		{ID: "bad", Text: "elb + target"},
	}
	tests := map[string]struct{ r, elb, target, want string }{
		"all is well":         {"100", "-", "-", "0"},
		"nobody asks":         {"-", "-", "-", "-"},
		"one target in ten":   {"100", "-", "10", "10"},
		"no target":           {"-", "80", "-", "100"},
		"a target, then none": {"40", "60", "20", "100"},
		"too few to tell":     {"10", "-", "5", "0"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all, err := metricmath.EvalAll(minutes(1), env(t, map[string]string{"r": tt.r, "elb": tt.elb, "target": tt.target}), expressions)
			require.NoError(t, err)
			assert.Equal(t, tt.want, text(t, all["share"], minutes(1)))
			assert.Equal(t, tt.r, text(t, all["r"], minutes(1)), "metrics are in the result")
		})
	}
}

func TestTheLargerOfTwoIsWhatTheFormulaSays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	w := minutes(1)
	e, err := metricmath.Parse("(r + b + ABS(r - b)) / 2")
	require.NoError(t, err)
	for range 2000 {
		draw := func() metricmath.Datapoint {
			return metricmath.Datapoint{Value: float64(random.IntN(1000)), Present: random.IntN(3) > 0}
		}
		r, b := draw(), draw()
		metrics := metricmath.Env{}
		for id, p := range map[string]metricmath.Datapoint{"r": r, "b": b} {
			metrics[id], err = w.Series(p)
			require.NoError(t, err)
		}
		got, err := e.Eval(metrics, w)
		require.NoError(t, err)
		v, present := got.At(start.Unix())
		require.Equal(t, r.Present || b.Present, present, "%v %v", r, b)
		want := 0.0
		for _, p := range []metricmath.Datapoint{r, b} {
			if p.Present {
				want = math.Max(want, p.Value)
			}
		}
		require.Equal(t, want, v, "%v %v", r, b)
	}
}

func TestEvalAllRefuses(t *testing.T) {
	tests := map[string]struct {
		expressions []metricmath.Named
		want        string
	}{
		"itself":       {[]metricmath.Named{{"e", "e + m"}}, "expression e: depends on itself: e -> e"},
		"a circle":     {[]metricmath.Named{{"z", "x"}, {"x", "y + m"}, {"y", "x + m"}}, "expression x: depends on itself: x -> y -> x"},
		"a metric's":   {[]metricmath.Named{{"m", "1 + m"}}, "expression m: the id is taken"},
		"two of one":   {[]metricmath.Named{{"e", "m"}, {"e", "m"}}, "expression e: the id is taken"},
		"no id":        {[]metricmath.Named{{"E", "m"}}, `expression "E": is no id`},
		"syntax":       {[]metricmath.Named{{"e", "m +"}}, "expression e: metric math: character 4 is the end"},
		"unknown":      {[]metricmath.Named{{"e", "m + k"}}, "expression e: k: is no metric or expression here"},
		"period":       {[]metricmath.Named{{"e", "m"}, {"f", "m / PERIOD(e)"}}, "expression f: PERIOD: e is no metric"},
		"needs model":  {[]metricmath.Named{{"band", "ANOMALY_DETECTION_BAND(m)"}}, "expression band: ANOMALY_DETECTION_BAND needs a trained model"},
		"one's result": {[]metricmath.Named{{"e", "MAX(m)"}}, "expression e: the result is a number"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := metricmath.EvalAll(minutes(1), env(t, map[string]string{"m": "1"}), tt.expressions)
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestMETRICSIsWithoutExpressions(t *testing.T) {
	all, err := metricmath.EvalAll(minutes(2), env(t, map[string]string{"m1": "1 2", "m2": "3 -"}),
		[]metricmath.Named{{"twice", "m1 * 2"}, {"total", "SUM(METRICS())"}})
	require.NoError(t, err)
	assert.Equal(t, "4 2", text(t, all["total"], minutes(2)))
}

func TestEvalNeedsAWindow(t *testing.T) {
	e, err := metricmath.Parse("TIME_SERIES(1)")
	require.NoError(t, err)
	for want, w := range map[string]metricmath.Window{
		"window: Period is 0s, want full seconds above 0":    {Start: start, Count: 1},
		"window: Period is 1.5s, want full seconds above 0":  {Start: start, Period: 1500 * time.Millisecond, Count: 1},
		"window: Count is 0, want at least 1":                {Start: start, Period: time.Minute},
		"window: Start is 2026-03-01 10:07:00.5 +0000 UTC, ": {Start: start.Add(time.Second / 2), Period: time.Minute, Count: 1},
	} {
		_, err := e.Eval(nil, w)
		assert.ErrorContains(t, err, want)
	}
}
