package notifications_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/pulumitest"
)

// registered returns one child of a component with minimal args.
func registered(t *testing.T, typeToken, child string) pulumitest.Registration {
	t.Helper()
	return pulumitest.Find(t, run(t, minimal()), typeToken, child)
}

func keyPolicy(t *testing.T) map[string]pulumitest.Statement {
	t.Helper()
	return pulumitest.Policy(t, registered(t, keyType, "notifications-key"), "policy")
}

func topicPolicy(t *testing.T, role string) map[string]pulumitest.Statement {
	t.Helper()
	return pulumitest.Policy(t, registered(t, policyType, "notifications-"+role+"-policy"), "policy")
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
			topic := []string{"${" + topicType + "::notifications-" + role + ".arn}"}
			publish := []string{"sns:Publish"}
			assert.Equal(t, map[string]pulumitest.Statement{
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
			}, topicPolicy(t, role))
		})
	}
}

func TestKeyPolicyStatements(t *testing.T) {
	statements := keyPolicy(t)
	root := map[string][]string{"AWS": {"arn:aws:iam::123456789012:root"}}
	use, thisKey := []string{"kms:Decrypt", "kms:GenerateDataKey*"}, []string{"*"}
	require.Len(t, statements, 5)

	admin := statements["AdministrationByAccount"]
	assert.Equal(t, root, admin.Principal)
	assert.Contains(t, admin.Action, "kms:Put*", "without it nobody could change the policy again")
	delete(statements, admin.Sid)

	assert.Equal(t, map[string]pulumitest.Statement{
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
	}, statements)
}

// What would let somebody read or send messages that the topics do not show.
func TestKeyPolicyIsOfNoUseElsewhere(t *testing.T) {
	statements := keyPolicy(t)
	for _, s := range statements {
		for _, members := range s.Principal {
			assert.NotContains(t, members, "*", "%s: open to everybody", s.Sid)
		}
		if _, bound := s.Condition["ArnLike"]["kms:EncryptionContext:aws:sns:topicArn"]; bound {
			continue
		}
		for _, use := range []string{
			"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ReplicateKey",
		} {
			assert.False(t, s.Allows(use), "%s: allows %s", s.Sid, use)
		}
	}
}

// A service that may publish but not use the key, or the other way round,
// loses every message without a trace.
func TestWhoPublishesMayUseTheKey(t *testing.T) {
	keyStatements, topicStatements := keyPolicy(t), topicPolicy(t, "page")
	services := func(statements map[string]pulumitest.Statement) map[string]bool {
		out := map[string]bool{}
		for _, s := range statements {
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
	keyStatements, topicStatements := keyPolicy(t), topicPolicy(t, "page")
	for _, s := range []pulumitest.Statement{keyStatements["UseByEvents"], topicStatements["PublishByEvents"]} {
		require.Equal(t, service("events"), s.Principal)
		for _, keys := range s.Condition {
			for key := range keys {
				assert.NotContains(t, key, "aws:Source", "%s", s.Sid)
			}
		}
	}
}

func TestPoliciesGolden(t *testing.T) {
	for file, of := range map[string]pulumitest.Registration{
		"key-policy":   registered(t, keyType, "notifications-key"),
		"topic-policy": registered(t, policyType, "notifications-page-policy"),
	} {
		pulumitest.GoldenJSON(t, "testdata/"+file+".json", pulumitest.Text(t, of, "policy"))
	}
}
