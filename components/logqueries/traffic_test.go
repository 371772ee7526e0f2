package logqueries_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/logqueries"
	"evenkeel/internal/insights"
)

type rows = []map[string]any

func query(t *testing.T, key string) logqueries.Query {
	t.Helper()
	all := logqueries.Queries()
	i := slices.IndexFunc(all, func(q logqueries.Query) bool { return q.Key == key })
	require.GreaterOrEqual(t, i, 0, "no query %q", key)
	return all[i]
}

func ask(t *testing.T, text string, of []insights.Record) rows {
	t.Helper()
	q, err := insights.Parse(text)
	require.NoError(t, err)
	return q.Run(of).Rows
}

// drop takes columns away that differ from run to run, after a look at them.
func drop(t *testing.T, from rows, looks map[string]func(v any)) rows {
	t.Helper()
	for _, r := range from {
		for column, look := range looks {
			require.Contains(t, r, column)
			look(r[column])
			delete(r, column)
		}
	}
	return from
}

// Every query over what the sample API really logs.
func TestQueriesOverRealLogs(t *testing.T) {
	lines := traffic(t)
	const injected = "Something went wrong on our side: The error was injected by a drill."
	positive := func(v any) { assert.Positive(t, v) }

	t.Run("errors by route", func(t *testing.T) {
		got := drop(t, ask(t, query(t, "errors-by-route").Text, lines), map[string]func(any){"example": func(v any) {
			assert.NotEmpty(t, ask(t, trail(t, v.(string)), lines), "the example leads nowhere")
		}})
		assert.Equal(t, rows{
			{"msg": "request", "method": "GET", "route": "/v1/orders", "status": 500.0, "error": injected, "errors": 3.0},
			{"msg": "request", "method": "POST", "route": "/v1/orders", "status": 500.0, "error": injected, "errors": 1.0},
		}, got)
	})
	t.Run("slowest routes", func(t *testing.T) {
		got := ask(t, query(t, "slowest-routes").Text, lines)
		require.NotEmpty(t, got)
		// The nearest rank of 4 answers, one of them slow: the second and the last.
		assert.Less(t, got[0]["p50"], float64(slowMs))
		for _, column := range []string{"p90", "p99", "slowest"} {
			assert.GreaterOrEqual(t, got[0][column], float64(slowMs), column)
		}
		timeless := map[string]func(any){"p50": positive, "p90": positive, "p99": positive, "slowest": positive}
		drop(t, got, timeless)
		assert.Equal(t, map[string]any{"method": "GET", "route": "/v1/orders", "requests": 4.0}, got[0])
		assert.ElementsMatch(t, rows{
			{"method": "POST", "route": "/v1/orders", "requests": 7.0},
			{"method": "GET", "route": "/v1/orders/{id}", "requests": 2.0},
			{"method": "GET", "route": "unmatched", "requests": 1.0},
			{"method": "PUT", "route": "/admin/faults", "requests": 2.0},
		}, got[1:])
	})
	t.Run("request trail", func(t *testing.T) {
		got := drop(t, ask(t, trail(t, "one-failed-order"), lines), map[string]func(any){
			"durationMs": positive, "@timestamp": func(v any) { assert.Regexp(t, `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$`, v) },
		})
		assert.Equal(t, rows{{
			"level": "ERROR", "msg": "request", "method": "POST", "route": "/v1/orders", "status": 500.0, "error": injected, "fault": "error",
			"deployment": "orders-dev:8", "task": "", "zone": "", "traceId": "1-67891233-abcdef012345678912345678",
		}}, got)
	})
	t.Run("deployments against errors", func(t *testing.T) {
		got := map[string]map[string]float64{}
		for _, r := range ask(t, query(t, "deployments-vs-errors").Text, lines) {
			assert.Regexp(t, `:[0-5][05]:00\.000$`, r["period"])
			assert.InDelta(t, 100*r["errors"].(float64)/r["requests"].(float64), r["errorPercent"], 1e-9)
			assert.Equal(t, "dev", r["version"])
			d := r["deployment"].(string)
			if got[d] == nil {
				got[d] = map[string]float64{}
			}
			// The traffic may lie in two periods of five minutes.
			got[d]["requests"] += r["requests"].(float64)
			got[d]["errors"] += r["errors"].(float64)
			got[d]["slow"] = max(got[d]["slow"], r["p99"].(float64))
		}
		require.Len(t, got, 2)
		assert.Less(t, got["orders-dev:7"]["slow"], float64(slowMs))
		assert.GreaterOrEqual(t, got["orders-dev:8"]["slow"], float64(slowMs))
		delete(got["orders-dev:7"], "slow")
		delete(got["orders-dev:8"], "slow")
		assert.Equal(t, map[string]map[string]float64{
			"orders-dev:7": {"requests": 9, "errors": 0}, "orders-dev:8": {"requests": 7, "errors": 4},
		}, got)
	})
	t.Run("top talkers", func(t *testing.T) {
		got := drop(t, ask(t, query(t, "top-talkers").Text, lines), map[string]func(any){"busyMs": positive, "sentBytes": positive})
		assert.Equal(t, rows{
			{"remoteIp": "203.0.113.7", "userAgent": "shop/1.0", "requests": 11.0, "errors": 4.0},
			{"remoteIp": "198.51.100.9", "userAgent": "scanner/2.0", "requests": 3.0, "errors": 0.0},
			{"remoteIp": "127.0.0.1", "userAgent": "Go-http-client/1.1", "requests": 2.0, "errors": 0.0},
		}, got)
	})
	t.Run("metric filters", func(t *testing.T) {
		counts := map[string]int{}
		for _, f := range logqueries.Filters() {
			p, err := insights.ParsePattern(f.Pattern)
			require.NoError(t, err)
			for _, l := range lines {
				if p.Match(l) {
					counts[f.Metric]++
				}
			}
		}
		assert.Equal(t, map[string]int{"ApplicationErrors": 4}, counts)
	})
	t.Run("every field is logged", func(t *testing.T) { everyFieldIsLogged(t, lines) })
}

func trail(t *testing.T, id string) string {
	t.Helper()
	text := query(t, "request-trail").Text
	require.Equal(t, 1, strings.Count(text, logqueries.RequestIDPlaceholder))
	return strings.Replace(text, logqueries.RequestIDPlaceholder, id, 1)
}

var documentedField = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ")

// everyFieldIsLogged holds the queries and filters to what docs/own-api.md asks
// of every API and to what the sample logs.
func everyFieldIsLogged(t *testing.T, lines []insights.Record) {
	page, err := os.ReadFile("../../docs/own-api.md")
	require.NoError(t, err)
	documented := map[string]bool{}
	for _, m := range documentedField.FindAllStringSubmatch(string(page), -1) {
		documented[m[1]] = true
	}
	for owner, fields := range applicationFields(t) {
		for _, name := range fields {
			assert.True(t, documented[name], "%s reads %q, which docs/own-api.md does not ask for", owner, name)
			if name == "stack" {
				continue // only a program that panics has one
			}
			logged := slices.ContainsFunc(lines, func(l insights.Record) bool { _, ok := l.Field(name); return ok })
			assert.True(t, logged, "%s reads %q, which no line has", owner, name)
		}
	}
}

// applicationFields lists the fields of the application's log that are read,
// by the query or filter that does.
func applicationFields(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, q := range logqueries.Queries() {
		if !q.Events {
			parsed, err := insights.Parse(q.Text)
			require.NoError(t, err, q.Key)
			out[q.Key] = parsed.Fields()
		}
	}
	for _, f := range logqueries.Filters() {
		p, err := insights.ParsePattern(f.Pattern)
		require.NoError(t, err, f.Key)
		out[f.Key] = p.Fields()
	}
	return out
}

func TestPanicsAreCounted(t *testing.T) {
	lines, err := insights.ReadLines(strings.NewReader(`{"level":"ERROR","msg":"panic","requestId":"1","error":"index out of range","stack":"…"}
{"level":"ERROR","msg":"request","requestId":"1","status":500,"error":"panic: index out of range"}
{"level":"INFO","msg":"request","requestId":"2","status":404,"error":"panic"}
{"level":"WARN","msg":"faults on"}
panic: before the log was there
`))
	require.NoError(t, err)
	counts := map[string]int{}
	for _, f := range logqueries.Filters() {
		p, err := insights.ParsePattern(f.Pattern)
		require.NoError(t, err)
		for _, l := range lines {
			if p.Match(l) {
				counts[f.Metric]++
			}
		}
	}
	assert.Equal(t, map[string]int{"ApplicationErrors": 2, "Panics": 1}, counts)
}
