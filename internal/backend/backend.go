// Package backend drives a stack in the user's own Pulumi backend and AWS
// account, through Pulumi's Automation API.
package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/goccy/go-yaml"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/local/parts"
	"evenkeel/internal/project"
)

// Options say which stack to work on.
type Options struct {
	Project *project.Project
	Stack   *project.Stack
	Program pulumi.RunFunc
	// Progress gets the engine's own output.
	Progress io.Writer
}

// Stack is a stack in the user's backend.
type Stack struct {
	options Options
	stack   auto.Stack
}

// Open selects the stack in the backend that the user is logged in to.
func Open(ctx context.Context, o Options) (*Stack, error) {
	s, err := Select(ctx, o.Project.Root, o.Stack.Name, o.Program)
	if err != nil {
		return nil, err
	}
	return &Stack{o, s}, nil
}

// Select finds a stack in the backend that PULUMI_BACKEND_URL or `pulumi login`
// names, for a program that is compiled into this one.
func Select(ctx context.Context, root, name string, program pulumi.RunFunc) (auto.Stack, error) {
	command, err := parts.UserPulumi(root)
	if err != nil {
		return auto.Stack{}, err
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(root), auto.Program(program), auto.Pulumi(command))
	if err != nil {
		return auto.Stack{}, fmt.Errorf("open the project: %w", err)
	}
	s, err := auto.SelectStack(ctx, name, ws)
	switch {
	case err == nil:
		return s, nil
	case auto.IsSelectStack404Error(err):
		return auto.Stack{}, fmt.Errorf("stack %s is not in the backend that pulumi is logged in to (`pulumi whoami --verbose` names it): "+
			"`evenkeel bootstrap --stack %[1]s` makes it, PULUMI_BACKEND_URL or `pulumi login` choose another backend", name)
	case strings.Contains(err.Error(), "PULUMI_ACCESS_TOKEN must be set"):
		return auto.Stack{}, fmt.Errorf("stack %s: pulumi is logged in to no backend: set PULUMI_BACKEND_URL, or `pulumi login` to where the stack is; "+
			"`evenkeel bootstrap --stack %[1]s` makes one in your own account", name)
	}
	return auto.Stack{}, fmt.Errorf("open stack %s: %s", name, complaint(err))
}

// complaint is what the CLI says on its standard error, without the rest of the
// Automation API's report.
func complaint(err error) string {
	_, stderr, found := strings.Cut(err.Error(), "\nstderr: ")
	if stderr = strings.TrimSpace(stderr); !found || stderr == "" {
		return err.Error()
	}
	return strings.TrimPrefix(stderr, "error: ")
}

// Outputs are those of the last update.
func (s *Stack) Outputs(ctx context.Context) (map[string]any, error) {
	out, err := s.stack.Outputs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the outputs of stack %s: %s", s.options.Stack.Name, complaint(err))
	}
	return plain(out), nil
}

func plain(out auto.OutputMap) map[string]any {
	values := map[string]any{}
	for name, v := range out {
		values[name] = v.Value
	}
	return values
}

// Update deploys the stack with an image. The stack's own file stays as it is:
// the engine gets a copy that has the image.
func (s *Stack) Update(ctx context.Context, image string) (map[string]any, error) {
	file, remove, err := s.withImage(image)
	if err != nil {
		return nil, err
	}
	defer remove()
	up, err := s.stack.Up(ctx, optup.ConfigFile(file), optup.ProgressStreams(s.options.Progress))
	switch {
	case auto.IsConcurrentUpdateError(err):
		return nil, fmt.Errorf("update stack %s: another update holds its lock. If that one was killed, `pulumi cancel --stack %[1]s` lifts the lock", s.options.Stack.Name)
	case err != nil:
		return nil, fmt.Errorf("update stack %s: %w", s.options.Stack.Name, err)
	}
	return plain(up.Outputs), nil
}

// withImage copies the stack's file and sets the image in it.
func (s *Stack) withImage(image string) (file string, remove func(), err error) {
	raw, err := os.ReadFile(filepath.Join(s.options.Project.Root, s.options.Stack.File))
	if err != nil {
		return "", nil, fmt.Errorf("read the configuration: %w", err)
	}
	doc := map[string]any{}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return "", nil, fmt.Errorf("read %s: %w", s.options.Stack.File, err)
	}
	values, ok := doc["config"].(map[string]any)
	if !ok {
		values = map[string]any{}
		doc["config"] = values
	}
	values[s.options.Project.Name+":image"] = image
	if raw, err = yaml.Marshal(doc); err != nil {
		return "", nil, fmt.Errorf("write a copy of %s: %w", s.options.Stack.File, err)
	}
	dir, err := os.MkdirTemp("", "evenkeel-release-")
	if err != nil {
		return "", nil, fmt.Errorf("write a copy of %s: %w", s.options.Stack.File, err)
	}
	remove = func() { _ = os.RemoveAll(dir) } // a temporary folder that stays does no harm
	file = filepath.Join(dir, s.options.Stack.File)
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		remove()
		return "", nil, fmt.Errorf("write a copy of %s: %w", s.options.Stack.File, err)
	}
	return file, remove, nil
}

// AWS is the user's own AWS configuration, checked for credentials.
func AWS(ctx context.Context, region string) (aws.Config, error) {
	// The SDK would write its own warnings between our lines.
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, errors.New("no AWS credentials: set AWS_PROFILE, or sign in by `aws sso login` (" + firstLine(err.Error()) + ")")
	}
	return c, nil
}

func firstLine(s string) string { line, _, _ := strings.Cut(s, "\n"); return line }
