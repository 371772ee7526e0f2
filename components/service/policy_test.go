package service_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/service"
	"evenkeel/internal/golden"
	"evenkeel/internal/pulumitest"
)

type statement struct {
	Sid, Effect      string
	Action, Resource []string
	Principal        map[string][]string
	Condition        map[string]map[string][]string
}

func policyText(t *testing.T, regs []pulumitest.Registration, typ, name, property string) string {
	t.Helper()
	text, ok := inputs(t, regs, typ, name)[property].(string)
	require.True(t, ok, "%s.%s is a text", name, property)
	return text
}

func bySid(t *testing.T, text string) map[string]statement {
	t.Helper()
	var doc struct{ Statement []statement }
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	out := map[string]statement{}
	for _, s := range doc.Statement {
		require.NotContains(t, out, s.Sid, "Sids are unique")
		out[s.Sid] = s
	}
	return out
}

func sids(m map[string]statement) (out []string) {
	for sid := range m {
		out = append(out, sid)
	}
	return out
}

func TestPolicyGoldens(t *testing.T) {
	minimal, everything := run(t, valid()), run(t, full())
	golden.Equal(t, "testdata/execution-policy.minimal.json",
		indent(t, policyText(t, minimal, policyType, "api-execution-policy", "policy")))
	golden.Equal(t, "testdata/execution-policy.full.json",
		indent(t, policyText(t, everything, policyType, "api-execution-policy", "policy")))
	golden.Equal(t, "testdata/exec-policy.json",
		indent(t, policyText(t, everything, policyType, "api-exec-policy", "policy")))
	golden.Equal(t, "testdata/trust.json",
		indent(t, policyText(t, minimal, roleType, "api-task-role", "assumeRolePolicy")))
}

func TestRolesAreForTasksOfThisAccount(t *testing.T) {
	regs := run(t, valid())
	for _, name := range []string{"api-execution-role", "api-task-role"} {
		s := bySid(t, policyText(t, regs, roleType, name, "assumeRolePolicy"))["AssumedByService"]
		assert.Equal(t, map[string][]string{"Service": {"ecs-tasks.amazonaws.com"}}, s.Principal, name)
		assert.Equal(t, map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {"111122223333"}}}, s.Condition, name)
		assert.NotContains(t, inputs(t, regs, roleType, name), "managedPolicyArns", "AWS's managed policies allow too much")
	}
	for _, r := range regs {
		assert.NotContains(t, r.Type, "PolicyAttachment", "%s: AWS's managed policies allow too much", r.Name)
	}
}

func TestExecutionPolicy(t *testing.T) {
	regs := run(t, full())
	assert.Equal(t, "${"+roleType+"::api-execution-role.name}", strings.TrimSpace(
		policyText(t, regs, policyType, "api-execution-policy", "role")))
	got := bySid(t, policyText(t, regs, policyType, "api-execution-policy", "policy"))
	assert.ElementsMatch(t, []string{"RegistryLogin", "PullImage", "WriteLogs", "ReadSecrets", "DecryptSecrets"}, sids(got))

	assert.Equal(t, []string{"ecr:GetAuthorizationToken"}, got["RegistryLogin"].Action)
	assert.Equal(t, []string{repositoryARN}, got["PullImage"].Resource)
	assert.Equal(t, []string{"${" + logType + "::api-logs.arn}:*"}, got["WriteLogs"].Resource)
	assert.Equal(t, []string{"logs:CreateLogStream", "logs:PutLogEvents"}, got["WriteLogs"].Action)
	assert.Equal(t, []string{"secretsmanager:GetSecretValue"}, got["ReadSecrets"].Action)
	assert.Equal(t, []string{secretARN, otherSecret}, got["ReadSecrets"].Resource, "each secret once, without what follows its ARN")
	assert.Equal(t, []string{"kms:Decrypt"}, got["DecryptSecrets"].Action)
	assert.Equal(t, []string{keyARN}, got["DecryptSecrets"].Resource)
	assert.Equal(t, map[string]map[string][]string{"StringEquals": {
		"kms:ViaService": {"secretsmanager.eu-west-1.amazonaws.com"},
	}}, got["DecryptSecrets"].Condition)

	for sid, s := range got {
		assert.Equal(t, "Allow", s.Effect, sid)
		for _, a := range s.Action {
			assert.NotContains(t, a, "*", "%s: actions are spelled out", sid)
		}
		if sid != "RegistryLogin" {
			assert.NotContains(t, s.Resource, "*", "%s: only the registry login has no resource", sid)
		}
	}
}

func TestExecutionPolicyWithoutSecrets(t *testing.T) {
	withKeyOnly := valid()
	withKeyOnly.SecretsKeyARN = pulumi.String(keyARN)
	for name, args := range map[string]*service.Args{"none": valid(), "a key but no secrets": withKeyOnly} {
		t.Run(name, func(t *testing.T) {
			got := bySid(t, policyText(t, run(t, args), policyType, "api-execution-policy", "policy"))
			assert.ElementsMatch(t, []string{"RegistryLogin", "PullImage", "WriteLogs"}, sids(got))
		})
	}
	reversed := valid()
	reversed.Secrets = map[string]pulumi.StringInput{"A": pulumi.String(otherSecret), "B": pulumi.String(secretARN)}
	sorted := bySid(t, policyText(t, run(t, reversed), policyType, "api-execution-policy", "policy"))
	assert.Equal(t, []string{secretARN, otherSecret}, sorted["ReadSecrets"].Resource, "sorted by ARN, whatever the variables are called")

	withoutKey := valid()
	withoutKey.Secrets = map[string]pulumi.StringInput{"DATABASE_URL": pulumi.String(secretARN)}
	got := bySid(t, policyText(t, run(t, withoutKey), policyType, "api-execution-policy", "policy"))
	assert.ElementsMatch(t, []string{"RegistryLogin", "PullImage", "WriteLogs", "ReadSecrets"}, sids(got),
		"AWS's own key needs no permission")
}

func TestExecPolicy(t *testing.T) {
	regs := run(t, full())
	assert.Equal(t, "${"+roleType+"::api-task-role.name}", policyText(t, regs, policyType, "api-exec-policy", "role"))
	got := bySid(t, policyText(t, regs, policyType, "api-exec-policy", "policy"))
	assert.ElementsMatch(t, []string{"OpenExecChannel", "FindExecLogGroup", "WriteExecLogs"}, sids(got))
	assert.Equal(t, []string{
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}, got["OpenExecChannel"].Action)
	assert.Equal(t, []string{"logs:DescribeLogGroups"}, got["FindExecLogGroup"].Action)
	assert.Equal(t, []string{"${" + logType + "::api-exec-logs.arn}:*"}, got["WriteExecLogs"].Resource)
}
