package notifications

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The protocols, as SNS and the children's names spell them.
const (
	protocolEmail = "email"
	protocolHTTPS = "https"
)

// subscription is one subscriber of one topic.
type subscription struct{ protocol, endpoint string }

// subscriptions lists the subscribers in an order that does not depend on how
// they were written down.
func (t Targets) subscriptions() []subscription {
	var out []subscription
	for _, e := range slices.Sorted(slices.Values(t.Emails)) {
		out = append(out, subscription{protocolEmail, e})
	}
	for _, e := range slices.Sorted(slices.Values(t.HTTPS)) {
		out = append(out, subscription{protocolHTTPS, e})
	}
	return out
}

// role names the subscription by its endpoint without showing it. 32 bits tell
// apart the few subscribers that a topic has.
func (s subscription) role() string {
	sum := sha256.Sum256([]byte(s.endpoint))
	return s.protocol + "-" + hex.EncodeToString(sum[:4])
}

func (s subscription) register(ctx *pulumi.Context, parent pulumi.Resource, topicChild string, topicARN pulumi.StringOutput) error {
	child := topicChild + "-" + s.role()
	opts := []pulumi.ResourceOption{pulumi.Parent(parent)}
	endpoint := pulumi.String(s.endpoint).ToStringOutput()
	if s.protocol == protocolHTTPS {
		endpoint = pulumi.ToSecret(endpoint).(pulumi.StringOutput)
		opts = append(opts, pulumi.AdditionalSecretOutputs([]string{"endpoint"}))
	}
	_, err := sns.NewTopicSubscription(ctx, child, &sns.TopicSubscriptionArgs{
		Topic:    topicARN,
		Protocol: pulumi.String(s.protocol),
		Endpoint: endpoint,
	}, opts...)
	if err != nil {
		return fmt.Errorf("create subscription %s: %w", child, err)
	}
	return nil
}
