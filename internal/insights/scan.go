package insights

import (
	"fmt"
	"regexp"
	"strings"
)

type kind int

const (
	end kind = iota
	word
	quoted // a field name in backticks
	text
	number
	span // a length of time, as 5m
	pattern
	sign
)

// token is one word of a query. at is its offset in bytes.
type token struct {
	kind kind
	text string
	at   int
}

func (t token) String() string {
	if t.kind == end {
		return "the end"
	}
	return fmt.Sprintf("%q at %d", t.text, t.at)
}

// Names may hold letters, digits, _, @ and periods; others need backticks.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
var tokens = []struct {
	kind kind
	re   *regexp.Regexp
}{
	{word, regexp.MustCompile(`^[A-Za-z_@][A-Za-z0-9_@.]*`)},
	{quoted, regexp.MustCompile("^`([^`]+)`")},
	{text, regexp.MustCompile(`^"([^"\\]*)"`)},
	{text, regexp.MustCompile(`^'([^'\\]*)'`)},
	{span, regexp.MustCompile(`^[0-9]+[a-z]+`)},
	{number, regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)?`)},
	{sign, regexp.MustCompile(`^(?:!=|<=|>=|[=<>|,()\[\]+*/-])`)},
}

// A slash begins a regular expression only after like: elsewhere it divides.
var patternToken = regexp.MustCompile(`^/((?:[^/\\]|\\.)+)/`)

func scan(query string) ([]token, error) {
	var out []token
	for at := 0; at < len(query); {
		rest := query[at:]
		if trimmed := strings.TrimLeft(rest, " \t\n"); len(trimmed) < len(rest) {
			at += len(rest) - len(trimmed)
			continue
		}
		t, length := next(rest, out)
		if length == 0 {
			return nil, fmt.Errorf("%q at %d is nothing that a query can hold", rest[:1], at)
		}
		t.at = at
		out = append(out, t)
		at += length
	}
	return append(out, token{kind: end, at: len(query)}), nil
}

// next returns the token at the beginning of rest, and its length.
func next(rest string, before []token) (token, int) {
	if n := len(before); n > 0 && before[n-1].kind == word && before[n-1].text == "like" {
		if m := patternToken.FindStringSubmatch(rest); m != nil {
			return token{kind: pattern, text: m[1]}, len(m[0])
		}
	}
	for _, known := range tokens {
		if m := known.re.FindStringSubmatch(rest); m != nil {
			return token{kind: known.kind, text: m[len(m)-1]}, len(m[0])
		}
	}
	return token{}, 0
}
