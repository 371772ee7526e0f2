package graph

import (
	"slices"
	"strconv"
	"strings"
)

// index finds what the presentation of one resource says about others.
type index struct {
	byRef     map[string]Resource
	component map[string]bool
	usedBy    map[string][]Resource
}

func newIndex(g *Graph) *index {
	x := &index{byRef: map[string]Resource{}, component: map[string]bool{}, usedBy: map[string][]Resource{}}
	for _, r := range g.Resources {
		x.byRef[r.Ref()] = r
		// Only a component has no provider, apart from the providers themselves.
		x.component[r.Ref()] = r.Provider == "" && !strings.HasPrefix(r.Type, "pulumi:providers:")
		for _, ref := range r.From() {
			x.usedBy[ref] = append(x.usedBy[ref], r)
		}
	}
	return x
}

// owner returns the outermost component of r, empty without one.
func (x *index) owner(r Resource) string {
	owner := ""
	for depth := 0; depth <= len(x.byRef); depth++ {
		if x.component[r.Ref()] {
			owner = r.Ref()
		}
		parent, ok := x.byRef[r.Parent]
		if !ok {
			break
		}
		r = parent
	}
	return owner
}

// referrers returns the resources of one type that refer to another.
func (x *index) referrers(ref, token string) []Resource {
	return slices.DeleteFunc(slices.Clone(x.usedBy[ref]), func(r Resource) bool { return r.Type != token })
}

// view is a resource with the graph around it.
type view struct {
	Resource
	*index
}

// role is what the component calls the resource: its name without the
// component's.
func (v view) role() string {
	owner := v.byRef[v.owner(v.Resource)]
	return strings.TrimPrefix(strings.TrimPrefix(v.Name, owner.Name), "-")
}

// str returns the input at a path of property names and list positions as
// text. It is empty for what is not set, no scalar, secret, or only known to
// AWS.
func (v view) str(path ...string) string {
	var at any = v.Inputs
	for _, step := range path {
		switch node := at.(type) {
		case map[string]any:
			at = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(node) {
				return ""
			}
			at = node[i]
		default:
			return ""
		}
	}
	switch s := at.(type) {
	case string:
		if strings.Contains(s, "${") || strings.HasPrefix(s, "[") {
			return ""
		}
		return s
	case float64:
		return strconv.FormatFloat(s, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(s)
	}
	return ""
}
