package pipelineidentity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/policydoc"
	"evenkeel/internal/pulumitest"
)

const (
	providerType   = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
	roleType       = "aws:iam/role:Role"
	policyType     = "aws:iam/policy:Policy"
	attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

	adopted = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
)

func document(sid string) policydoc.Document {
	return policydoc.Document{Statements: []policydoc.Statement{{
		Sid: sid, Actions: []string{"ecs:Describe" + sid}, Resources: []string{"arn:aws:ecs:eu-west-1:123456789012:cluster/orders"},
	}}}
}

// minimal adopts the provider, so that there is one child less.
func minimal() *pipelineidentity.Args {
	return &pipelineidentity.Args{
		Name: "orders-dev", Branch: "main", Environment: "dev", ProviderARN: adopted,
		Repository: pipelineidentity.Repository{Owner: "example", OwnerID: "9919", Name: "orders", ID: "1296269"},
		Boundary:   document("Boundary"),
		Policies: map[pipelineidentity.Role][]policydoc.Document{
			pipelineidentity.Preview: {document("Preview")},
			pipelineidentity.Push:    {document("Push")},
			pipelineidentity.Deploy:  {document("Deploy")},
		},
	}
}

func full() *pipelineidentity.Args {
	args := minimal()
	args.Name, args.ProviderARN, args.Branch, args.Environment = "orders-prod", "", "release/2027", "production"
	args.Policies[pipelineidentity.Deploy] = append(args.Policies[pipelineidentity.Deploy], document("More"))
	args.DeploySessionSeconds, args.Protect = 14400, true
	return args
}

func program(args *pipelineidentity.Args) pulumi.RunFunc {
	return pulumitest.Instances(pipelineidentity.New, args, "pipeline")
}

func run(t *testing.T, args *pipelineidentity.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, tc := range map[string]struct {
		args      *pipelineidentity.Args
		protected []string
		want      []string
	}{
		"minimal": {minimal(), nil, []string{
			policyType + " pipeline-boundary",
			policyType + " pipeline-deploy-1", policyType + " pipeline-preview-1", policyType + " pipeline-push-1",
			roleType + " pipeline-deploy", roleType + " pipeline-preview", roleType + " pipeline-push",
			attachmentType + " pipeline-deploy-1-attached", attachmentType + " pipeline-preview-1-attached", attachmentType + " pipeline-push-1-attached",
		}},
		"full": {full(), []string{providerType + " pipeline-provider"}, []string{
			providerType + " pipeline-provider",
			policyType + " pipeline-boundary",
			policyType + " pipeline-deploy-1", policyType + " pipeline-deploy-2", policyType + " pipeline-preview-1", policyType + " pipeline-push-1",
			roleType + " pipeline-deploy", roleType + " pipeline-preview", roleType + " pipeline-push",
			attachmentType + " pipeline-deploy-1-attached", attachmentType + " pipeline-deploy-2-attached",
			attachmentType + " pipeline-preview-1-attached", attachmentType + " pipeline-push-1-attached",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, pipelineidentity.TypeToken, "pipeline")
			pulumitest.ProtectsOnly(t, regs, tc.protected...)
			assert.Equal(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, pipelineidentity.TypeToken)))
		})
	}
}

// The policies are generated from what the program registers, this component
// among it, before it is registered.
func TestTypesAreWhatIsRegistered(t *testing.T) {
	for _, args := range []*pipelineidentity.Args{minimal(), full()} {
		seen := map[string]bool{}
		for _, r := range run(t, args) {
			if !strings.HasPrefix(r.Type, "pulumi:providers:") {
				seen[r.Type] = true
			}
		}
		var got []string
		for typ := range seen {
			got = append(got, typ)
		}
		assert.ElementsMatch(t, pipelineidentity.Types(args.ProviderARN == ""), got)
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, pipelineidentity.New, full(), pipelineidentity.TypeToken)
}

func TestPreviewPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, program(full()))
	assert.NotContains(t, pulumitest.Find(t, preview, roleType, "pipeline-deploy").Plain(), "assumeRolePolicy",
		"the provider was not unknown: this test tests nothing")
	assert.Contains(t, pulumitest.Find(t, preview, policyType, "pipeline-deploy-1").Plain()["policy"], "ecs:DescribeDeploy",
		"a reviewer reads in the preview what a role may do")
}

func TestProvider(t *testing.T) {
	assert.Equal(t, map[string]any{
		"url": "https://token.actions.githubusercontent.com", "clientIdLists": []any{"sts.amazonaws.com"},
	}, pulumitest.Find(t, run(t, full()), providerType, "pipeline-provider").Plain())
}

func TestRoles(t *testing.T) {
	regs := run(t, full())
	for role, seconds := range map[string]float64{"preview": 3600, "push": 3600, "deploy": 14400} {
		got := pulumitest.Find(t, regs, roleType, "pipeline-"+role).Plain()
		assert.Equal(t, "orders-prod-"+role, got["name"])
		assert.InDelta(t, seconds, got["maxSessionDuration"], 0, role)
		assert.Equal(t, "${"+policyType+"::pipeline-boundary.arn}", got["permissionsBoundary"], role)
		assert.Equal(t, "orders-prod-"+role+"-1", pulumitest.Find(t, regs, policyType, "pipeline-"+role+"-1").Plain()["name"])
		assert.Equal(t, map[string]any{
			"role": "orders-prod-" + role, "policyArn": "${" + policyType + "::pipeline-" + role + "-1.arn}",
		}, pulumitest.Find(t, regs, attachmentType, "pipeline-"+role+"-1-attached").Plain())
	}
	assert.Equal(t, "orders-prod-boundary", pulumitest.Find(t, regs, policyType, "pipeline-boundary").Plain()["name"])
	assert.InDelta(t, 21600, pulumitest.Find(t, run(t, minimal()), roleType, "pipeline-deploy").Plain()["maxSessionDuration"], 0)
}

func TestPoliciesAreThoseOfTheirRole(t *testing.T) {
	regs := run(t, full())
	for child, sid := range map[string]string{
		"boundary": "Boundary", "preview-1": "Preview", "push-1": "Push", "deploy-1": "Deploy", "deploy-2": "More",
	} {
		statements := pulumitest.Policy(t, pulumitest.Find(t, regs, policyType, "pipeline-"+child), "policy")
		require.Len(t, statements, 1, child)
		assert.Equal(t, []string{"ecs:Describe" + sid}, statements[sid].Action, child)
	}
}

func TestOutputs(t *testing.T) {
	outputs := func(args *pipelineidentity.Args) map[string]any {
		return pulumitest.Outputs(t, pipelineidentity.New, "pipeline", args, func(p *pipelineidentity.PipelineIdentity) pulumi.StringMap {
			out := pulumi.StringMap{"provider": p.ProviderARN}
			for role, arn := range p.RoleARNs {
				out[string(role)] = arn
			}
			return out
		})
	}
	want := map[string]any{"provider": "${" + providerType + "::pipeline-provider.arn}"}
	for _, role := range pipelineidentity.Roles() {
		want[string(role)] = fmt.Sprintf("${%s::pipeline-%s.arn}", roleType, role)
	}
	assert.Equal(t, want, outputs(full()))
	assert.Equal(t, adopted, outputs(minimal())["provider"])
}
