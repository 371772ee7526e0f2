package pulumitest_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/internal/pulumitest"
)

// policy registers a topic with a policy and returns its registration.
func policy(t *testing.T, text pulumi.StringInput) pulumitest.Registration {
	t.Helper()
	regs := recorded(t, func(ctx *pulumi.Context, name string, owner *box) error {
		_, err := sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{Policy: text}, pulumi.Parent(owner))
		return err
	}, "box")
	return pulumitest.Find(t, regs, topicType, "box-topic")
}

func TestPolicy(t *testing.T) {
	const statement = `{"Sid":"A","Effect":"Allow","Action":["sns:Get*","sns:Publish"],"Resource":["*"],"Principal":{"AWS":["1"]},` +
		`"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}`
	got := pulumitest.Policy(t, policy(t, pulumi.String(`{"Version":"2012-10-17","Statement":[`+statement+`]}`)), "policy")
	assert.Equal(t, map[string]pulumitest.Statement{"A": {
		Sid: "A", Effect: "Allow", Action: []string{"sns:Get*", "sns:Publish"}, Resource: []string{"*"},
		Principal: map[string][]string{"AWS": {"1"}}, Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"true"}}},
	}}, got)
	for action, want := range map[string]bool{
		"sns:Publish": true, "sns:GetTopicAttributes": true, "sns:Get": true, "sns:PublishBatch": false, "sns:Subscribe": false, "kms:Get": false,
	} {
		assert.Equal(t, want, got["A"].Allows(action), action)
	}

	for name, tc := range map[string]struct {
		text pulumi.StringInput
		want string
	}{
		"no policy":          {nil, "must be a known text"},
		"no JSON":            {pulumi.String("Allow"), "invalid character"},
		"old version":        {pulumi.String(`{"Version":"2008-10-17","Statement":[` + statement + `]}`), "the only version"},
		"no Sid":             {pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}`), "a statement without Sid"},
		"a Sid twice":        {pulumi.String(`{"Version":"2012-10-17","Statement":[` + statement + `,` + statement + `]}`), "a Sid is used twice"},
		"an unknown element": {pulumi.String(`{"Version":"2012-10-17","Statement":[{"Sid":"A","NotAction":["sns:Publish"]}]}`), "NotAction"},
	} {
		t.Run(name, func(t *testing.T) {
			r := policy(t, tc.text)
			assert.Contains(t, told(func(t testing.TB) { pulumitest.Policy(t, r, "policy") }), tc.want)
		})
	}
}
