package insights_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/insights"
)

const sample = `
{"time":"2026-03-01T10:01:00.5Z","level":"INFO","route":"/a","status":200,"ms":10,"from":{"ip":"10.0.0.1"},"tags":["x","y"]}
{"time":"2026-03-01T10:02:00Z","level":"INFO","route":"/a","status":200,"ms":20}
{"time":"2026-03-01T10:04:59.999Z","level":"ERROR","route":"/a","status":500,"ms":30,"error":"boom"}
{"time":"2026-03-01T10:05:00Z","level":"ERROR","route":"/b","status":503,"ms":400,"error":"gone","odd-name":true}
{"time":"2026-03-01T10:06:00Z","level":"INFO","route":"/b","status":404,"ms":"40","error":null}
started without JSON
`

func records(t *testing.T, lines string) []insights.Record {
	t.Helper()
	out, err := insights.ReadLines(strings.NewReader(lines))
	require.NoError(t, err)
	return out
}

func run(t *testing.T, query string) *insights.Result {
	t.Helper()
	q, err := insights.Parse(query)
	require.NoError(t, err)
	return q.Run(records(t, sample))
}

type rows = []map[string]any

func TestRun(t *testing.T) {
	for name, tc := range map[string]struct {
		query string
		want  rows
	}{
		"fields": {`fields @timestamp, route, from.ip, tags.1 | filter ispresent(from.ip)`, rows{
			{"@timestamp": "2026-03-01 10:01:00.500", "route": "/a", "from.ip": "10.0.0.1", "tags.1": "y"},
		}},
		"what is shown without fields": {`filter @message like "without"`, rows{{"@message": "started without JSON"}}},
		"equal text":                   {`fields ms | filter level = "ERROR" and route = '/b'`, rows{{"ms": 400.0}}},
		"numbers in texts":             {`fields ms | filter ms >= 40 and status = 404`, rows{{"ms": "40"}}},
		"absent is not unequal":        {`fields error | filter error != "boom"`, rows{{"error": "gone"}}},
		"not":                          {`fields status | filter not level = "INFO" and ispresent(level)`, rows{{"status": 500.0}, {"status": 503.0}}},
		"and binds more than or":       {`fields status | filter status = 404 or status >= 500 and route = "/a"`, rows{{"status": 500.0}, {"status": 404.0}}},
		"parentheses":                  {`fields status | filter (status = 404 or status >= 500) and route = "/a"`, rows{{"status": 500.0}}},
		"in":                           {`fields status | filter status in [404, 503]`, rows{{"status": 503.0}, {"status": 404.0}}},
		"not in":                       {`fields status | filter status not in [404, 503, 200] and ispresent(status)`, rows{{"status": 500.0}}},
		"like a regular expression":    {`fields error | filter error like /^(?:g|x)o/`, rows{{"error": "gone"}}},
		"not like":                     {`fields error | filter error not like /oo/ and ispresent(error)`, rows{{"error": "gone"}}},
		"backticks":                    {"fields route | filter `odd-name` = \"true\"", rows{{"route": "/b"}}},
		"count and sums by a field": {
			`filter ispresent(route) and ms != 10 | stats count(*) as n, count(error) as failed, sum(strcontains(level, "ERROR")) / count(*) * 100 as percent by route`,
			rows{
				{"route": "/a", "n": 2.0, "failed": 1.0, "percent": 50.0},
				{"route": "/b", "n": 2.0, "failed": 1.0, "percent": 50.0},
			},
		},
		"numbers of a group": {
			`stats avg(ms) as mean, min(ms) as least, max(ms) as most, pct(ms, 50) as p50, pct(ms, 99) as p99, sum(ms) as total`,
			rows{{"mean": 100.0, "least": 10.0, "most": 400.0, "p50": 30.0, "p99": 400.0, "total": 500.0}},
		},
		"bins": {`filter ispresent(status) | stats count(*) as n by bin(5m) as period | sort period desc`, rows{
			{"period": "2026-03-01 10:05:00.000", "n": 2.0}, {"period": "2026-03-01 10:00:00.000", "n": 3.0},
		}},
		"first and last": {`stats earliest(route) as first, latest(error) as last`, rows{{"first": "/a", "last": "gone"}}},
		"no values":      {`stats avg(nothing) as a, count(nothing) as b`, rows{{"b": 0.0}}},
		"no lines":       {`filter route = "/none" | stats count(*) as n by route`, nil},
		"absent group":   {`filter status >= 500 | stats count(*) as n by from.ip`, rows{{"n": 2.0}}},
		"numbers are sorted after texts": {`fields coalesce(error, ms) as x | filter ispresent(status) | sort x asc | display x`, rows{
			{"x": "boom"}, {"x": "gone"}, {"x": 10.0}, {"x": 20.0}, {"x": "40"},
		}},
		"limit":      {`fields ms | sort ms desc | limit 2`, rows{{"ms": 400.0}, {"ms": "40"}}},
		"arithmetic": {`fields ms + 2 * 3 - 1 as x | filter status = 500 | display x`, rows{{"x": 35.0}}},
		"by nothing": {`fields ms / 0 as x | filter status = 500 | display x`, rows{{}}},
		"two commands of conditions": {`fields status | filter level = "ERROR"
			| filter status = 503`, rows{{"status": 503.0}}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tc.want, run(t, tc.query).Rows) })
	}
}

func TestColumns(t *testing.T) {
	assert.Equal(t, []string{"route", "n"}, run(t, `stats count(*) as n by route`).Columns)
	assert.Equal(t, []string{"ms", "route"}, run(t, `fields ms | fields route, ms`).Columns)
	assert.Equal(t, []string{"route"}, run(t, `fields ms | display route`).Columns)
}

func TestFields(t *testing.T) {
	for query, want := range map[string][]string{
		`fields @timestamp, a, b as c | filter c = d and e like /x/ | sort f`:   {"a", "b", "d", "e", "f"},
		`stats sum(strcontains(a, "x")) as n by b, bin(1h) as hour | sort hour`: {"a", "b"},
		"filter `a-b` in [1] | stats count(*) as n":                             {"a-b"},
		`fields a + 1 as a | filter a = 2`:                                      {"a"},
	} {
		q, err := insights.Parse(query)
		require.NoError(t, err, query)
		assert.Equal(t, want, q.Fields(), query)
	}
}

// Whatever CloudWatch would refuse, or take for something else.
func TestParseRefuses(t *testing.T) {
	for query, want := range map[string]string{
		``:                                     `the end is no command that is known here`,
		`dedup a`:                              `"dedup" at 0 is no command that is known here`,
		`fields a b`:                           `"b" at 9, want "|" or the end`,
		`fields a, `:                           `the end, want a field, a value or a function`,
		`fields a + 1`:                         `expression at 7 has no name, want "as" and one`,
		`fields a, a`:                          `column "a" is there twice`,
		`fields a as 1`:                        `"1" at 12, want a name after "as"`,
		`fields detail-type, x`:                `expression at 7 has no name, want "as" and one`,
		`filter a == 1`:                        `"=" at 10, want a field, a value or a function`,
		`filter a = 'x`:                        `"'" at 11 is nothing that a query can hold`,
		`filter a =~ /x/`:                      `"~" at 10 is nothing that a query can hold`,
		`filter a like b`:                      `"b" at 14, want a text or /a regular expression/ after "like"`,
		`filter a like /(/`:                    "\"(\" at 14: error parsing regexp: missing closing ): `(`",
		`filter a not 5`:                       `"5" at 13, want "like" or "in" after "not"`,
		`filter a in (1)`:                      `"(" at 12, want "["`,
		`filter (a = 1`:                        `the end, want ")"`,
		`filter count(*) > 1`:                  `"count" at 7 is for groups, want it in stats`,
		`filter substr(a, 1) = "x"`:            `"substr" at 7 is no function that is known here`,
		`filter ispresent(a, b)`:               `"ispresent" at 7 has 2 arguments`,
		`stats sum(*) as n`:                    `"*" at 10, want a field, a value or a function`,
		`stats count(*)`:                       `expression at 6 has no name, want "as" and one`,
		`stats a as b`:                         `field "a" at 6 is many in a group, want it within a function such as count`,
		`stats sum(max(a)) as n`:               `"max" at 10 is for groups, want it in stats`,
		`stats count(*) as n by bin(5) as t`:   `"5" at 27, want a length of time such as 5m`,
		`stats count(*) as n by bin(5y) as t`:  `"5y" at 27, want a length of time such as 5m`,
		`stats count(*) as n by bin(0m) as t`:  `"0m" at 27, want a length of time such as 5m`,
		`stats count(*) as n by a | sort b`:    `field "b" is gone after stats`,
		`stats count(*) as n | filter @log= 1`: `field "@log" is gone after stats`,
		`sort 5`:                               `"5" at 5, want a field to sort by`,
		`limit many`:                           `"many" at 6, want how many rows`,
		`limit 0`:                              `"0" at 6, want how many rows`,
	} {
		_, err := insights.Parse(query)
		assert.EqualError(t, err, "parse query: "+want, query)
	}
}
