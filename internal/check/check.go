// Package check collects argument errors, each addressed by the path of the
// field it is about, so that a user reads every problem at once and in the
// same order on every run.
package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Path addresses one value, for example `evenkeel:service.environment["LOG"]`.
type Path string

// Field returns the path of a struct field under p.
func (p Path) Field(name string) Path {
	if p == "" {
		return Path(name)
	}
	return p + "." + Path(name)
}

// Key returns the path of a map entry under p.
func (p Path) Key(k string) Path { return Path(fmt.Sprintf("%s[%q]", p, k)) }

// Index returns the path of a slice element under p.
func (p Path) Index(i int) Path { return Path(fmt.Sprintf("%s[%d]", p, i)) }

// Error is one problem with one field.
type Error struct {
	// Path says where.
	Path Path
	// Detail says what is wrong and what is accepted, without a full stop.
	Detail string
}

func (e *Error) Error() string { return string(e.Path) + ": " + e.Detail }

// List accumulates problems. The zero value is ready to use.
type List struct{ errs []*Error }

// Addf records a problem with the field at p.
func (l *List) Addf(p Path, format string, args ...any) {
	l.errs = append(l.errs, &Error{Path: p, Detail: fmt.Sprintf(format, args...)})
}

// Merge records every problem that err holds, each path put under p. An err
// that did not come from this package is recorded as a problem with p itself.
func (l *List) Merge(p Path, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			l.Merge(p, e)
		}
		return
	}
	var one *Error
	if !errors.As(err, &one) {
		l.Addf(p, "%v", err)
		return
	}
	at := one.Path
	if p != "" {
		at = p.Field(string(one.Path))
	}
	l.errs = append(l.errs, &Error{Path: at, Detail: one.Detail})
}

// Err returns every recorded problem joined, sorted by path, or nil.
func (l *List) Err() error {
	if len(l.errs) == 0 {
		return nil
	}
	sorted := slices.Clone(l.errs)
	slices.SortStableFunc(sorted, func(a, b *Error) int { return strings.Compare(string(a.Path), string(b.Path)) })
	joined := make([]error, len(sorted))
	for i, e := range sorted {
		joined[i] = e
	}
	return errors.Join(joined...)
}

// All returns the problems that err holds, in its order.
func All(err error) []*Error {
	var l List
	l.Merge("", err)
	return l.errs
}

// InRange records a problem unless lo <= v <= hi.
func (l *List) InRange(p Path, v, lo, hi int) {
	if v < lo || v > hi {
		l.Addf(p, "is %d, want %d to %d", v, lo, hi)
	}
}

// OneOf records a problem unless v is one of want.
func OneOf[T ~string](l *List, p Path, v T, want ...T) {
	if slices.Contains(want, v) {
		return
	}
	quoted := make([]string, len(want))
	for i, w := range want {
		quoted[i] = fmt.Sprintf("%q", string(w))
	}
	l.Addf(p, "is %q, want %s", string(v), Or(quoted))
}

// Or joins words as in "a, b or c".
func Or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
