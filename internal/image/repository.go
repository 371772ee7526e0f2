package image

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"evenkeel/internal/graph"
)

// processors are the processor architectures of ECS, as images name them.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
// https://github.com/opencontainers/image-spec/blob/main/image-index.md
var processors = map[string]string{"ARM64": "arm64", "X86_64": "amd64"}

// Platform is what the tasks in a stack's graph run on, such as "linux/arm64".
func Platform(g *graph.Graph) (string, error) {
	out := ""
	for _, r := range g.Resources {
		if r.Type != "aws:ecs/taskDefinition:TaskDefinition" {
			continue
		}
		runtime, _ := r.Inputs["runtimePlatform"].(map[string]any)
		name, _ := runtime["cpuArchitecture"].(string)
		processor := processors[name]
		if processor == "" || out != "" {
			return "", fmt.Errorf("want one task definition, with the architecture ARM64 or X86_64, and it is %q", name)
		}
		out = "linux/" + processor
	}
	if out == "" {
		return "", errors.New("its program registers no task definition")
	}
	return out, nil
}

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

// Agreed is the one platform of several stacks, by their names: one image is
// deployed to all of them.
func Agreed(of map[string]string) (string, error) {
	out, differ := "", false
	var each []string
	for _, stack := range slices.Sorted(maps.Keys(of)) {
		differ = differ || out != "" && out != of[stack]
		out = of[stack]
		each = append(each, stack+" on "+out)
	}
	if differ {
		return "", fmt.Errorf("one image is deployed to all stacks, and their tasks run on different platforms: %s; "+
			"want the same evenkeel:service.architecture in each, or --stack with those that the image is for", strings.Join(each, ", "))
	}
	return out, nil
}
