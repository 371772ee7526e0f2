package notifications

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Notifications"

// The two topics, by what a message to them asks for.
const (
	page   = "page"
	ticket = "ticket"
)

// keyDeletionDays is how long a deleted key can be restored, the shortest time
// that KMS accepts. Messages pass through within minutes; nothing old needs it.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const keyDeletionDays = 7

// Targets are who hears of a topic's messages.
type Targets struct {
	// Emails are addresses such as "oncall@example.com". Each owner has to
	// confirm the subscription.
	Emails []string
	// HTTPS are URLs such as a PagerDuty integration's. They are treated as
	// secrets.
	HTTPS []string
}

// Args configures the component.
type Args struct {
	// Name is the base of the physical names, for example "orders-dev": 2 to 24
	// of a-z, 0-9 and single dashes, starting with a letter. Required. Changing
	// it replaces the topics, and every address has to confirm again.
	Name string
	// AccountID is the account whose alarms, rules and budgets may publish.
	// Required.
	AccountID pulumi.StringInput
	// Page is who is woken up. Empty makes a topic that nobody hears.
	Page Targets
	// Ticket is who looks at the next working day. Empty makes a topic that
	// nobody hears.
	Ticket Targets
	// Chat is a channel that hears both topics. Nil for none.
	Chat *Chat
}

// emailPattern finds typing errors; whether an address exists is for SNS's
// confirmation mail to find out.
var emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// Validate reports every problem with the plain arguments at once, or nil. No
// message repeats an HTTPS endpoint.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	if a.AccountID == nil {
		l.Addf("AccountID", "is required")
	}
	a.Page.check(&l, "Page")
	a.Ticket.check(&l, "Ticket")
	a.Chat.check(&l, "Chat")
	return l.Err()
}

func (t Targets) check(l *check.List, p check.Path) {
	for i, e := range t.Emails {
		at := p.Field("Emails").Index(i)
		switch {
		case !emailPattern.MatchString(e):
			l.Addf(at, `is %q, want an address such as "oncall@example.com"`, e)
		case slices.Index(t.Emails, e) < i:
			l.Addf(at, "is %q a second time, want each address once", e)
		}
	}
	for i, e := range t.HTTPS {
		at := p.Field("HTTPS").Index(i)
		first := slices.Index(t.HTTPS, e)
		switch u, err := url.Parse(e); {
		case err != nil || u.Scheme != "https" || u.Hostname() == "":
			l.Addf(at, `is not an https URL, want one such as "https://events.example.com/sns/key"`)
		case first < i:
			l.Addf(at, "is the same as %s, want each URL once", p.Field("HTTPS").Index(first))
		}
	}
}

// Notifications is the component.
type Notifications struct {
	pulumi.ResourceState

	// PageTopicARN is the action of alarms that wake somebody up.
	PageTopicARN pulumi.StringOutput
	// TicketTopicARN is the action of alarms that can wait.
	TicketTopicARN pulumi.StringOutput
	// KeyARN is the key that encrypts both topics; a role that publishes needs
	// kms:Decrypt and kms:GenerateDataKey on it.
	KeyARN pulumi.StringOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Notifications, error) {
	if args == nil {
		return nil, errors.New("notifications: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("notifications %q: %w", name, err)
	}
	c := &Notifications{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	key, err := args.key(ctx, c, name)
	if err != nil {
		return nil, err
	}
	c.KeyARN = key.Arn
	if c.PageTopicARN, err = args.topic(ctx, c, name, page, key, args.Page); err != nil {
		return nil, err
	}
	if c.TicketTopicARN, err = args.topic(ctx, c, name, ticket, key, args.Ticket); err != nil {
		return nil, err
	}
	if err := args.chat(ctx, c, name, pulumi.StringArray{c.PageTopicARN, c.TicketTopicARN}); err != nil {
		return nil, err
	}
	err = ctx.RegisterResourceOutputs(c, pulumi.Map{
		"pageTopicArn": c.PageTopicARN, "ticketTopicArn": c.TicketTopicARN, "keyArn": c.KeyARN,
	})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (a *Args) topicName(role string) string { return a.Name + "-" + role }

// key makes the key that encrypts both topics, and its alias.
func (a *Args) key(ctx *pulumi.Context, parent pulumi.Resource, name string) (*kms.Key, error) {
	policy := a.AccountID.ToStringOutput().ApplyT(func(accountID string) (string, error) {
		return keyPolicy(accountID, a.topicName(page), a.topicName(ticket))
	}).(pulumi.StringOutput)
	key, err := kms.NewKey(ctx, name+"-key", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the notifications of " + a.Name),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(keyDeletionDays),
		Policy:               policy,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("create key %s-key: %w", name, err)
	}
	_, err = kms.NewAlias(ctx, name+"-alias", &kms.AliasArgs{
		Name:        pulumi.String("alias/" + a.Name + "-notifications"),
		TargetKeyId: key.KeyId,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("create alias %s-alias: %w", name, err)
	}
	return key, nil
}

// topic makes one topic, its policy and its subscriptions.
func (a *Args) topic(ctx *pulumi.Context, parent pulumi.Resource, name, role string, key *kms.Key, targets Targets) (pulumi.StringOutput, error) {
	child := name + "-" + role
	t, err := sns.NewTopic(ctx, child, &sns.TopicArgs{
		Name: pulumi.String(a.topicName(role)),
		// The sender's name in the mails.
		DisplayName:    pulumi.String(a.Name + " " + role),
		KmsMasterKeyId: key.Arn,
	}, pulumi.Parent(parent))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("create topic %s: %w", child, err)
	}
	policy := pulumi.All(t.Arn, a.AccountID).ApplyT(func(v []any) (string, error) {
		return topicPolicy(v[0].(string), v[1].(string))
	}).(pulumi.StringOutput)
	_, err = sns.NewTopicPolicy(ctx, child+"-policy", &sns.TopicPolicyArgs{Arn: t.Arn, Policy: policy}, pulumi.Parent(parent))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("create topic policy %s-policy: %w", child, err)
	}
	for _, s := range targets.subscriptions() {
		if err := s.register(ctx, parent, child, t.Arn); err != nil {
			return pulumi.StringOutput{}, err
		}
	}
	return t.Arn, nil
}
