package metricmath

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// SyntaxError says where a text is no expression or rule, and what would be.
type SyntaxError struct {
	// Of is what was read: "metric math" or "alarm rule".
	Of string
	// Character is where the problem is; the first is 1.
	Character int
	// Found is what is there, and Want what is accepted there.
	Found, Want string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: character %d is %s, want %s", e.Of, e.Character, e.Found, e.Want)
}

const end = "the end"

// quoted shows a piece of text in a message, in one line and not too long.
func quoted(text string) string {
	if text == "" {
		return end
	}
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "..."
	}
	return strconv.Quote(text)
}

func syntaxError(of, text string, offset int, found, want string) *SyntaxError {
	return &SyntaxError{Of: of, Character: utf8.RuneCountInString(text[:offset]) + 1, Found: found, Want: want}
}

// maxDepth is how deep expressions and rules may be nested: far more than people
// write, and too little to exhaust the stack.
const maxDepth = 100
