package notifications_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/notifications"
	"evenkeel/internal/pulumitest"
)

const (
	keyType          = "aws:kms/key:Key"
	aliasType        = "aws:kms/alias:Alias"
	topicType        = "aws:sns/topic:Topic"
	policyType       = "aws:sns/topicPolicy:TopicPolicy"
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
	}
}

// program registers one component per name; names after the first get
// physical names of their own.
func program(args *notifications.Args, names ...string) pulumi.RunFunc {
	return pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		for i, name := range names {
			a := *args
			if i > 0 {
				a.Name = name
			}
			if _, err := notifications.New(ctx, name, &a, opts...); err != nil {
				return err
			}
		}
		return nil
	})
}

func run(t *testing.T, args *notifications.Args) []pulumitest.Registration {
	t.Helper()
	regs, err := pulumitest.Run(t, program(args, "notifications"))
	require.NoError(t, err)
	return regs
}

// probed registers a topic of the test's own, around what build makes of it.
// Its ARN is unknown in a preview; what build returns becomes its twin's
// display name, where a test can read it.
func probed(build func(ctx *pulumi.Context, unknown pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error)) pulumi.RunFunc {
	return pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		probe := &struct{ pulumi.ResourceState }{}
		if err := ctx.RegisterComponentResource("evenkeel:test:Probe", "probe", probe, opts...); err != nil {
			return err
		}
		before, err := sns.NewTopic(ctx, "before", &sns.TopicArgs{}, pulumi.Parent(probe))
		if err != nil {
			return err
		}
		out, err := build(ctx, before.Arn, opts...)
		if err != nil {
			return err
		}
		_, err = sns.NewTopic(ctx, "after", &sns.TopicArgs{DisplayName: out}, pulumi.Parent(probe))
		return err
	})
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
	regs, err := pulumitest.Run(t, program(full(), "notifications", "batch"))
	require.NoError(t, err)
	assert.Len(t, pulumitest.Children(regs, notifications.TypeToken), 20)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	prog := probed(func(ctx *pulumi.Context, unknown pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
		args := full()
		args.AccountID = unknown
		n, err := notifications.New(ctx, "notifications", args, opts...)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return n.KeyARN, nil
	})
	update, err := pulumitest.Run(t, prog)
	require.NoError(t, err)
	preview, err := pulumitest.Preview(t, prog)
	require.NoError(t, err)
	assert.Equal(t, pulumitest.Addresses(update), pulumitest.Addresses(preview))
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
	regs, err := pulumitest.Run(t, probed(func(ctx *pulumi.Context, _ pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
		n, err := notifications.New(ctx, "notifications", minimal(), opts...)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return pulumi.Sprintf("%s %s %s", n.PageTopicARN, n.TicketTopicARN, n.KeyARN), nil
	}))
	require.NoError(t, err)
	assert.Equal(t, strings.Join([]string{
		"${" + topicType + "::notifications-page.arn}",
		"${" + topicType + "::notifications-ticket.arn}",
		"${" + keyType + "::notifications-key.arn}",
	}, " "), pulumitest.Find(t, regs, topicType, "after").Plain()["displayName"])
}

// Nothing here holds data: a stack that is taken down takes all of it along.
func TestNothingIsProtectedOrRetained(t *testing.T) {
	for _, r := range run(t, full()) {
		assert.False(t, r.Protect, "%s: protected", r.Address())
		assert.False(t, r.RetainOnDelete, "%s: retained", r.Address())
	}
}
