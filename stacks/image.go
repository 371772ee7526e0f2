package stacks

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// noImage stands for the image while none was ever deployed. No task runs
// then, so that nobody ever pulls it; a task definition cannot do without.
const noImage = "sha256:0000000000000000000000000000000000000000000000000000000000000000"

// imageOutput is the stack output that holds the deployed image.
const imageOutput = "image"

// chooseImage sets the image to the configured one, or the one that this stack
// deployed last, or "" when there was none. A program that is run without an
// image in its configuration, to preview or to look for drift, then never
// proposes to take away what is running.
func (s *stack) chooseImage() error {
	var last struct {
		Outputs map[string]any `pulumi:"outputs"`
	}
	// The engine answers from the state that the update started with. A
	// StackReference would do the same, but adds a resource to the stack.
	err := s.ctx.Invoke("pulumi:pulumi:readStackOutputs", &struct {
		Name string `pulumi:"name"`
	}{s.ctx.Organization() + "/" + s.ctx.Project() + "/" + s.ctx.Stack()}, &last)
	if err != nil {
		return fmt.Errorf("look up the image that was deployed last: %w", err)
	}
	deployed, _ := last.Outputs[imageOutput].(string)
	s.image, s.serving = cmp.Or(s.cfg.Image, deployed), deployed != ""
	if s.cfg.Image == "" && deployed != "" && !digestPattern.MatchString(deployed) {
		return fmt.Errorf("the stack's output %q is %q, which is no image by digest: set %s:image", imageOutput, deployed, Namespace)
	}
	return s.checkStrategy(last.Outputs)
}

// imageReference completes a bare digest with the stack's own repository.
func (s *stack) imageReference(repositoryURL pulumi.StringOutput) pulumi.StringInput {
	switch {
	case s.image == "":
		return pulumi.Sprintf("%s@%s", repositoryURL, noImage)
	case strings.HasPrefix(s.image, "sha256:"):
		return pulumi.Sprintf("%s@%s", repositoryURL, s.image)
	}
	return pulumi.String(s.image)
}

// bounds are how many tasks may run: none while there is nothing to run.
func (s *stack) bounds() (low, high int) {
	if s.image == "" {
		return 0, 0
	}
	return s.cfg.Autoscaling.MinimumTasks, s.cfg.Autoscaling.MaximumTasks
}
