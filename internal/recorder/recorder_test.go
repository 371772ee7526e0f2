package recorder_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/recorder"
)

type component struct{ pulumi.ResourceState }

// topics registers a component with two topics: the second one's display name
// comes from the first one's ARN.
func topics(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) error {
	c := &component{}
	if err := ctx.RegisterComponentResource("evenkeel:test:Topics", name, c, opts...); err != nil {
		return err
	}
	first, err := sns.NewTopic(ctx, name+"-first", &sns.TopicArgs{}, pulumi.Parent(c), pulumi.Protect(true))
	if err != nil {
		return err
	}
	_, err = sns.NewTopic(ctx, name+"-second", &sns.TopicArgs{
		DisplayName: pulumi.Sprintf("after %s", first.Arn),
		Policy:      pulumi.ToSecret(pulumi.String("hush")).(pulumi.StringOutput),
	}, pulumi.Parent(c))
	return err
}

func program(build func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p, err := aws.NewProvider(ctx, "main", &aws.ProviderArgs{})
		if err != nil {
			return err
		}
		return build(ctx, pulumi.Providers(p))
	}
}

func find(t *testing.T, regs []recorder.Registration, name string) recorder.Registration {
	t.Helper()
	for _, r := range regs {
		if r.Name == name {
			return r
		}
	}
	require.Fail(t, "not registered", name)
	return recorder.Registration{}
}

func TestRunRecordsAndFillsInReferences(t *testing.T) {
	regs, err := recorder.Run(program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		return topics(ctx, "a", opts...)
	}), recorder.Options{})
	require.NoError(t, err)

	first, second := find(t, regs, "a-first"), find(t, regs, "a-second")
	assert.True(t, first.Protect)
	assert.False(t, second.Protect)
	assert.Contains(t, first.Provider, "pulumi:providers:aws::main::")
	assert.Equal(t, "urn:pulumi:test::evenkeel::evenkeel:test:Topics::a", first.Parent)
	assert.Equal(t, []string{first.URN}, second.DependsOn)
	assert.Equal(t, map[string][]string{"displayName": {first.URN}}, second.InputsFrom)
	assert.Equal(t, map[string]any{
		"displayName": "after ${aws:sns/topic:Topic::a-first.arn}",
		"policy":      recorder.MaskedSecret,
	}, second.Plain())
}

func TestPreviewWithholdsWhatIsComputed(t *testing.T) {
	regs, err := recorder.Run(program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		return topics(ctx, "a", opts...)
	}), recorder.Options{Preview: true})
	require.NoError(t, err)
	second := find(t, regs, "a-second")
	assert.NotContains(t, second.Plain(), "displayName", "it holds the first topic's ARN, which a first preview cannot know")
	assert.NotEmpty(t, second.DependsOn)
}

func TestRefusals(t *testing.T) {
	bare := func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		_, err := sns.NewTopic(ctx, "bare", &sns.TopicArgs{}, opts...)
		return err
	}
	cases := map[string]struct {
		program pulumi.RunFunc
		want    string
	}{
		"two resources with one URN": {program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
			c := &component{}
			if err := ctx.RegisterComponentResource("evenkeel:test:Fixed", "c", c, opts...); err != nil {
				return err
			}
			for range 2 {
				if _, err := sns.NewTopic(ctx, "fixed", &sns.TopicArgs{}, pulumi.Parent(c)); err != nil {
					return err
				}
			}
			return nil
		}), "duplicate URN"},
		"a default provider": {func(ctx *pulumi.Context) error { return topics(ctx, "a") }, "uses a default provider"},
		"a resource outside any component": {func(ctx *pulumi.Context) error {
			p, err := aws.NewProvider(ctx, "main", &aws.ProviderArgs{})
			if err != nil {
				return err
			}
			return bare(ctx, pulumi.Provider(p))
		}, "has no parent"},
		"an invoke without an answer": {func(ctx *pulumi.Context) error {
			_, err := aws.GetCallerIdentity(ctx, nil)
			return err
		}, "aws:index/getCallerIdentity:getCallerIdentity"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := recorder.Run(c.program, recorder.Options{})
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestInvokesAreAnswered(t *testing.T) {
	var account string
	_, err := recorder.Run(func(ctx *pulumi.Context) error {
		id, err := aws.GetCallerIdentity(ctx, nil)
		if err != nil {
			return err
		}
		account = id.AccountId
		return nil
	}, recorder.Options{Invokes: map[string]map[string]any{
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "123456789012"},
	}})
	require.NoError(t, err)
	assert.Equal(t, "123456789012", account)
}
