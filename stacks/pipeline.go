package stacks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/iampolicy"
	"evenkeel/internal/policydoc"
)

// PolicyInput is what the policies of a stack's pipeline are generated from.
// types are the Pulumi types that its program registers, as the resource graph
// or the program itself lists them; account is the account's id.
func (c *Config) PolicyInput(project, stack, account string, types []string) iampolicy.Input {
	types = slices.Clone(types)
	if len(c.Autoscaling.Schedules) > 0 {
		// No program registers them before the first image. The pipeline brings
		// that image, and cannot give itself the right to them.
		types = append(types, scheduleType)
	}
	slices.Sort(types)
	return iampolicy.Input{
		Base: c.BaseName(stack), Service: c.Service.Name, Stack: stack, Project: project,
		Region: c.AWS.Region, Account: account, Types: slices.Compact(types),
		StateBucket: c.Pipeline.StateBucket, StateKeyARN: c.Pipeline.StateKeyARN, RepositoryName: c.BaseName(stack),
	}
}

const scheduleType = "aws:appautoscaling/scheduledAction:ScheduledAction"

// watchTypes collects the type of every resource that is registered from now
// on. The SDK calls a transformation before it sends the registration, in the
// goroutine that registers, so that all of those registered before a line are
// known in the next one. What a plugin makes of a remote component is unknown
// to the program; the component's own type stands for it.
func (s *stack) watchTypes() error {
	if !s.cfg.Pipeline.GitHub.Named() {
		return nil
	}
	s.types = map[string]bool{}
	err := s.ctx.RegisterStackTransformation(func(a *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		s.types[a.Type] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("watch what the program registers: %w", err)
	}
	return nil
}

// pipeline makes the roles of the pipeline, or nothing when no repository is
// configured. It comes last, because what the roles may do depends on everything
// else.
func (s *stack) pipeline() error {
	p := s.cfg.Pipeline
	if !p.GitHub.Named() {
		return nil
	}
	for _, t := range pipelineidentity.Types(p.OIDCProviderARN == "") {
		s.types[t] = true
	}
	documents, err := iampolicy.Generate(s.cfg.PolicyInput(s.ctx.Project(), s.ctx.Stack(), s.account, slices.Sorted(maps.Keys(s.types))))
	if err != nil {
		return fmt.Errorf("generate the policies of the pipeline: %w", err)
	}
	if n := len(documents[iampolicy.Boundary]); n != 1 {
		return fmt.Errorf("generate the policies of the pipeline: the boundary has %d documents, want 1, because a role has one boundary", n)
	}
	identity, err := pipelineidentity.New(s.ctx, "pipeline", &pipelineidentity.Args{
		Name: s.name, Branch: p.Branch, Environment: p.EnvironmentName(s.ctx.Stack()), ProviderARN: p.OIDCProviderARN,
		Repository: pipelineidentity.Repository{
			Owner: p.GitHub.Owner, OwnerID: p.GitHub.OwnerID, Name: p.GitHub.Repository, ID: p.GitHub.RepositoryID,
		},
		Boundary: documents[iampolicy.Boundary][0],
		Policies: map[pipelineidentity.Role][]policydoc.Document{
			pipelineidentity.Preview: documents[iampolicy.Preview],
			pipelineidentity.Push:    documents[iampolicy.Push],
			pipelineidentity.Deploy:  documents[iampolicy.Deploy],
		},
		Protect: s.production(),
	}, s.providers)
	if err != nil {
		return err
	}
	for _, role := range pipelineidentity.Roles() {
		s.ctx.Export(string(role)+"RoleArn", identity.RoleARNs[role])
	}
	return nil
}
