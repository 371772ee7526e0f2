package secrets_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/pulumitest"
)

type statement struct {
	Sid, Effect string
	Principal   map[string][]string
	Action      []string
	Resource    []string
	Condition   map[string]map[string][]string
}

// keyPolicy returns the text of the registered key policy and its statements
// by Sid.
func keyPolicy(t *testing.T) (string, map[string]statement) {
	t.Helper()
	text, ok := pulumitest.Find(t, run(t, minimal()), keyType, "secrets-key").Plain()["policy"].(string)
	require.True(t, ok, "the policy must be a text")
	var doc struct {
		Version   string
		Statement []statement
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&doc))
	out := map[string]statement{}
	for _, s := range doc.Statement {
		out[s.Sid] = s
	}
	require.Len(t, out, len(doc.Statement), "a Sid is used twice")
	return text, out
}

func TestKeyPolicyStatements(t *testing.T) {
	_, byID := keyPolicy(t)
	root := map[string][]string{"AWS": {"arn:aws:iam::123456789012:root"}}
	require.Len(t, byID, 2)

	admin := byID["AdministrationByAccount"]
	assert.Equal(t, root, admin.Principal)
	assert.Contains(t, admin.Action, "kms:Put*", "without it nobody could change the policy again")

	assert.Equal(t, statement{
		Sid: "UseThroughSecretsManager", Effect: "Allow", Principal: root, Resource: []string{"*"},
		Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
		Condition: map[string]map[string][]string{"StringEquals": {
			"kms:CallerAccount": {"123456789012"},
			"kms:ViaService":    {"secretsmanager.eu-west-1.amazonaws.com"},
		}},
	}, byID["UseThroughSecretsManager"])
}

// What would let somebody read a secret without asking Secrets Manager.
func TestKeyPolicyLeavesNoWayAround(t *testing.T) {
	_, byID := keyPolicy(t)
	for _, s := range byID {
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
			for _, allowed := range s.Action {
				assert.False(t, matches(allowed, use), "%s: %s allows %s outside Secrets Manager", s.Sid, allowed, use)
			}
		}
	}
}

// matches says whether an action in a policy, which may end in "*", covers one.
func matches(pattern, action string) bool {
	prefix, wildcard := strings.CutSuffix(pattern, "*")
	return pattern == action || wildcard && strings.HasPrefix(action, prefix)
}

func TestKeyPolicyGolden(t *testing.T) {
	text, _ := keyPolicy(t)
	var readable bytes.Buffer
	require.NoError(t, json.Indent(&readable, []byte(text), "", "  "))
	golden.Equal(t, "testdata/key-policy.json", readable.String()+"\n")
}
