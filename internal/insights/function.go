package insights

import (
	"math"
	"slices"
	"strings"
	"time"
)

// function is one that queries may call.
type function struct {
	name string
	// least and most are how many arguments it takes.
	least, most int
	// aggregates says that it takes a group of lines, in stats only.
	aggregates bool
	apply      func(s scope, args []expression) value
}

// functions by name. bin is apart: its argument is no expression.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
var functions = func() map[string]function {
	out := map[string]function{}
	for _, f := range []function{
		{name: "strcontains", least: 2, most: 2, apply: strcontains},
		{name: "ispresent", least: 1, most: 1, apply: func(s scope, args []expression) value { return args[0].value(s) != nil }},
		{name: "coalesce", least: 1, most: math.MaxInt, apply: coalesce},
		{name: "count", most: 1, aggregates: true, apply: count},
		{name: "sum", least: 1, most: 1, aggregates: true, apply: overNumbers(sum)},
		{name: "avg", least: 1, most: 1, aggregates: true, apply: overNumbers(func(n []float64) float64 { return sum(n) / float64(len(n)) })},
		{name: "min", least: 1, most: 1, aggregates: true, apply: overNumbers(slices.Min[[]float64])},
		{name: "max", least: 1, most: 1, aggregates: true, apply: overNumbers(slices.Max[[]float64])},
		{name: "pct", least: 2, most: 2, aggregates: true, apply: percentile},
		{name: "earliest", least: 1, most: 1, aggregates: true, apply: atTime(func(a, b time.Time) bool { return a.Before(b) })},
		{name: "latest", least: 1, most: 1, aggregates: true, apply: atTime(func(a, b time.Time) bool { return !a.Before(b) })},
	} {
		out[f.name] = f
	}
	return out
}()

func strcontains(s scope, args []expression) value {
	v := args[0].value(s)
	if v == nil {
		return nil
	}
	if strings.Contains(render(v), render(args[1].value(s))) {
		return 1.0
	}
	return 0.0
}

func coalesce(s scope, args []expression) value {
	for _, a := range args {
		if v := a.value(s); v != nil {
			return v
		}
	}
	return nil
}

// present lists the argument's values in the lines of the group that have one.
func present(s scope, arg expression) []value {
	var out []value
	for _, r := range s.group {
		if v := arg.value(scope{row: r}); v != nil {
			out = append(out, v)
		}
	}
	return out
}

func count(s scope, args []expression) value {
	if len(args) == 0 {
		return float64(len(s.group))
	}
	return float64(len(present(s, args[0])))
}

func numbers(s scope, arg expression) []float64 {
	var out []float64
	for _, v := range present(s, arg) {
		if n, ok := numeric(v); ok {
			out = append(out, n)
		}
	}
	return out
}

func overNumbers(of func([]float64) float64) func(scope, []expression) value {
	return func(s scope, args []expression) value {
		if n := numbers(s, args[0]); len(n) > 0 {
			return of(n)
		}
		return nil
	}
}

func sum(n []float64) float64 {
	var total float64
	for _, x := range n {
		total += x
	}
	return total
}

// percentile takes the nearest rank.
func percentile(s scope, args []expression) value {
	n := numbers(s, args[0])
	percent, ok := numeric(args[1].value(s))
	if len(n) == 0 || !ok {
		return nil
	}
	slices.Sort(n)
	rank := int(math.Ceil(percent / 100 * float64(len(n))))
	return n[min(max(rank, 1), len(n))-1]
}

// atTime takes the value of the line whose time is better than all others'.
func atTime(better func(a, b time.Time) bool) func(scope, []expression) value {
	return func(s scope, args []expression) value {
		var (
			found value
			when  time.Time
		)
		for _, r := range s.group {
			v := args[0].value(scope{row: r})
			t, ok := r["@timestamp"].(time.Time)
			if v != nil && ok && (found == nil || better(t, when)) {
				found, when = v, t
			}
		}
		return found
	}
}
