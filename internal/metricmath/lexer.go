package metricmath

import "strings"

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	// tokenLower is an id, tokenUpper a function or keyword: ids start with a
	// lower-case letter, functions are written in upper case.
	tokenLower
	tokenUpper
	tokenText
	tokenSymbol
)

type token struct {
	kind   tokenKind
	text   string
	offset int
}

// symbols has the longer ones first.
var symbols = []string{"<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "^", "<", ">", "(", ")", "[", "]", ","}

func lex(text string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(text); {
		if strings.IndexByte(" \t\r\n", text[i]) >= 0 {
			i++
			continue
		}
		t, err := lexOne(text, i)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i += len(t.text)
	}
	return append(tokens, token{tokenEnd, "", len(text)}), nil
}

func lexOne(text string, at int) (token, error) {
	c := text[at]
	switch {
	case isDigit(c):
		return token{tokenNumber, numberAt(text[at:]), at}, nil
	case isLetter(c):
		word := text[at : at+span(text[at:], isWord)]
		if c >= 'a' && c <= 'z' {
			return token{tokenLower, word, at}, nil
		}
		return token{tokenUpper, word, at}, nil
	case c == '"':
		closing := strings.IndexByte(text[at+1:], '"')
		if closing < 0 {
			return token{}, syntaxError("metric math", text, at, quoted(text[at:]), `a text that ends with a "`)
		}
		return token{tokenText, text[at : at+closing+2], at}, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(text[at:], s) {
			return token{tokenSymbol, s, at}, nil
		}
	}
	char, _, _ := strings.Cut(strings.ToValidUTF8(text[at:], "?"), " ")
	return token{}, syntaxError("metric math", text, at, quoted(char), "an id, a number, a function or an operator")
}

// numberAt is the number that text starts with: "5", "50.25". The guide shows
// no exponents, so there are none.
func numberAt(text string) string {
	n := span(text, isDigit)
	if n+1 < len(text) && text[n] == '.' && isDigit(text[n+1]) {
		n += 1 + span(text[n+1:], isDigit)
	}
	return text[:n]
}

func span(text string, in func(byte) bool) int {
	for i := range len(text) {
		if !in(text[i]) {
			return i
		}
	}
	return len(text)
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }
