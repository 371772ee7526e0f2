// Package summary says what a stack is made of in words that somebody new to
// it understands, computed from the resources that its program registered: by
// dimension of operations, and by the facts that matter in each.
//
// The table in kinds.go maps each resource type to its dimension and to what
// there is to say about it. A type that the table does not have is counted
// under Other, so nothing is passed over.
package summary

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Dimension is one side of running an API in production.
type Dimension string

// The dimensions, in the order in which they are shown.
const (
	Deployment    Dimension = "deployment"
	Observability Dimension = "observability"
	Capacity      Dimension = "capacity"
	Cost          Dimension = "cost"
	Incidents     Dimension = "incidents"
	Security      Dimension = "security"
	// Other holds what the table does not know.
	Other Dimension = "other"
)

// Dimensions are all but Other.
var Dimensions = []Dimension{Deployment, Observability, Capacity, Cost, Incidents, Security}

// Resource is one resource of a stack.
type Resource struct {
	// Type is the Pulumi type token, Name the logical name; Parent identifies
	// the component, in whatever form, the same for all of its children.
	Type, Name, Parent string
	// ID is the provider's id, empty where there is none yet.
	ID string
	// Inputs are the inputs as plain values.
	Inputs map[string]any
}

// Section is one dimension of a stack.
type Section struct {
	Dimension Dimension `json:"dimension"`
	// Resources is how many resources of the dimension there are.
	Resources int `json:"resources"`
	// Facts are what to know about them, one a line. Empty, not null, when
	// there is nothing.
	Facts []string `json:"facts"`
}

// Of summarizes a stack. Every dimension is there, also without resources.
// Components and engine internals count as nothing: they are what holds
// resources.
func Of(resources []Resource) []Section {
	all := stack{byType: map[string][]Resource{}}
	counts := map[Dimension]int{}
	for _, r := range resources {
		if uncounted(r.Type) {
			continue
		}
		all.byType[r.Type] = append(all.byType[r.Type], r)
		counts[DimensionOf(r.Type)]++
	}
	for _, same := range all.byType {
		slices.SortFunc(same, func(a, b Resource) int { return strings.Compare(a.Name, b.Name) })
	}
	facts := map[Dimension][]string{}
	for _, k := range kinds {
		if k.tell != nil && len(all.byType[k.token]) > 0 {
			facts[k.dimension] = append(facts[k.dimension], k.tell(all, all.byType[k.token])...)
		}
	}
	for _, token := range slices.Sorted(maps.Keys(all.byType)) {
		if DimensionOf(token) == Other {
			facts[Other] = append(facts[Other], count(len(all.byType[token]), token))
		}
	}
	var out []Section
	for _, d := range append(slices.Clone(Dimensions), Other) {
		if d == Other && counts[d] == 0 {
			continue
		}
		out = append(out, Section{d, counts[d], append([]string{}, facts[d]...)})
	}
	return out
}

// DimensionOf returns the dimension of a resource type, Other for one that the
// table does not have.
func DimensionOf(token string) Dimension {
	for _, k := range kinds {
		if k.token == token {
			return k.dimension
		}
	}
	return Other
}

// uncounted are the types that only hold or make other resources.
func uncounted(token string) bool {
	return strings.HasPrefix(token, "evenkeel:components:") || token == "pulumi:pulumi:Stack" || token == "pulumi:providers:pulumi"
}

// stack is every resource, by type.
type stack struct{ byType map[string][]Resource }

// beside returns the resources of a type in the same component.
func (s stack) beside(r Resource, token string) []Resource {
	var out []Resource
	for _, other := range s.byType[token] {
		if other.Parent == r.Parent {
			out = append(out, other)
		}
	}
	return out
}

// at returns the input at a path, whose elements are names and, in lists,
// indexes; nil when there is none. Where a provider has its own inputs as JSON
// text, as the engine wants them, it is decoded on the way.
func (r Resource) at(path ...any) any {
	var v any = r.Inputs
	for _, step := range path {
		if raw, ok := v.(string); ok {
			var decoded any
			if json.Unmarshal([]byte(raw), &decoded) == nil {
				v = decoded
			}
		}
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func (r Resource) str(path ...any) string {
	s, _ := r.at(path...).(string)
	return s
}

// number returns the number at a path, -1 when there is none.
func (r Resource) number(path ...any) int {
	switch v := r.at(path...).(type) {
	case float64:
		return int(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
	}
	return -1
}

func (r Resource) list(path ...any) []any {
	out, _ := r.at(path...).([]any)
	return out
}

func (r Resource) yes(path ...any) bool { return r.at(path...) == true }

// named tells whether a reference, as an input has it, is to r: by its id, or
// as a graph writes it, ${type::name.property}.
func (r Resource) named(ref string) bool {
	return ref != "" && (ref == r.ID || strings.HasPrefix(ref, "${"+r.Type+"::"+r.Name+"."))
}
