package e2e_test

import (
	"context"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	githubIssuer   = "token.actions.githubusercontent.com"
	githubProvider = "arn:aws:iam::123456789012:oidc-provider/" + githubIssuer

	// The network is the account's, because without the awsx plugin the emulated
	// stack has no other, and policies come from what is registered.
	pipelineConfig = `  evenkeel:network: {mode: default}
  evenkeel:pipeline:
    github: {owner: example, ownerId: "9919", repository: orders, repositoryId: "1296269"}
    stateBucket: example-pulumi-state
`
	adoptedConfig = "    oidcProviderArn: " + githubProvider + "\n"
)

// TestIdentity gives the dev stack a pipeline: with an identity provider of its
// own, then with one that the account has. Whom AWS lets in by a trust policy no
// emulation shows: moto answers every AssumeRoleWithWebIdentity.
func TestIdentity(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.edit("Pulumi.dev.yaml", "  evenkeel:secrets:", pipelineConfig+"  evenkeel:secrets:")
	var up result
	p.must(&up, "local", "up")
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	client := iam.NewFromConfig(awsConfig(up.Endpoint))

	t.Run("AWS has provider, roles and trust", func(t *testing.T) { identityOnAWS(t, client, up) })
	t.Run("policies are those that are printed", func(t *testing.T) { identityPolicies(t, p, client) })
	t.Run("a second preview changes nothing", func(t *testing.T) {
		var again result
		p.must(&again, "local", "preview", "--refresh")
		again.onlySame(t)
	})
	t.Run("a provider that is there is adopted", func(t *testing.T) { identityAdopts(t, p, client, up) })
	t.Run("down leaves what it did not make", func(t *testing.T) {
		var down result
		p.must(&down, "local", "down", "--keep-emulator")
		nothingOnAWS(t, up)
		roles, err := client.ListRoles(context.Background(), &iam.ListRolesInput{})
		require.NoError(t, err)
		assert.Empty(t, roles.Roles)
		policies, err := client.ListPolicies(context.Background(), &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal})
		require.NoError(t, err)
		assert.Empty(t, policies.Policies)
		assert.Equal(t, []string{githubProvider}, identityProviders(t, client))
		p.must(&down, "local", "down")
	})
}

func identityProviders(t *testing.T, client *iam.Client) []string {
	t.Helper()
	out, err := client.ListOpenIDConnectProviders(context.Background(), &iam.ListOpenIDConnectProvidersInput{})
	require.NoError(t, err)
	var arns []string
	for _, p := range out.OpenIDConnectProviderList {
		arns = append(arns, aws.ToString(p.Arn))
	}
	return arns
}

func identityOnAWS(t *testing.T, client *iam.Client, up result) {
	assert.Equal(t, []string{githubProvider}, identityProviders(t, client))
	provider, err := client.GetOpenIDConnectProvider(context.Background(), &iam.GetOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(githubProvider),
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"sts.amazonaws.com"}, provider.ClientIDList)
	identityRoles(t, client, up)
}

// identityAdopts lets go of the stack's own provider, for one that somebody else
// has made. One that is there and not adopted is in the way, and says so.
func identityAdopts(t *testing.T, p *testProject, client *iam.Client, up result) {
	p.edit("Pulumi.dev.yaml", pipelineConfig, pipelineConfig+adoptedConfig)
	var adopted, again result
	p.must(&adopted, "local", "up")
	assert.Equal(t, 1, adopted.Changes["delete"], "%v", adopted.Changes)
	assert.Empty(t, identityProviders(t, client))
	_, err := client.CreateOpenIDConnectProvider(context.Background(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://" + githubIssuer), ClientIDList: []string{"sts.amazonaws.com"},
	})
	require.NoError(t, err)
	identityRoles(t, client, up)

	p.edit("Pulumi.dev.yaml", adoptedConfig, "")
	refused := p.evenkeel("local", "up")
	assert.NotZero(t, refused.code)
	assert.Contains(t, refused.stdout+refused.stderr, "EntityAlreadyExists")

	p.edit("Pulumi.dev.yaml", pipelineConfig, pipelineConfig+adoptedConfig)
	p.must(&again, "local", "up")
	again = result{}
	p.must(&again, "local", "preview", "--refresh")
	again.onlySame(t)
	assert.Equal(t, []string{githubProvider}, identityProviders(t, client))
}

// identityRoles asks AWS for the roles, and holds them to the outputs.
func identityRoles(t *testing.T, client *iam.Client, up result) {
	t.Helper()
	const subject, older = "repo:example@9919/orders@1296269:", "repo:example/orders:"
	for name, want := range map[string]struct {
		contexts []string
		seconds  int32
	}{
		"preview": {[]string{"pull_request", "ref:refs/heads/main"}, 3600},
		"push":    {[]string{"ref:refs/heads/main"}, 3600},
		"deploy":  {[]string{"environment:dev"}, 21600},
	} {
		out, err := client.GetRole(context.Background(), &iam.GetRoleInput{RoleName: aws.String("orders-dev-" + name)})
		require.NoError(t, err)
		role := out.Role
		assert.Equal(t, up.Outputs[name+"RoleArn"], aws.ToString(role.Arn))
		assert.Equal(t, want.seconds, aws.ToInt32(role.MaxSessionDuration), name)
		require.NotNil(t, role.PermissionsBoundary, name)
		assert.Equal(t, "arn:aws:iam::123456789012:policy/orders-dev-boundary", aws.ToString(role.PermissionsBoundary.PermissionsBoundaryArn))

		var trust struct {
			Statement []struct {
				Effect    string
				Principal map[string][]string
				Condition map[string]map[string][]string
			}
		}
		documentOf(t, aws.ToString(role.AssumeRolePolicyDocument), &trust)
		require.Len(t, trust.Statement, 1, name)
		assert.Equal(t, map[string][]string{"Federated": {githubProvider}}, trust.Statement[0].Principal)
		var subjects []string
		for _, c := range want.contexts {
			subjects = append(subjects, subject+c, older+c)
		}
		claims := trust.Statement[0].Condition["StringEquals"]
		assert.Equal(t, subjects, claims[githubIssuer+":sub"], name)
		assert.Equal(t, []string{"sts.amazonaws.com"}, claims[githubIssuer+":aud"], name)
		assert.Equal(t, []string{"1296269"}, claims[githubIssuer+":repository_id"], name)
	}
}

// documentOf decodes a policy document, which IAM escapes as in a URL.
func documentOf(t *testing.T, text string, into any) {
	t.Helper()
	plain, err := url.QueryUnescape(text)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(plain), into), plain)
}

// identityPolicies holds what is attached to each role to what the command
// prints: the program and the command compute it apart from each other.
func identityPolicies(t *testing.T, p *testProject, client *iam.Client) {
	t.Helper()
	ctx := context.Background()
	for _, role := range []string{"preview", "push", "deploy"} {
		attached, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String("orders-dev-" + role)})
		require.NoError(t, err)
		var got []any
		for _, a := range attached.AttachedPolicies {
			got = append(got, policyDocument(t, client, aws.ToString(a.PolicyArn)))
		}
		assert.ElementsMatch(t, printedPolicies(t, p, role), got, role)
	}
	bound := policyDocument(t, client, "arn:aws:iam::123456789012:policy/orders-dev-boundary")
	assert.Equal(t, printedPolicies(t, p, "boundary"), []any{bound})
}

func policyDocument(t *testing.T, client *iam.Client, arn string) any {
	t.Helper()
	policy, err := client.GetPolicy(context.Background(), &iam.GetPolicyInput{PolicyArn: aws.String(arn)})
	require.NoError(t, err)
	version, err := client.GetPolicyVersion(context.Background(), &iam.GetPolicyVersionInput{
		PolicyArn: aws.String(arn), VersionId: policy.Policy.DefaultVersionId,
	})
	require.NoError(t, err)
	var out any
	documentOf(t, aws.ToString(version.PolicyVersion.Document), &out)
	return out
}

// printedPolicies is what `evenkeel policy` prints: a document, or a list where
// one is not enough.
func printedPolicies(t *testing.T, p *testProject, role string) []any {
	t.Helper()
	a := p.evenkeel("policy", "--stack", "dev", "--role", role)
	require.Zero(t, a.code, a.stderr)
	var out any
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &out), a.stdout)
	if list, ok := out.([]any); ok {
		return list
	}
	return []any{out}
}
