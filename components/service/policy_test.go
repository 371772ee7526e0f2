package service_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/service"
	"evenkeel/internal/pulumitest"
)

// policy returns the statements of a registered policy, by Sid.
func policy(t *testing.T, regs []pulumitest.Registration, typ, name, property string) map[string]pulumitest.Statement {
	t.Helper()
	return pulumitest.Policy(t, pulumitest.Find(t, regs, typ, name), property)
}

func sids(m map[string]pulumitest.Statement) []string { return slices.Sorted(maps.Keys(m)) }

func TestPolicyGoldens(t *testing.T) {
	minimal, everything := run(t, valid()), run(t, full())
	for file, tc := range map[string]struct {
		regs                []pulumitest.Registration
		typ, name, property string
	}{
		"execution-policy.minimal": {minimal, policyType, "api-execution-policy", "policy"},
		"execution-policy.full":    {everything, policyType, "api-execution-policy", "policy"},
		"exec-policy":              {everything, policyType, "api-exec-policy", "policy"},
		"trust":                    {minimal, roleType, "api-task-role", "assumeRolePolicy"},
	} {
		pulumitest.GoldenJSON(t, "testdata/"+file+".json", pulumitest.Text(t, pulumitest.Find(t, tc.regs, tc.typ, tc.name), tc.property))
	}
}

func TestRolesAreForTasksOfThisAccount(t *testing.T) {
	regs := run(t, valid())
	for _, name := range []string{"api-execution-role", "api-task-role"} {
		s := policy(t, regs, roleType, name, "assumeRolePolicy")["AssumedByService"]
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
	assert.Equal(t, "orders-dev-execution", inputs(t, regs, roleType, "api-execution-role")["name"])
	assert.Equal(t, "orders-dev-execution", inputs(t, regs, policyType, "api-execution-policy")["role"])
	got := policy(t, regs, policyType, "api-execution-policy", "policy")
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
			got := policy(t, run(t, args), policyType, "api-execution-policy", "policy")
			assert.ElementsMatch(t, []string{"RegistryLogin", "PullImage", "WriteLogs"}, sids(got))
		})
	}
	reversed := valid()
	reversed.Secrets = map[string]pulumi.StringInput{"A": pulumi.String(otherSecret), "B": pulumi.String(secretARN)}
	sorted := policy(t, run(t, reversed), policyType, "api-execution-policy", "policy")
	assert.Equal(t, []string{secretARN, otherSecret}, sorted["ReadSecrets"].Resource, "sorted by ARN, whatever the variables are called")

	withoutKey := valid()
	withoutKey.Secrets = map[string]pulumi.StringInput{"DATABASE_URL": pulumi.String(secretARN)}
	got := policy(t, run(t, withoutKey), policyType, "api-execution-policy", "policy")
	assert.ElementsMatch(t, []string{"RegistryLogin", "PullImage", "WriteLogs", "ReadSecrets"}, sids(got),
		"AWS's own key needs no permission")
}

func TestExecPolicy(t *testing.T) {
	regs := run(t, full())
	assert.Equal(t, "orders-dev-task", inputs(t, regs, roleType, "api-task-role")["name"])
	assert.Equal(t, "orders-dev-task", inputs(t, regs, policyType, "api-exec-policy")["role"])
	got := policy(t, regs, policyType, "api-exec-policy", "policy")
	assert.ElementsMatch(t, []string{"OpenExecChannel", "FindExecLogGroup", "WriteExecLogs"}, sids(got))
	assert.Equal(t, []string{
		"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}, got["OpenExecChannel"].Action)
	assert.Equal(t, []string{"logs:DescribeLogGroups"}, got["FindExecLogGroup"].Action)
	assert.Equal(t, []string{"${" + logType + "::api-exec-logs.arn}:*"}, got["WriteExecLogs"].Resource)
}
