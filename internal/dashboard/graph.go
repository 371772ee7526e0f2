package dashboard

import (
	"fmt"

	"evenkeel/internal/graph"
)

const dashboardType = "aws:cloudwatch/dashboard:Dashboard"

// FromGraph finds the stack's dashboard: its name, and its body, in which
// outputs of other resources are references like "${type::name.property}". None,
// several, and one whose body is not a text are errors.
func FromGraph(g *graph.Graph) (name string, body []byte, err error) {
	var found []graph.Resource
	for _, r := range g.Resources {
		if r.Type == dashboardType {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return "", nil, fmt.Errorf("find the dashboard of stack %s: there are %d, want one", g.Stack, len(found))
	}
	name, named := found[0].Inputs["dashboardName"].(string)
	text, rendered := found[0].Inputs["dashboardBody"].(string)
	if !named || !rendered {
		return "", nil, fmt.Errorf("find the dashboard of stack %s: %s has no name or no body", g.Stack, found[0].Ref())
	}
	return name, []byte(text), nil
}
