package image

import (
	"errors"

	"evenkeel/internal/graph"
)

// Repository is the name of the one ECR repository in a stack's graph.
func Repository(g *graph.Graph) (string, error) {
	out := ""
	for _, r := range g.Resources {
		if r.Type != "aws:ecr/repository:Repository" {
			continue
		}
		name, ok := r.Inputs["name"].(string)
		if !ok || name == "" || out != "" {
			return "", errors.New("want one ECR repository, with a name that the program chose")
		}
		out = name
	}
	if out == "" {
		return "", errors.New("its program registers no ECR repository")
	}
	return out, nil
}
