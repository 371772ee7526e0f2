package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"

	"evenkeel/internal/graph"
	"evenkeel/internal/local"
	"evenkeel/internal/local/parts"
	"evenkeel/internal/project"
)

// OperateCommand is the name of the command that runs Operate.
const OperateCommand = "operate"

// stackName is the name of the stack with services.
func stackName(services int) string { return "bench-" + strconv.Itoa(services) }

// Operate does one step with Program, in the project that it is started in,
// as bin/evenkeel does it with the product's program. executable is the
// program that is started again as the emulator. The result goes to out as
// JSON, progress to progress.
func Operate(ctx context.Context, services int, step Step, executable string, out, progress io.Writer) error {
	p, err := project.Find(".")
	if err != nil {
		return err
	}
	name := stackName(services)
	stack := &project.Stack{
		Name: name, File: "Pulumi." + name + ".yaml",
		// Not for the program, but for the local engine, which reads the region.
		Config: map[string]string{p.Name + ":aws": `{"region":"` + region + `"}`, p.Name + ":network": `{"mode":"default"}`},
	}
	build := func(config map[string]string) (*graph.Graph, error) {
		return graph.Build(graph.Source{Program: Program(services), Project: p.Name, Stack: name, Config: config})
	}
	if step == Graph {
		g, err := build(stack.Config)
		if err != nil {
			return err
		}
		return g.WriteJSON(out)
	}
	parts.ScrubEnviron()
	req := &local.Request{
		Project: p, Stack: stack, Program: Program(services), Executable: executable,
		Count: func(config map[string]string) int {
			g, err := build(config)
			if err != nil {
				return 0 // the deployment will say why
			}
			return len(g.Resources) + 1
		},
		Report: &local.Reporter{Out: progress},
	}
	result, err := operate(ctx, req, step)
	if err != nil {
		return err
	}
	return result.WriteJSON(out)
}

func operate(ctx context.Context, req *local.Request, step Step) (*local.Result, error) {
	switch step {
	case FirstPreview, SamePreview:
		return local.Preview(ctx, req, false)
	case Up, SameUp:
		return local.Up(ctx, req, local.UpOptions{})
	case Down:
		return local.Down(ctx, req, local.DownOptions{})
	default:
		return nil, fmt.Errorf("--step: is %q, want one of %v", step, Steps())
	}
}

// Prepare finds the local engine's parts, and builds or downloads those that
// are missing, so that no measurement does.
func Prepare(ctx context.Context, root string, progress io.Writer) error {
	_, err := parts.Find(ctx, parts.Options{Root: root, Progress: &local.Reporter{Out: progress}})
	return err
}

// Executable is the product's own command in a checkout.
func Executable(root string) (string, error) {
	file := root + "/bin/evenkeel"
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("find the command to measure (%w): `make build` makes it", err)
	}
	return file, nil
}
