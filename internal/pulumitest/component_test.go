package pulumitest_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/internal/pulumitest"
)

const (
	boxType   = "evenkeel:test:Box"
	topicType = "aws:sns/topic:Topic"
)

// box is a component whose children, and mistakes, are its arguments.
type box struct{ pulumi.ResourceState }

type boxArgs struct {
	problem string // what Validate reports
	fill    fill
}

type fill func(ctx *pulumi.Context, name string, owner *box) error

func (a *boxArgs) Validate() error {
	if a.problem != "" {
		return errors.New(a.problem)
	}
	return nil
}

func newBox(ctx *pulumi.Context, name string, args *boxArgs, opts ...pulumi.ResourceOption) (*box, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("box %q: %w", name, err)
	}
	c := &box{}
	if err := ctx.RegisterComponentResource(boxType, name, c, opts...); err != nil {
		return nil, err
	}
	return c, args.fill(ctx, name, c)
}

// newHastyBox validates when it has registered itself.
func newHastyBox(ctx *pulumi.Context, name string, args *boxArgs, opts ...pulumi.ResourceOption) (*box, error) {
	empty := &boxArgs{fill: func(*pulumi.Context, string, *box) error { return nil }}
	if _, err := newBox(ctx, name, empty, opts...); err != nil {
		return nil, err
	}
	return newBox(ctx, name, args, opts...)
}

// good is one topic, named after the box.
func good(ctx *pulumi.Context, name string, owner *box) error {
	_, err := sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{}, pulumi.Parent(owner))
	return err
}

// with is good with further options of the topic.
func with(opts ...pulumi.ResourceOption) fill {
	return func(ctx *pulumi.Context, name string, owner *box) error {
		_, err := sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{}, append(opts, pulumi.Parent(owner))...)
		return err
	}
}

func named(child string) fill {
	return func(ctx *pulumi.Context, _ string, owner *box) error {
		_, err := sns.NewTopic(ctx, child, &sns.TopicArgs{}, pulumi.Parent(owner))
		return err
	}
}

func nested(ctx *pulumi.Context, name string, owner *box) error {
	outer, err := sns.NewTopic(ctx, name+"-outer", &sns.TopicArgs{}, pulumi.Parent(owner))
	if err != nil {
		return err
	}
	_, err = sns.NewTopic(ctx, name+"-inner", &sns.TopicArgs{}, pulumi.Parent(outer))
	return err
}

func otherProvider(ctx *pulumi.Context, name string, owner *box) error {
	p, err := aws.NewProvider(ctx, name+"-provider", &aws.ProviderArgs{}, pulumi.Parent(owner))
	if err != nil {
		return err
	}
	_, err = sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{}, pulumi.Parent(owner), pulumi.Provider(p))
	return err
}

// teller is a testing.TB that keeps what it is told.
type teller struct {
	testing.TB
	told []string
}

func (f *teller) Helper() {}

func (f *teller) Name() string { return "teller" }

func (f *teller) Errorf(format string, args ...any) {
	f.told = append(f.told, fmt.Sprintf(format, args...))
}

func (f *teller) FailNow() { runtime.Goexit() }

// told returns what an assertion reports, empty when it holds. It needs a
// goroutine of its own, which is what FailNow ends.
func told(assertion func(t testing.TB)) string {
	f := &teller{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		assertion(f)
	}()
	<-done
	return strings.Join(f.told, "\n")
}

func recorded(t *testing.T, f fill, name string) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, pulumitest.Instances(newBox, &boxArgs{fill: f}, name))
}

func TestCheckComponent(t *testing.T) {
	for name, tc := range map[string]struct {
		fill fill
		box  string // what the box is called; asserted is always "box"
		want string
	}{
		"as it should be":           {good, "box", ""},
		"named like the component":  {named("box"), "box", ""},
		"no children":               {func(*pulumi.Context, string, *box) error { return nil }, "box", "has no children"},
		"children of another box":   {named("box-topic"), "other", "box-topic: parent"},
		"child of a child":          {nested, "box", "box-inner: parent"},
		"another name":              {named("topic"), "box", `topic: name must start with "box"`},
		"only begins like the name": {named("boxtopic"), "box", `boxtopic: name must start with "box"`},
		"another provider":          {otherProvider, "box", "box-topic: must use the explicit provider"},
	} {
		t.Run(name, func(t *testing.T) {
			regs := recorded(t, tc.fill, tc.box)
			got := told(func(t testing.TB) { pulumitest.CheckComponent(t, regs, boxType, "box") })
			holds(t, tc.want, got)
		})
	}
}

// holds asserts that an assertion reported want, or nothing for "".
func holds(t *testing.T, want, got string) {
	t.Helper()
	if want == "" {
		assert.Empty(t, got)
		return
	}
	assert.Contains(t, got, want)
}

// What the recorder refuses by itself: the default provider and no parent.
func TestRunRefusesWhatNoComponentMayDo(t *testing.T) {
	orphan := func(ctx *pulumi.Context, name string, _ *box) error {
		_, err := sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{})
		return err
	}
	_, err := pulumitest.Run(t, pulumitest.Instances(newBox, &boxArgs{fill: orphan}, "box"))
	assert.ErrorContains(t, err, `"box-topic" uses a default provider`)

	_, err = pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := newBox(ctx, "box", &boxArgs{fill: good})
		return err
	})
	assert.ErrorContains(t, err, `"box-topic" uses a default provider`)
}

func TestTwoInstances(t *testing.T) {
	for name, tc := range map[string]struct {
		fill fill
		want string
	}{
		"as it should be": {good, ""},
		"the same name":   {named("first-topic"), "duplicate URN"},
		"no children":     {func(*pulumi.Context, string, *box) error { return nil }, "has no children"},
		"depends on the name": {func(ctx *pulumi.Context, name string, owner *box) error {
			return named(name+"-"+fmt.Sprint(len(name)))(ctx, name, owner)
		}, "the children must not depend on the component's name"},
		"only the first has children": {func(ctx *pulumi.Context, name string, owner *box) error {
			if name == "first" {
				return good(ctx, name, owner)
			}
			return nil
		}, "the children must not depend on the component's name"},
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, tc.want, told(func(t testing.TB) { pulumitest.TwoInstances(t, newBox, &boxArgs{fill: tc.fill}, boxType) }))
		})
	}
}

func TestPreviewPlansTheSame(t *testing.T) {
	onlyUpdates := func(ctx *pulumi.Context, name string, owner *box) error {
		if ctx.DryRun() {
			return nil
		}
		return good(ctx, name, owner)
	}
	// Children that an Apply makes are the mistake that people make.
	inApply := func(ctx *pulumi.Context, name string, owner *box) error {
		topic, err := sns.NewTopic(ctx, name+"-first", &sns.TopicArgs{}, pulumi.Parent(owner))
		if err != nil {
			return err
		}
		topic.Arn.ApplyT(func(string) error {
			_, err := sns.NewTopic(ctx, name+"-second", &sns.TopicArgs{}, pulumi.Parent(owner))
			return err
		})
		return nil
	}
	for name, tc := range map[string]struct {
		fill fill
		want string
	}{
		"as it should be": {good, ""},
		"another path":    {onlyUpdates, "a preview must plan what the update does"},
		"in an Apply":     {inApply, "a preview must plan what the update does"},
		"fails":           {func(*pulumi.Context, string, *box) error { return errors.New("broken") }, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, tc.want, told(func(t testing.TB) {
				pulumitest.PreviewPlansTheSame(t, pulumitest.Instances(newBox, &boxArgs{fill: tc.fill}, "box"))
			}))
		})
	}
}

func TestRefused(t *testing.T) {
	invalid := &boxArgs{problem: "Size: is 0, want 1", fill: good}
	for name, tc := range map[string]struct {
		construct pulumitest.Constructor[*boxArgs, *box]
		args      *boxArgs
		message   string
		want      string
	}{
		"as it should be":         {newBox, invalid, "Size: is 0, want 1", ""},
		"another message":         {newBox, invalid, "Size: is 0", "Error message not equal"},
		"valid":                   {newBox, &boxArgs{fill: good}, "Size: is 0", "An error is expected but got nil"},
		"registers itself before": {newHastyBox, invalid, "Size: is 0, want 1", "invalid args must register nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, tc.want, told(func(t testing.TB) { pulumitest.Refused(t, tc.construct, tc.args, tc.message) }))
		})
	}
}

func TestRegistersNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"as it should be": {errors.New("box: args is nil"), ""},
		"another error":   {errors.New("box: broken"), "does not contain"},
		"no error":        {nil, "An error is expected but got nil"},
	} {
		t.Run(name, func(t *testing.T) {
			program := pulumitest.Program(func(*pulumi.Context, ...pulumi.ResourceOption) error { return tc.err })
			holds(t, tc.want, told(func(t testing.TB) { pulumitest.RegistersNothing(t, program, "args is nil") }))
		})
	}
}

func TestProtectsOnly(t *testing.T) {
	const address = topicType + " box-topic"
	for name, tc := range map[string]struct {
		fill    fill
		allowed []string
		want    string
	}{
		"nothing":             {good, nil, ""},
		"as it should be":     {with(pulumi.Protect(true)), []string{address}, ""},
		"one too many":        {with(pulumi.Protect(true)), nil, "protected resources"},
		"one too few":         {good, []string{address}, "protected resources"},
		"retained":            {with(pulumi.RetainOnDelete(true)), nil, "box-topic: retained"},
		"changes are ignored": {with(pulumi.IgnoreChanges([]string{"tags"})), nil, "box-topic: ignores changes"},
	} {
		t.Run(name, func(t *testing.T) {
			regs := recorded(t, tc.fill, "box")
			holds(t, tc.want, told(func(t testing.TB) { pulumitest.ProtectsOnly(t, regs, tc.allowed...) }))
		})
	}
}

func TestSourceIsUnknownInPreviewsOnly(t *testing.T) {
	program := pulumitest.WithSource(newBox, "box", func(source *sns.Topic) *boxArgs {
		return &boxArgs{fill: func(ctx *pulumi.Context, name string, owner *box) error {
			_, err := sns.NewTopic(ctx, name+"-topic", &sns.TopicArgs{DisplayName: source.Arn}, pulumi.Parent(owner))
			return err
		}}
	})
	update := pulumitest.Find(t, pulumitest.MustRun(t, program), topicType, "box-topic")
	assert.Equal(t, "${aws:sns/topic:Topic::source.arn}", update.Plain()["displayName"])
	preview := pulumitest.Find(t, pulumitest.PreviewPlansTheSame(t, program), topicType, "box-topic")
	assert.NotContains(t, preview.Plain(), "displayName")
}

func TestOutputs(t *testing.T) {
	got := pulumitest.Outputs(t, newBox, "box", &boxArgs{fill: good}, func(b *box) pulumi.StringMap {
		return pulumi.StringMap{"urn": b.URN().ToStringOutput(), "plain": pulumi.String("x")}
	})
	assert.Equal(t, map[string]any{"urn": "urn:pulumi:test::evenkeel::" + boxType + "::box", "plain": "x"}, got)

	broken := &boxArgs{fill: func(*pulumi.Context, string, *box) error { return errors.New("broken") }}
	assert.Contains(t, told(func(t testing.TB) {
		pulumitest.Outputs(t, newBox, "box", broken, func(*box) pulumi.StringMap { return nil })
	}), "broken")
}
