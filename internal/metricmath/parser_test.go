package metricmath_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

func TestParseIsCanonical(t *testing.T) {
	tests := map[string]string{
		"a+b*c":                "a + b * c",
		"(a+b)*c":              "(a + b) * c",
		"a-(b-c)-(d)":          "a - (b - c) - d",
		"a/(b/c)":              "a / (b / c)",
		"-(a+b)":               "-(a + b)",
		"-a^-b^2":              "-a ^ -b ^ 2",
		"(-a)^2":               "(-a) ^ 2",
		"(a^b)^c":              "(a ^ b) ^ c",
		"a - -b":               "a - -b",
		"a>1&&b<2||c==0":       "a > 1 AND b < 2 OR c == 0",
		"a AND (b OR c)":       "a AND (b OR c)",
		"(a < b) != (c >= 1)":  "(a < b) != (c >= 1)",
		"IF( a>1.50,b )":       "IF(a > 1.5, b)",
		"SUM([ a,METRICS() ])": "SUM([a, METRICS()])",
		`METRICS("5xx")/100`:   `METRICS("5xx") / 100`,
		"FILL(m1,REPEAT)\n":    "FILL(m1, REPEAT)",
		"FILL(METRICS(),0)":    "FILL(METRICS(), 0)",
		"0.10 * m1_Rate":       "0.1 * m1_Rate",
	}
	for source, want := range tests {
		t.Run(source, func(t *testing.T) {
			e, err := metricmath.Parse(source)
			require.NoError(t, err)
			assert.Equal(t, want, e.String())
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ source, want string }{
		"nothing":          {"", `character 1 is the end, want an id, a number, a function, "-", "(" or "["`},
		"no operand":       {"a + * b", `character 5 is "*", want an id, a number, a function, "-", "(" or "["`},
		"no operator":      {"a b", `character 3 is "b", want an operator or the end`},
		"open":             {"(a + b", `character 7 is the end, want ")"`},
		"closed":           {"a)", `character 2 is ")", want an operator or the end`},
		"open list":        {"SUM([a, b)", `character 10 is ")", want "]"`},
		"empty list":       {"SUM([])", `character 6 is "]", want an id`},
		"unknown function": {"ABBS(a)", `character 1 is "ABBS", want a function of CloudWatch, or an id`},
		"not here":         {"1 + SEARCH(a)", `character 5 is "SEARCH", want a function that is evaluated here`},
		"lower case":       {"abs(a)", `character 1 is "abs", want a function, in upper case`},
		"upper-case id":    {"Errors / 2", `character 1 is "Errors", want a function of CloudWatch, or an id`},
		"NOT":              {"NOT a", `character 1 is "NOT", want "x == 0" for NOT x`},
		"too few":          {"IF(a)", `character 1 is "IF", want IF with 2 or 3 arguments`},
		"too many":         {"ABS(a, b)", `character 1 is "ABS", want ABS with one argument`},
		"FILL of three":    {"FILL(a, b, c)", `character 10 is ",", want ")"`},
		"no call":          {"a + SUM", `character 8 is the end, want "("`},
		"chained":          {"1 < a < 5", `character 7 is "<", want one comparison, or AND between two`},
		"word":             {"MAX(REPEAT)", `character 5 is "REPEAT"`},
		"FILL of one":      {"FILL(a)", `character 7 is ")", want ","`},
		"PERIOD":           {"PERIOD(a + b)", `character 1 is "PERIOD", want PERIOD of the id of a metric`},
		"METRICS":          {"METRICS(a)", `character 9 is "a", want ")", or a part of ids in double quotes`},
		"text":             {`"a"`, `character 1 is "\"a\"", want an id`},
		"open text":        {`METRICS("a)`, `character 9 is "\"a)", want a text that ends with a "`},
		"character":        {"é + a", `character 1 is "é", want an id, a number, a function or an operator`},
		"after umlauts":    {`METRICS("äö") %`, `character 15 is "%"`},
		"exponent":         {"1e3", `character 2 is "e3", want an operator or the end`},
		"huge":             {strings.Repeat("9", 400), "want a number below 1.8e308"},
		"deep":             {strings.Repeat("(", 300), "want at most 100 levels of nesting"},
		"deep minus":       {strings.Repeat("-", 300) + "a", "want at most 100 levels of nesting"},
		"long":             {strings.Repeat("a+", 1024) + "a", "character 1 is the start of 2049 bytes, want at most 2048"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := metricmath.Parse(tt.source)
			var syntax *metricmath.SyntaxError
			require.True(t, errors.As(err, &syntax), "%v", err)
			assert.ErrorContains(t, err, "metric math: ")
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestIDs(t *testing.T) {
	e, err := metricmath.Parse(`IF(z > 1, -[b, a] / METRICS("c"), FILL(b, REPEAT))`)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "z"}, e.IDs())
}

// FuzzParse: no text makes it panic, what it reads it reads again from String,
// and Eval of it ends.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"(requests + bad + ABS(requests - bad)) / 2", "IF(valid >= 20, 100 * bad / valid, 0)",
		"-a ^ -2 ^ b", `SUM([METRICS("4xx"), m1]) || FILL(m1, LINEAR) && 1 != 0.5`, "((a)", "RATE(a)-MIN(b)/PERIOD(a)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := metricmath.Parse(source)
		if err != nil {
			return
		}
		canonical := e.String()
		if len(canonical) > metricmath.MaxExpression {
			return
		}
		again, err := metricmath.Parse(canonical)
		require.NoError(t, err, canonical)
		require.Equal(t, canonical, again.String())
		require.Equal(t, e.IDs(), again.IDs())
		metrics := metricmath.Env{}
		for i, id := range e.IDs() {
			metrics[id] = series(t, []string{"1 - 3", "- 2 0", "- - -"}[i%3])
		}
		before, err1 := e.Eval(metrics, minutes(3))
		after, err2 := again.Eval(metrics, minutes(3))
		require.Equal(t, err1 == nil, err2 == nil, "%v, %v", err1, err2)
		require.Equal(t, before, after)
	})
}
