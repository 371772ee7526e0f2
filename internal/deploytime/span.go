package deploytime

import (
	"fmt"
	"time"
)

// Span is a time that is known within bounds.
type Span struct{ Low, Expected, High time.Duration }

// exactly is a time that the stack itself sets.
func exactly(d time.Duration) Span { return Span{d, d, d} }

func seconds(low, expected, high int) Span {
	return Span{time.Duration(low) * time.Second, time.Duration(expected) * time.Second, time.Duration(high) * time.Second}
}

// Plus is one time after another.
func (s Span) Plus(more ...Span) Span {
	for _, m := range more {
		s = Span{s.Low + m.Low, s.Expected + m.Expected, s.High + m.High}
	}
	return s
}

// Times is n times one after another.
func (s Span) Times(n int) Span {
	d := time.Duration(n)
	return Span{s.Low * d, s.Expected * d, s.High * d}
}

// Or is both at the same time: the longer one counts.
func (s Span) Or(other Span) Span {
	return Span{max(s.Low, other.Low), max(s.Expected, other.Expected), max(s.High, other.High)}
}

// Text words a time for people: "35 s", "2 min 5 s".
func Text(d time.Duration) string {
	n := int(d.Round(time.Second).Seconds())
	switch {
	case n < 120:
		return fmt.Sprintf("%d s", n)
	case n%60 == 0:
		return fmt.Sprintf("%d min", n/60)
	}
	return fmt.Sprintf("%d min %d s", n/60, n%60)
}
