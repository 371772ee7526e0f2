package pipelineidentity

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/policydoc"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:PipelineIdentity"

// PipelineIdentity is the component.
type PipelineIdentity struct {
	pulumi.ResourceState

	// ProviderARN is GitHub's identity provider in the account.
	ProviderARN pulumi.StringOutput
	// RoleARNs are the roles, for the settings of the repository.
	RoleARNs map[Role]pulumi.StringOutput
}

// Types lists the Pulumi types that the component registers, itself included.
// Whoever generates policies from what a program registers needs them before
// the component can be made.
func Types(createsProvider bool) []string {
	types := []string{
		TypeToken, "aws:iam/policy:Policy", "aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
	}
	if createsProvider {
		types = append(types, "aws:iam/openIdConnectProvider:OpenIdConnectProvider")
	}
	return types
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*PipelineIdentity, error) {
	if args == nil {
		return nil, errors.New("pipelineidentity: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("pipelineidentity %q: %w", name, err)
	}
	c := &PipelineIdentity{RoleARNs: map[Role]pulumi.StringOutput{}}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	b := &builder{ctx: ctx, parent: c, name: name, args: args}
	if err := b.provider(); err != nil {
		return nil, err
	}
	bound, err := b.policy(boundary, args.Name+"-"+boundary, "The most that the roles of the pipeline of "+args.Name+" can do", args.Boundary)
	if err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"providerArn": c.ProviderARN}
	for _, role := range Roles() {
		if c.RoleARNs[role], err = b.role(role, bound); err != nil {
			return nil, err
		}
		outputs[string(role)+"RoleArn"] = c.RoleARNs[role]
	}
	if err := ctx.RegisterResourceOutputs(c, outputs); err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

// builder registers the children.
type builder struct {
	ctx    *pulumi.Context
	parent *PipelineIdentity
	name   string
	args   *Args
}

// provider creates GitHub's identity provider, or takes the one there is.
func (b *builder) provider() error {
	if b.args.ProviderARN != "" {
		b.parent.ProviderARN = pulumi.String(b.args.ProviderARN).ToStringOutput()
		return nil
	}
	child := b.name + "-provider"
	p, err := iam.NewOpenIdConnectProvider(b.ctx, child, &iam.OpenIdConnectProviderArgs{
		Url: pulumi.String("https://" + issuer), ClientIdLists: pulumi.StringArray{pulumi.String(audience)},
	}, pulumi.Parent(b.parent), pulumi.Protect(b.args.Protect))
	if err != nil {
		return fmt.Errorf("create identity provider %s: %w", child, err)
	}
	b.parent.ProviderARN = p.Arn
	return nil
}

// role makes one role with its policies, and returns its ARN.
func (b *builder) role(role Role, bound *iam.Policy) (pulumi.StringOutput, error) {
	child, session := b.name+"-"+string(role), minSession
	if role == Deploy {
		session = cmp.Or(b.args.DeploySessionSeconds, DefaultDeploySessionSeconds)
	}
	trust := b.parent.ProviderARN.ApplyT(func(arn string) (string, error) { return b.args.trust(role, arn) }).(pulumi.StringOutput)
	r, err := iam.NewRole(b.ctx, child, &iam.RoleArgs{
		Name:                pulumi.String(b.args.Name + "-" + string(role)),
		Description:         pulumi.String(description(role, b.args.Name)),
		AssumeRolePolicy:    trust,
		MaxSessionDuration:  pulumi.Int(session),
		PermissionsBoundary: bound.Arn,
	}, pulumi.Parent(b.parent))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("create role %s: %w", child, err)
	}
	for i, d := range b.args.Policies[role] {
		if err := b.attached(r, role, i, d); err != nil {
			return pulumi.StringOutput{}, err
		}
	}
	return r.Arn, nil
}

func description(role Role, name string) string {
	return map[Role]string{
		Preview: "Pull requests: says what an update of " + name + " would change",
		Push:    "The pipeline: pushes images of " + name,
		Deploy:  "The pipeline: updates " + name,
	}[role]
}

// attached makes one of a role's policies. They are numbered, because that is
// all there is to tell them apart: another number of them changes the last ones
// only.
func (b *builder) attached(to *iam.Role, role Role, i int, d policydoc.Document) error {
	of := fmt.Sprintf("%s-%d", role, i+1)
	p, err := b.policy(of, b.args.policyName(role, i), fmt.Sprintf("%s, part %d", description(role, b.args.Name), i+1), d)
	if err != nil {
		return err
	}
	child := b.name + "-" + of + "-attached"
	_, err = iam.NewRolePolicyAttachment(b.ctx, child, &iam.RolePolicyAttachmentArgs{Role: to.Name, PolicyArn: p.Arn}, pulumi.Parent(b.parent))
	if err != nil {
		return fmt.Errorf("attach policy %s: %w", child, err)
	}
	return nil
}

func (b *builder) policy(of, name, about string, d policydoc.Document) (*iam.Policy, error) {
	text, err := d.JSON()
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", name, err)
	}
	child := b.name + "-" + of
	p, err := iam.NewPolicy(b.ctx, child, &iam.PolicyArgs{
		Name: pulumi.String(name), Description: pulumi.String(about), Policy: pulumi.String(text),
	}, pulumi.Parent(b.parent))
	if err != nil {
		return nil, fmt.Errorf("create policy %s: %w", child, err)
	}
	return p, nil
}
