package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// finding is a kind of line in the report.
type finding int

const (
	unmatched finding = iota
	secondName
	sdkOnly
	terraformOnly
	otherKind
	renamed
	retyped
	asset
	single
	notSingle
)

var titles = [...]string{
	unmatched:     "SDK tokens without a Terraform type: not served",
	secondName:    "SDK tokens that are a second name of a Terraform type",
	sdkOnly:       "properties only the SDK has: dropped on the way in, absent on the way out",
	terraformOnly: "properties only Terraform has: out of reach of a program",
	otherKind:     "properties whose shapes do not fit",
	renamed:       "properties paired by likeness of their names",
	retyped:       "scalars of another type",
	asset:         "files that are assets or archives in the SDK",
	single:        "lists that the SDK has as a single object, against Terraform's limit",
	notSingle:     "lists of at most one that the SDK keeps as a list",
}

// Report lists what Derive could not decide by the bridge's own rules. It is checked in
// and reviewed: a new line in it may be a property that programs can no longer set.
type Report struct{ lines []line }

type line struct {
	kind   finding
	entity string
	path   string // of the enclosing object, empty at the top
	detail string
}

// at is a place in an entity.
type at struct{ entity, path string }

func (a at) child(name string) at {
	if a.path == "" {
		return at{a.entity, name}
	}
	return at{a.entity, a.path + "." + name}
}

func (r *Report) add(kind finding, entity, path, detail string) {
	r.lines = append(r.lines, line{kind, entity, path, detail})
}

// String renders the report, sorted. Types that nest in themselves repeat a finding at
// each depth: these are one line with the shallowest place and the number of others.
func (r *Report) String() string {
	type group struct{ entity, detail string }
	var b strings.Builder
	for kind, title := range titles {
		places := map[group][]string{}
		total := 0
		for _, l := range r.lines {
			if l.kind == finding(kind) {
				g := group{l.entity, l.detail}
				places[g] = append(places[g], l.path)
				total++
			}
		}
		var lines []string
		for g, paths := range places {
			slices.SortFunc(paths, shallowFirst)
			lines = append(lines, render(g.entity, g.detail, paths))
		}
		slices.Sort(lines)
		fmt.Fprintf(&b, "# %s (%d)\n%s\n", title, total, strings.Join(lines, ""))
	}
	return b.String()
}

func shallowFirst(a, b string) int {
	return cmp.Or(cmp.Compare(strings.Count(a, "."), strings.Count(b, ".")), cmp.Compare(a, b))
}

func render(entity, detail string, paths []string) string {
	out := entity
	if paths[0] != "" {
		out += " " + paths[0]
	}
	if detail != "" {
		out += ": " + detail
	}
	if n := len(paths) - 1; n > 0 {
		out += fmt.Sprintf(" (and %d deeper)", n)
	}
	return out + "\n"
}
