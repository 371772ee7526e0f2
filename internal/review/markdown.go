package review

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longValue is where a value in a table is cut, in characters.
const longValue = 160

// code makes a code span of any text: nothing in it is Markdown, HTML or a
// mention, and it cannot end the span or the table's cell that it is in.
// https://github.github.com/gfm/#code-spans
func code(s string) string {
	if s = oneLine(s); s == "" {
		return "–"
	}
	fence := strings.Repeat("`", longest(s, '`')+1)
	// In a cell a backslash before "|" is taken out again, also in a code span.
	s = strings.ReplaceAll(s, "|", `\|`)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// oneLine shortens a text and makes one line of it, without characters that
// are not seen, among them those that turn the direction of writing.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == utf8.RuneError:
			return '\uFFFD'
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > longValue {
		s = string([]rune(s)[:longValue-1]) + "…"
	}
	return s
}

// block is a fenced block of any text.
func block(language, s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || (unicode.IsPrint(r) && r != utf8.RuneError) {
			return r
		}
		return '\uFFFD'
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	fence := strings.Repeat("`", max(3, longest(s, '`')+1))
	return fence + language + "\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n"
}

// longest is the length of the longest run of c.
func longest(s string, c rune) int {
	most, run := 0, 0
	for _, r := range s {
		if r == c {
			run++
		} else {
			run = 0
		}
		most = max(most, run)
	}
	return most
}

// plain makes a text safe for a heading or a sentence.
func plain(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if strings.ContainsRune("\\`*_{}[]()<>#+!|~@&:", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
