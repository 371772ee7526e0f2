package insights_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/insights"
)

func TestMatch(t *testing.T) {
	for pattern, want := range map[string][]string{
		`{ $.level = "ERROR" }`:                                        {"/a 500", "/b 503"},
		`{$.level="ERROR"&&$.status>=501}`:                             {"/b 503"},
		`{ $.status = 404 || $.level = "ERROR" && $.route = "/a" }`:    {"/a 500", "/b 404"},
		`{ ($.status = 404 || $.level = "ERROR") && $.route = "/a" }`:  {"/a 500"},
		`{ $.error != "boom" }`:                                        {"/b 503"},
		`{ $.from.ip = "10.0.0.1" }`:                                   {"/a 200"},
		`{ $.tags[1] = "y" }`:                                          {"/a 200"},
		`{ $.tags[1] = "x" }`:                                          nil,
		`{ $.status < 500 && $.ms > 10 && $.ms <= 40 && $.ms > -1.5 }`: {"/a 200", "/b 404"},
		`{ $.nothing = "" }`:                                           nil,
	} {
		p, err := insights.ParsePattern(pattern)
		require.NoError(t, err, pattern)
		var got []string
		for _, r := range records(t, sample) {
			if p.Match(r) {
				route, _ := r.Field("route")
				status, _ := r.Field("status")
				got = append(got, route+" "+status)
			}
		}
		assert.Equal(t, want, got, pattern)
	}
}

func TestPatternFields(t *testing.T) {
	p, err := insights.ParsePattern(`{ $.b = 1 || $.a[0].c = "x" }`)
	require.NoError(t, err)
	assert.Equal(t, []string{"b", "a.0.c"}, p.Fields())
}

func TestParsePatternRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		`ERROR`:                    `"ERROR" is no condition in braces`,
		`{ }`:                      `the end, want a property such as $.level`,
		`{ $.a }`:                  `the end, want a comparison`,
		`{ $.a = x }`:              `"x " is nothing that is known here`,
		`{ $.a = "x*" }`:           `"\"x*\" " is nothing that is known here`,
		`{ $.a NOT EXISTS }`:       `"NOT EXISTS " is nothing that is known here`,
		`{ $.a = "x" & $.b = 1 }`:  `"& $.b = 1 " is nothing that is known here`,
		`{ $.a = "x" $.b = 1 }`:    `"b" at 11, want the end`,
		`{ ($.a = "x" }`:           `the end, want ")"`,
		`{ $.a = $.b }`:            `"b" at 7, want a number or a "text"`,
		`{ $.a = "x" && }`:         `the end, want a property such as $.level`,
		`{ $.a = "x" || ($.b = }`:  `the end, want a number or a "text"`,
		`{ level = "ERROR" }`:      `"level = \"ERROR\" " is nothing that is known here`,
		`{ "ERROR" = $.level }`:    `"ERROR" at 1, want a property such as $.level`,
		`{ $.status >= "5" && 3 }`: `"3" at 20, want a property such as $.level`,
	} {
		_, err := insights.ParsePattern(pattern)
		assert.EqualError(t, err, "parse pattern: "+want, pattern)
	}
}

func TestField(t *testing.T) {
	r := records(t, sample)
	require.Len(t, r, 6)
	ms, ok := r[1].Field("ms")
	assert.Equal(t, "20", ms)
	assert.True(t, ok)
	_, ok = r[4].Field("error")
	assert.False(t, ok, "null is no field")
	_, ok = r[5].Field("@timestamp")
	assert.False(t, ok)
}
