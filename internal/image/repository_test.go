package image_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/graph"
	"evenkeel/internal/image"
)

func TestRepository(t *testing.T) {
	t.Parallel()
	one := graph.Resource{Type: "aws:ecr/repository:Repository", Inputs: map[string]any{"name": "orders-dev"}}
	name, err := image.Repository(&graph.Graph{Resources: []graph.Resource{one}})
	require.NoError(t, err)
	assert.Equal(t, "orders-dev", name)
	for _, bad := range [][]graph.Resource{nil, {one, one}, {{Type: one.Type}}} {
		_, err := image.Repository(&graph.Graph{Resources: slices.Clone(bad)})
		assert.Error(t, err)
	}
}

func TestPlatform(t *testing.T) {
	t.Parallel()
	of := func(architectures ...string) *graph.Graph {
		g := &graph.Graph{}
		for _, a := range architectures {
			g.Resources = append(g.Resources, graph.Resource{
				Type: "aws:ecs/taskDefinition:TaskDefinition", Inputs: map[string]any{"runtimePlatform": map[string]any{"cpuArchitecture": a}},
			})
		}
		return g
	}
	for name, want := range map[string]string{"ARM64": "linux/arm64", "X86_64": "linux/amd64"} {
		got, err := image.Platform(of(name))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for want, g := range map[string]*graph.Graph{
		"registers no task definition": of(), "it is \"RISCV\"": of("RISCV"), "want one task definition": of("ARM64", "ARM64"), "it is \"\"": of(""),
	} {
		_, err := image.Platform(g)
		assert.ErrorContains(t, err, want)
	}
}

func TestAgreed(t *testing.T) {
	t.Parallel()
	got, err := image.Agreed(map[string]string{"dev": "linux/amd64", "prod": "linux/amd64"})
	require.NoError(t, err)
	assert.Equal(t, "linux/amd64", got)
	_, err = image.Agreed(map[string]string{"qa": "linux/arm64", "prod": "linux/amd64", "dev": "linux/arm64"})
	require.EqualError(t, err, "one image is deployed to all stacks, and their tasks run on different platforms: "+
		"dev on linux/arm64, prod on linux/amd64, qa on linux/arm64; want the same evenkeel:service.architecture in each, or --stack with those that the image is for")
}
