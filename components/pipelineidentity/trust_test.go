package pipelineidentity_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/pulumitest"
)

func trust(t *testing.T, args *pipelineidentity.Args, role pipelineidentity.Role) pulumitest.Statement {
	t.Helper()
	statements := pulumitest.Policy(t, pulumitest.Find(t, run(t, args), roleType, "pipeline-"+string(role)), "assumeRolePolicy")
	require.Len(t, statements, 1)
	return statements["AssumedByGitHubActions"]
}

const claim = "token.actions.githubusercontent.com:"

func TestTrust(t *testing.T) {
	for role, want := range map[pipelineidentity.Role]map[string][]string{
		pipelineidentity.Preview: {claim + "sub": {
			"repo:example@9919/orders@1296269:pull_request", "repo:example/orders:pull_request",
			"repo:example@9919/orders@1296269:ref:refs/heads/release/2027", "repo:example/orders:ref:refs/heads/release/2027",
		}},
		pipelineidentity.Push: {claim + "sub": {
			"repo:example@9919/orders@1296269:ref:refs/heads/release/2027", "repo:example/orders:ref:refs/heads/release/2027",
		}},
		pipelineidentity.Deploy: {
			claim + "sub": {"repo:example@9919/orders@1296269:environment:production", "repo:example/orders:environment:production"},
			claim + "ref": {"refs/heads/release/2027"},
		},
	} {
		t.Run(string(role), func(t *testing.T) {
			want[claim+"aud"], want[claim+"repository_id"] = []string{"sts.amazonaws.com"}, []string{"1296269"}
			assert.Equal(t, pulumitest.Statement{
				Sid: "AssumedByGitHubActions", Effect: "Allow", Action: []string{"sts:AssumeRoleWithWebIdentity"},
				Principal: map[string][]string{"Federated": {"${" + providerType + "::pipeline-provider.arn}"}},
				Condition: map[string]map[string][]string{"StringEquals": want},
			}, trust(t, full(), role))
		})
	}
	assert.Equal(t, map[string][]string{"Federated": {adopted}}, trust(t, minimal(), pipelineidentity.Push).Principal)
}

// What another repository, branch or kind of job would need to get in.
func TestNothingIsTrustedByAPattern(t *testing.T) {
	for _, role := range pipelineidentity.Roles() {
		s := trust(t, full(), role)
		require.Len(t, s.Condition, 1, "only StringEquals: no pattern, and no operator that holds when a claim is missing")
		for key, values := range s.Condition["StringEquals"] {
			assert.NotEmpty(t, values, key)
			for _, v := range values {
				assert.NotRegexp(t, `[*?]|\$\{`, v, key)
			}
		}
	}
}

// A pull request runs code that nobody has reviewed.
func TestPullRequestsOnlyPreview(t *testing.T) {
	for _, role := range []pipelineidentity.Role{pipelineidentity.Push, pipelineidentity.Deploy} {
		for _, subject := range trust(t, full(), role).Condition["StringEquals"][claim+"sub"] {
			assert.NotContains(t, subject, "pull_request", role)
		}
	}
}

// With the longest names that are accepted, IAM must still accept the policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func TestTrustFitsTheQuota(t *testing.T) {
	args := full()
	args.Repository = pipelineidentity.Repository{
		Owner: strings.Repeat("o", 39), OwnerID: "9" + strings.Repeat("0", 18), Name: strings.Repeat("r", 100), ID: "9" + strings.Repeat("0", 18),
	}
	args.Branch, args.Environment = strings.Repeat("b", 100), strings.Repeat("e", 100)
	require.NoError(t, args.Validate())
	for _, role := range pipelineidentity.Roles() {
		text := pulumitest.Text(t, pulumitest.Find(t, run(t, args), roleType, "pipeline-"+string(role)), "assumeRolePolicy")
		assert.LessOrEqual(t, len(regexp.MustCompile(`\s`).ReplaceAllString(text, "")), 2048, role)
	}
}

func TestTrustGolden(t *testing.T) {
	for _, role := range pipelineidentity.Roles() {
		r := pulumitest.Find(t, run(t, full()), roleType, "pipeline-"+string(role))
		pulumitest.GoldenJSON(t, "testdata/trust-"+string(role)+".json", pulumitest.Text(t, r, "assumeRolePolicy"))
	}
}
