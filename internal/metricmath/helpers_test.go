package metricmath_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

var start = time.Date(2026, 3, 1, 10, 7, 0, 0, time.UTC)

func minutes(count int) metricmath.Window {
	return metricmath.Window{Start: start, Period: time.Minute, Count: count}
}

// datapoints reads values as AWS's pages write them: "30 - 0", "-" for missing.
func datapoints(t testing.TB, text string) []metricmath.Datapoint {
	t.Helper()
	var points []metricmath.Datapoint
	for _, field := range strings.Fields(text) {
		if field == "-" {
			points = append(points, metricmath.Datapoint{})
			continue
		}
		v, err := strconv.ParseFloat(field, 64)
		require.NoError(t, err)
		points = append(points, metricmath.Value(v))
	}
	return points
}

func series(t testing.TB, text string) metricmath.Series {
	t.Helper()
	points := datapoints(t, text)
	s, err := minutes(max(1, len(points))).Series(points...)
	require.NoError(t, err)
	return s
}

// text is the inverse of series, over so many periods.
func text(t testing.TB, s metricmath.Series, w metricmath.Window) string {
	t.Helper()
	points, err := s.In(w)
	require.NoError(t, err)
	fields := make([]string, len(points))
	for i, p := range points {
		fields[i] = "-"
		if p.Present {
			fields[i] = strconv.FormatFloat(p.Value, 'g', 6, 64)
		}
	}
	return strings.Join(fields, " ")
}

func env(t testing.TB, texts map[string]string) metricmath.Env {
	t.Helper()
	e := metricmath.Env{}
	for id, values := range texts {
		e[id] = series(t, values)
	}
	return e
}

func eval(t testing.TB, expression string, metrics map[string]string, count int) string {
	t.Helper()
	e, err := metricmath.Parse(expression)
	require.NoError(t, err)
	s, err := e.Eval(env(t, metrics), minutes(count))
	require.NoError(t, err)
	return text(t, s, minutes(count))
}
