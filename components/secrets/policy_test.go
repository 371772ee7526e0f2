package secrets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/pulumitest"
)

func key(t *testing.T) pulumitest.Registration {
	t.Helper()
	return pulumitest.Find(t, run(t, minimal()), keyType, "secrets-key")
}

func TestKeyPolicyStatements(t *testing.T) {
	statements := pulumitest.Policy(t, key(t), "policy")
	root := map[string][]string{"AWS": {"arn:aws:iam::123456789012:root"}}
	require.Len(t, statements, 2)

	admin := statements["AdministrationByAccount"]
	assert.Equal(t, root, admin.Principal)
	assert.Contains(t, admin.Action, "kms:Put*", "without it nobody could change the policy again")

	assert.Equal(t, pulumitest.Statement{
		Sid: "UseThroughSecretsManager", Effect: "Allow", Principal: root, Resource: []string{"*"},
		Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
		Condition: map[string]map[string][]string{"StringEquals": {
			"kms:CallerAccount": {"123456789012"},
			"kms:ViaService":    {"secretsmanager.eu-west-1.amazonaws.com"},
		}},
	}, statements["UseThroughSecretsManager"])
}

// What would let somebody read a secret without asking Secrets Manager.
func TestKeyPolicyLeavesNoWayAround(t *testing.T) {
	statements := pulumitest.Policy(t, key(t), "policy")
	for _, s := range statements {
		assert.Equal(t, "Allow", s.Effect)
		for kind, members := range s.Principal {
			assert.Equal(t, "AWS", kind, "%s: no service uses the key on its own", s.Sid)
			assert.NotContains(t, members, "*", "%s: open to everybody", s.Sid)
		}
		if _, bound := s.Condition["StringEquals"]["kms:ViaService"]; bound {
			continue
		}
		for _, use := range []string{
			"kms:CreateGrant", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:Encrypt", "kms:GenerateDataKey",
			"kms:GenerateDataKeyPair", "kms:GenerateMac", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ReplicateKey", "kms:Sign",
		} {
			assert.False(t, s.Allows(use), "%s: allows %s outside Secrets Manager", s.Sid, use)
		}
	}
}

func TestKeyPolicyGolden(t *testing.T) {
	pulumitest.GoldenJSON(t, "testdata/key-policy.json", pulumitest.Text(t, key(t), "policy"))
}
