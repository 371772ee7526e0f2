package notifications_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/notifications"
	"evenkeel/internal/pulumitest"
)

const (
	keyType          = "aws:kms/key:Key"
	aliasType        = "aws:kms/alias:Alias"
	topicType        = "aws:sns/topic:Topic"
	policyType       = "aws:sns/topicPolicy:TopicPolicy"
	chatType         = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"

	// integrationKey is the part of the endpoint that nobody may see.
	integrationKey = "0a1b2c3d4e5f"
	endpoint       = "https://events.example.com/integration/" + integrationKey + "/enqueue"
)

func minimal() *notifications.Args {
	return &notifications.Args{Name: "orders-dev", AccountID: pulumi.String("123456789012")}
}

func full() *notifications.Args {
	return &notifications.Args{
		Name: "orders-prod", AccountID: pulumi.String("123456789012"),
		Page:   notifications.Targets{Emails: []string{"oncall@example.com", "lead@example.com"}, HTTPS: []string{endpoint}},
		Ticket: notifications.Targets{Emails: []string{"oncall@example.com"}},
		Chat:   &notifications.Chat{Workspace: "T07EA123LEP", Channel: "C07EZ1ABC23"},
	}
}

func program(args *notifications.Args) pulumi.RunFunc {
	return pulumitest.Instances(notifications.New, args, "notifications")
}

func run(t *testing.T, args *notifications.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, tc := range map[string]struct {
		args *notifications.Args
		want []string
	}{
		"minimal": {minimal(), []string{
			aliasType + " notifications-alias", keyType + " notifications-key",
			topicType + " notifications-page", topicType + " notifications-ticket",
			policyType + " notifications-page-policy", policyType + " notifications-ticket-policy",
		}},
		"full": {full(), []string{
			chatType + " notifications-chat",
			"aws:iam/role:Role notifications-chat-role", "aws:iam/rolePolicy:RolePolicy notifications-chat-policy",
			aliasType + " notifications-alias", keyType + " notifications-key",
			topicType + " notifications-page", topicType + " notifications-ticket",
			policyType + " notifications-page-policy", policyType + " notifications-ticket-policy",
			subscriptionType + " notifications-page-email-9fbdefe2",
			subscriptionType + " notifications-page-email-d876c66b",
			subscriptionType + " notifications-page-https-33f9fddb",
			subscriptionType + " notifications-ticket-email-d876c66b",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, notifications.TypeToken, "notifications")
			assert.Equal(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, notifications.TypeToken)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, notifications.New, full(), notifications.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(notifications.New, "notifications", func(source *sns.Topic) *notifications.Args {
		args := full()
		args.AccountID = source.Arn
		return args
	}))
	assert.NotContains(t, pulumitest.Find(t, preview, keyType, "notifications-key").Plain(), "policy", "the account was not unknown: this test tests nothing")
}

func TestTopicsAreEncryptedWithTheirOwnKey(t *testing.T) {
	regs := run(t, minimal())
	for _, role := range []string{"page", "ticket"} {
		assert.Equal(t, map[string]any{
			"name":           "orders-dev-" + role,
			"displayName":    "orders-dev " + role,
			"kmsMasterKeyId": "${" + keyType + "::notifications-key.arn}",
		}, pulumitest.Find(t, regs, topicType, "notifications-"+role).Plain())
		assert.Equal(t, "${"+topicType+"::notifications-"+role+".arn}",
			pulumitest.Find(t, regs, policyType, "notifications-"+role+"-policy").Plain()["arn"])
	}
	key := pulumitest.Find(t, regs, keyType, "notifications-key").Plain()
	assert.Equal(t, true, key["enableKeyRotation"])
	assert.EqualValues(t, 7, key["deletionWindowInDays"])
	assert.Equal(t, map[string]any{
		"name": "alias/orders-dev-notifications", "targetKeyId": "${" + keyType + "::notifications-key.keyId}",
	}, pulumitest.Find(t, regs, aliasType, "notifications-alias").Plain())
}

// Whoever is in the channel may look at alarms, and do nothing.
func TestChatHearsBothTopicsAndMayOnlyLook(t *testing.T) {
	regs := run(t, full())
	chat := pulumitest.Find(t, regs, chatType, "notifications-chat").Plain()
	assert.Equal(t, map[string]any{
		"configurationName": "orders-prod", "slackTeamId": "T07EA123LEP", "slackChannelId": "C07EZ1ABC23", "loggingLevel": "ERROR",
		"iamRoleArn":          "${aws:iam/role:Role::notifications-chat-role.arn}",
		"guardrailPolicyArns": []any{"arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"},
		"snsTopicArns":        []any{"${" + topicType + "::notifications-page.arn}", "${" + topicType + "::notifications-ticket.arn}"},
	}, chat)
	policy := pulumitest.Find(t, regs, "aws:iam/rolePolicy:RolePolicy", "notifications-chat-policy").Plain()["policy"].(string)
	for _, action := range regexp.MustCompile(`[a-z]+:[A-Z]\w+`).FindAllString(policy, -1) {
		assert.Regexp(t, `^cloudwatch:(Describe|Get)`, action)
	}
	trust := pulumitest.Find(t, regs, "aws:iam/role:Role", "notifications-chat-role").Plain()["assumeRolePolicy"]
	assert.Contains(t, trust, `"chatbot.amazonaws.com"`)
	assert.Contains(t, trust, `"aws:SourceAccount"`)
}

// subscribers lists the subscriptions as "topic protocol endpoint".
func subscribers(regs []pulumitest.Registration) []string {
	var out []string
	for _, r := range regs {
		if r.Type == subscriptionType {
			p := r.Plain()
			out = append(out, fmt.Sprintf("%s %s %s", p["topic"], p["protocol"], p["endpoint"]))
		}
	}
	slices.Sort(out)
	return out
}

func TestSubscribers(t *testing.T) {
	const page, ticket = "${" + topicType + "::notifications-page.arn}", "${" + topicType + "::notifications-ticket.arn}"
	assert.Empty(t, subscribers(run(t, minimal())))
	assert.Equal(t, []string{
		page + " email lead@example.com",
		page + " email oncall@example.com",
		page + " https [secret]",
		ticket + " email oncall@example.com",
	}, subscribers(run(t, full())))
}

// An endpoint's URL may be all that somebody needs to raise or resolve alarms.
func TestEndpointsAreSecret(t *testing.T) {
	regs := run(t, full())
	var found bool
	for _, r := range regs {
		assert.NotContains(t, r.URN, integrationKey)
		assert.NotContains(t, fmt.Sprint(r.Plain()), integrationKey, "%s shows an endpoint", r.Address())
		if raw, ok := r.Inputs["endpoint"]; ok && raw.IsSecret() {
			found = found || raw.SecretValue().Element.StringValue() == endpoint
		}
	}
	assert.True(t, found, "no subscription got the endpoint: this test tests nothing")
}

// Subscriptions are named by what they are, so that removing one does not
// rename, and thereby replace, the others.
func TestRemovingASubscriberLeavesTheOthersAlone(t *testing.T) {
	before := pulumitest.Addresses(run(t, full()))
	args := full()
	args.Page.Emails = []string{"lead@example.com"}
	after := pulumitest.Addresses(run(t, args))
	assert.Subset(t, before, after)
	assert.Len(t, after, len(before)-1)
}

func TestOrderOfSubscribersChangesNothing(t *testing.T) {
	args := full()
	slices.Reverse(args.Page.Emails)
	assert.Equal(t, run(t, full()), run(t, args))
}

func TestOutputs(t *testing.T) {
	got := pulumitest.Outputs(t, notifications.New, "notifications", minimal(), func(n *notifications.Notifications) pulumi.StringMap {
		return pulumi.StringMap{"page": n.PageTopicARN, "ticket": n.TicketTopicARN, "key": n.KeyARN}
	})
	assert.Equal(t, map[string]any{
		"page":   "${" + topicType + "::notifications-page.arn}",
		"ticket": "${" + topicType + "::notifications-ticket.arn}",
		"key":    "${" + keyType + "::notifications-key.arn}",
	}, got)
}

// Nothing here holds data: a stack that is taken down takes all of it along.
func TestNothingIsProtectedOrRetained(t *testing.T) {
	pulumitest.ProtectsOnly(t, run(t, full()))
}
