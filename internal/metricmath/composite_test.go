package metricmath_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

var states = map[string]metricmath.State{
	"a": alarm, "b": ok, "c": nodata, "d": alarm,
	`a "quoted" (name), \ and all`:                       alarm,
	"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x%": ok,
}

func TestCompositeRule(t *testing.T) {
	tests := map[string]struct {
		rule, canonical string
		want            bool
	}{
		"state":           {"ALARM(a)", `ALARM("a")`, true},
		"other state":     {`OK ( "a" )`, `OK("a")`, false},
		"no data":         {"INSUFFICIENT_DATA(c)", `INSUFFICIENT_DATA("c")`, true},
		"NOT":             {"NOT ALARM(b)", `NOT ALARM("b")`, true},
		"NOT of both":     {"NOT (ALARM(b) OR ALARM(a))", `NOT (ALARM("b") OR ALARM("a"))`, false},
		"NOT binds first": {"NOT ALARM(a) AND ALARM(b) OR TRUE", `NOT ALARM("a") AND ALARM("b") OR TRUE`, true},
		"AND before OR":   {"TRUE OR TRUE AND FALSE", "TRUE OR TRUE AND FALSE", true},
		"grouped":         {"(TRUE OR TRUE) AND FALSE", "(TRUE OR TRUE) AND FALSE", false},
		"to the right":    {"TRUE AND (FALSE AND (TRUE))", "TRUE AND (FALSE AND TRUE)", false},
		"needless":        {"((FALSE OR TRUE) OR FALSE)", "FALSE OR TRUE OR FALSE", true},
		"the guide's":     {`ALARM("a") AND NOT (OK("d") OR INSUFFICIENT_DATA("b"))`, `ALARM("a") AND NOT (OK("d") OR INSUFFICIENT_DATA("b"))`, true},
		"escaped":         {`ALARM("a \"quoted\" (name), \\ and all")`, `ALARM("a \"quoted\" (name), \\ and all")`, true},
		"ARN":             {"OK(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x%)", `OK("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x%")`, true},
		"two of three":    {"AT_LEAST(2, ALARM, (a, b, d))", `AT_LEAST(2, ALARM, ("a", "b", "d"))`, true},
		"three of three":  {"AT_LEAST(3,ALARM,(a,b,d))", `AT_LEAST(3, ALARM, ("a", "b", "d"))`, false},
		"half of three":   {"AT_LEAST(50%, ALARM, (a, b, c))", `AT_LEAST(50%, ALARM, ("a", "b", "c"))`, false},
		"half of four":    {"AT_LEAST(50%, ALARM, (a, b, c, d))", `AT_LEAST(50%, ALARM, ("a", "b", "c", "d"))`, true},
		"not in a state":  {`AT_LEAST(3, NOT OK, (a, "c", d))`, `AT_LEAST(3, NOT OK, ("a", "c", "d"))`, true},
		"combined":        {"AT_LEAST(1, OK, (a, b)) AND NOT ALARM(c)", `AT_LEAST(1, OK, ("a", "b")) AND NOT ALARM("c")`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := metricmath.ParseRule(tt.rule)
			require.NoError(t, err)
			assert.Equal(t, tt.canonical, r.String())
			holds, err := r.Holds(states)
			require.NoError(t, err)
			assert.Equal(t, tt.want, holds)
			state, err := r.State(states)
			require.NoError(t, err)
			assert.Equal(t, map[bool]metricmath.State{true: alarm, false: ok}[tt.want], state)
		})
	}
}

func TestAlarmsOfARule(t *testing.T) {
	r, err := metricmath.ParseRule(`NOT ALARM(z) AND (OK("b b") OR AT_LEAST(1, OK, (z, a)) OR TRUE)`)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b b", "z"}, r.Alarms())
}

func TestARuleOfAnUnknownAlarm(t *testing.T) {
	for _, text := range []string{"ALARM(x)", "TRUE OR ALARM(x)", "ALARM(x) AND FALSE", "NOT ALARM(x)", "AT_LEAST(1, OK, (b, x))"} {
		r, err := metricmath.ParseRule(text)
		require.NoError(t, err)
		_, err = r.State(states)
		assert.EqualError(t, err, `alarm rule: "x" is not among the alarms`, text)
	}
}

func TestParseRuleRefuses(t *testing.T) {
	many := func(n int, format string) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(parts, " OR ")
	}
	tests := map[string]struct{ rule, want string }{
		"nothing":         {" ", `character 2 is the end, want ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or "("`},
		"bare name":       {"a", `character 1 is "a", want ALARM, OK`},
		"lower case":      {"alarm(a)", `character 1 is "alarm", want ALARM, OK`},
		"no parenthesis":  {"ALARM a", `character 7 is "a", want "("`},
		"no name":         {"ALARM()", `character 7 is ")", want the name of an alarm`},
		"empty name":      {`ALARM("")`, `character 7 is "\"\"", want the name of an alarm`},
		"open name":       {`ALARM("a)`, `character 7 is "\"a)", want a name that ends with a "`},
		"open":            {"(ALARM(a)", `character 10 is the end, want ")"`},
		"bare with space": {"ALARM(my alarm)", `character 10 is "alarm", want ")"`},
		"no operator":     {"ALARM(a) ALARM(b)", `character 10 is "ALARM", want AND, OR or the end`},
		"no operand":      {"ALARM(a) AND", `character 13 is the end, want ALARM`},
		"at least none":   {"AT_LEAST(0, OK, (a))", `character 10 is "0", want a number from 1, or a percentage from 1% to 100%`},
		"at least 101 %":  {"AT_LEAST(101%, OK, (a))", `character 10 is "101%", want a number from 1`},
		"at least -1":     {"AT_LEAST(+1, OK, (a))", `character 10 is "+1", want a number from 1`},
		"at least 3 of 2": {"AT_LEAST(3, OK, (a, b))", `character 10 is "3", want at most 2, the number of alarms`},
		"at least, state": {"AT_LEAST(1, NOT BAD, (a))", `character 17 is "BAD", want ALARM, OK or INSUFFICIENT_DATA`},
		"at least, none":  {"AT_LEAST(1, OK, ())", `character 18 is ")", want the name of an alarm`},
		"deep":            {strings.Repeat("NOT ", 200) + "TRUE", "want at most 100 levels of nesting"},
		"long":            {"ALARM(" + strings.Repeat("a", 10240) + ")", `is "10247 bytes", want at most 10240 bytes`},
		"children":        {many(101, "ALARM(a%d)"), "want a rule of at most 100 alarms, not 101"},
		"too many":        {strings.Repeat("TRUE OR ", 500) + "TRUE", "want a rule of at most 500 elements, not 501"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := metricmath.ParseRule(tt.rule)
			var syntax *metricmath.SyntaxError
			require.True(t, errors.As(err, &syntax), "%v", err)
			assert.ErrorContains(t, err, "alarm rule: ")
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzParseRule(f *testing.F) {
	for _, seed := range []string{
		`ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA("c c"))`, `AT_LEAST(50%, NOT OK, (a, "b\"\\"))`, `ALARM(a\) OR TRUE`, "((TRUE",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		r, err := metricmath.ParseRule(source)
		if err != nil {
			return
		}
		canonical := r.String()
		if len(canonical) > metricmath.MaxRule {
			return
		}
		again, err := metricmath.ParseRule(canonical)
		require.NoError(t, err, canonical)
		require.Equal(t, canonical, again.String())
		require.Equal(t, r.Alarms(), again.Alarms())
	})
}
