package iampolicy

import (
	"slices"
	"strconv"
	"strings"

	"evenkeel/internal/policydoc"
)

// Request is what IAM decides on: an action, on a resource, by somebody whose
// request has the context. Keys of the context are lower case.
type Request struct {
	Action, Resource string
	Context          map[string][]string
}

// Allowed decides as IAM does for one identity with these policies: an explicit
// Deny wins, and what nobody allows is denied. An operator that it does not know
// never matches in an Allow and always does in a Deny.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func Allowed(documents []policydoc.Document, r Request) bool {
	allowed := false
	for _, d := range documents {
		for _, st := range d.Statements {
			deny := st.Effect == policydoc.Deny
			if !matchesAny(st.Actions, r.Action, true) || !matchesAny(st.Resources, r.Resource, false) || !holds(st.Conditions, r.Context, deny) {
				continue
			}
			if deny {
				return false
			}
			allowed = true
		}
	}
	return allowed
}

func matchesAny(patterns []string, s string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if fold {
			return Like(strings.ToLower(p), strings.ToLower(s))
		}
		return Like(p, s)
	})
}

// Like matches a pattern of IAM's: "*" is any text, "?" any character.
func Like(pattern, s string) bool {
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return len(pattern) == len(s) && startsLike(pattern, s)
	}
	if len(s) < star || !startsLike(pattern[:star], s) {
		return false
	}
	rest := pattern[star+1:]
	for i := star; i <= len(s); i++ {
		if rest == "" || Like(rest, s[i:]) {
			return true
		}
	}
	return false
}

func startsLike(pattern, s string) bool {
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != s[i] {
			return false
		}
	}
	return true
}

// holds tells whether all conditions are met.
func holds(conditions map[string]map[string][]string, context map[string][]string, unknown bool) bool {
	for operator, keys := range conditions {
		for key, want := range keys {
			if !met(operator, context[strings.ToLower(key)], want, unknown) {
				return false
			}
		}
	}
	return true
}

// operators are those of one value.
var operators = map[string]func(pattern, s string) bool{
	"StringEquals":           func(p, s string) bool { return p == s },
	"StringEqualsIgnoreCase": strings.EqualFold,
	"StringLike":             Like,
	"ArnEquals":              Like,
	"ArnLike":                Like,
	"Bool":                   strings.EqualFold,
}

// met decides one condition. A key that the request does not have meets an
// operator with a "Not", one that ends in IfExists, and ForAllValues.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func met(operator string, got, want []string, unknown bool) bool {
	quantifier, base, ok := strings.Cut(operator, ":")
	if !ok {
		quantifier, base = "", operator
	}
	base, optional := strings.CutSuffix(base, "IfExists")
	if base == "Null" {
		return slices.Contains(want, strconv.FormatBool(len(got) == 0))
	}
	positive := strings.Replace(base, "Not", "", 1)
	negated := positive != base
	equal := operators[positive]
	if equal == nil {
		return unknown
	}
	matches := func(s string) bool {
		return slices.ContainsFunc(want, func(p string) bool { return equal(p, s) })
	}
	misses := func(s string) bool { return !matches(s) }
	switch {
	case quantifier == "ForAllValues" && negated:
		return !slices.ContainsFunc(got, matches)
	case quantifier == "ForAllValues":
		return !slices.ContainsFunc(got, misses)
	case len(got) == 0:
		return optional || negated && quantifier == ""
	case quantifier == "ForAnyValue" && negated:
		return slices.ContainsFunc(got, misses)
	case negated:
		return !slices.ContainsFunc(got, matches)
	}
	return slices.ContainsFunc(got, matches)
}
