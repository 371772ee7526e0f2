package notifications_test

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

// policy returns the text of a registered policy and its statements by Sid.
func policy(t *testing.T, typeToken, child string) (string, map[string]statement) {
	t.Helper()
	text, ok := pulumitest.Find(t, run(t, minimal()), typeToken, child).Plain()["policy"].(string)
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

var (
	ofThisAccount = map[string][]string{"aws:SourceAccount": {"123456789012"}}
	forTheTopics  = map[string][]string{"kms:EncryptionContext:aws:sns:topicArn": {
		"arn:aws:sns:*:123456789012:orders-dev-page", "arn:aws:sns:*:123456789012:orders-dev-ticket",
	}}
)

func service(name string) map[string][]string {
	return map[string][]string{"Service": {name + ".amazonaws.com"}}
}

func TestTopicPolicyStatements(t *testing.T) {
	for _, role := range []string{"page", "ticket"} {
		t.Run(role, func(t *testing.T) {
			_, byID := policy(t, policyType, "notifications-"+role+"-policy")
			topic := []string{"${" + topicType + "::notifications-" + role + ".arn}"}
			publish := []string{"sns:Publish"}
			assert.Equal(t, map[string]statement{
				"PublishByAlarms": {
					Sid: "PublishByAlarms", Effect: "Allow", Principal: service("cloudwatch"), Action: publish, Resource: topic,
					Condition: map[string]map[string][]string{"StringEquals": ofThisAccount},
				},
				"PublishByBudgets": {
					Sid: "PublishByBudgets", Effect: "Allow", Principal: service("budgets"), Action: publish, Resource: topic,
					Condition: map[string]map[string][]string{"StringEquals": ofThisAccount},
				},
				"PublishByEvents": {
					Sid: "PublishByEvents", Effect: "Allow", Principal: service("events"), Action: publish, Resource: topic,
				},
				"DenyWithoutTLS": {
					Sid: "DenyWithoutTLS", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}}, Action: publish, Resource: topic,
					Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
				},
			}, byID)
		})
	}
}

func TestKeyPolicyStatements(t *testing.T) {
	_, byID := policy(t, keyType, "notifications-key")
	root := map[string][]string{"AWS": {"arn:aws:iam::123456789012:root"}}
	use, thisKey := []string{"kms:Decrypt", "kms:GenerateDataKey*"}, []string{"*"}
	require.Len(t, byID, 5)

	admin := byID["AdministrationByAccount"]
	assert.Equal(t, root, admin.Principal)
	assert.Contains(t, admin.Action, "kms:Put*", "without it nobody could change the policy again")
	delete(byID, admin.Sid)

	assert.Equal(t, map[string]statement{
		"UseByAccount": {
			Sid: "UseByAccount", Effect: "Allow", Principal: root, Action: use, Resource: thisKey,
			Condition: map[string]map[string][]string{"ArnLike": forTheTopics, "StringEquals": {"kms:CallerAccount": {"123456789012"}}},
		},
		"UseByAlarms": {
			Sid: "UseByAlarms", Effect: "Allow", Principal: service("cloudwatch"), Action: use, Resource: thisKey,
			Condition: map[string]map[string][]string{"ArnLike": forTheTopics, "StringEquals": ofThisAccount},
		},
		"UseByBudgets": {
			Sid: "UseByBudgets", Effect: "Allow", Principal: service("budgets"), Action: use, Resource: thisKey,
			Condition: map[string]map[string][]string{"ArnLike": forTheTopics, "StringEquals": ofThisAccount},
		},
		"UseByEvents": {
			Sid: "UseByEvents", Effect: "Allow", Principal: service("events"), Action: use, Resource: thisKey,
			Condition: map[string]map[string][]string{"ArnLike": forTheTopics},
		},
	}, byID)
}

// What would let somebody read or send messages that the topics do not show.
func TestKeyPolicyIsOfNoUseElsewhere(t *testing.T) {
	_, byID := policy(t, keyType, "notifications-key")
	for _, s := range byID {
		for _, members := range s.Principal {
			assert.NotContains(t, members, "*", "%s: open to everybody", s.Sid)
		}
		if _, bound := s.Condition["ArnLike"]["kms:EncryptionContext:aws:sns:topicArn"]; bound {
			continue
		}
		for _, use := range []string{
			"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ReplicateKey",
		} {
			for _, allowed := range s.Action {
				prefix, wildcard := strings.CutSuffix(allowed, "*")
				assert.False(t, allowed == use || wildcard && strings.HasPrefix(use, prefix), "%s: %s allows %s", s.Sid, allowed, use)
			}
		}
	}
}

// A service that may publish but not use the key, or the other way round,
// loses every message without a trace.
func TestWhoPublishesMayUseTheKey(t *testing.T) {
	_, keyStatements := policy(t, keyType, "notifications-key")
	_, topicStatements := policy(t, policyType, "notifications-page-policy")
	services := func(byID map[string]statement) map[string]bool {
		out := map[string]bool{}
		for _, s := range byID {
			for _, name := range s.Principal["Service"] {
				out[name] = true
			}
		}
		return out
	}
	assert.NotEmpty(t, services(topicStatements))
	assert.Equal(t, services(topicStatements), services(keyStatements))
}

// EventBridge does not say for which account it acts. Asking it to would lose
// its messages, the failed deployments among them.
func TestNothingIsAskedOfEventBridgeThatItDoesNotSay(t *testing.T) {
	_, keyStatements := policy(t, keyType, "notifications-key")
	_, topicStatements := policy(t, policyType, "notifications-page-policy")
	for _, s := range []statement{keyStatements["UseByEvents"], topicStatements["PublishByEvents"]} {
		require.Equal(t, service("events"), s.Principal)
		for _, keys := range s.Condition {
			for key := range keys {
				assert.NotContains(t, key, "aws:Source", "%s", s.Sid)
			}
		}
	}
}

func TestPoliciesGolden(t *testing.T) {
	for file, of := range map[string][2]string{
		"key-policy":   {keyType, "notifications-key"},
		"topic-policy": {policyType, "notifications-page-policy"},
	} {
		text, _ := policy(t, of[0], of[1])
		var readable bytes.Buffer
		require.NoError(t, json.Indent(&readable, []byte(text), "", "  "))
		golden.Equal(t, "testdata/"+file+".json", readable.String()+"\n")
	}
}
