package pulumitest

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	fixtureType = "evenkeel:test:Fixture"
	topicType   = "aws:sns/topic:Topic"
)

// Fixture registers a resource that belongs to the test, with a component of
// the same name to own it. What it computes (its ARN, say) is unknown in a
// preview and a reference such as "${aws:sns/topic:Topic::name.arn}" in an
// update.
func Fixture(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (*sns.Topic, error) {
	return fixture(ctx, name, &sns.TopicArgs{}, opts...)
}

func fixture(ctx *pulumi.Context, name string, args *sns.TopicArgs, opts ...pulumi.ResourceOption) (*sns.Topic, error) {
	owner := &struct{ pulumi.ResourceState }{}
	if err := ctx.RegisterComponentResource(fixtureType, name, owner, opts...); err != nil {
		return nil, err
	}
	return sns.NewTopic(ctx, name, args, pulumi.Parent(owner))
}

// WithSource makes a program that constructs one component, called name, with
// the args that a Fixture called "source" gives: inputs that come from it are
// unknown in a preview.
func WithSource[A, C any](construct Constructor[A, C], name string, args func(source *sns.Topic) A) pulumi.RunFunc {
	return Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		source, err := Fixture(ctx, "source", opts...)
		if err != nil {
			return err
		}
		_, err = construct(ctx, name, args(source), opts...)
		return err
	})
}

// Outputs constructs a component called name and returns what read takes from
// it, as other resources get it.
func Outputs[A, C any](t testing.TB, construct Constructor[A, C], name string, args A, read func(C) pulumi.StringMap, opts ...Option) map[string]any {
	t.Helper()
	regs := MustRun(t, Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		c, err := construct(ctx, name, args, opts...)
		if err != nil {
			return err
		}
		_, err = fixture(ctx, "reader", &sns.TopicArgs{Tags: read(c)}, opts...)
		return err
	}), opts...)
	values, _ := Find(t, regs, topicType, "reader").Plain()["tags"].(map[string]any)
	return values
}
