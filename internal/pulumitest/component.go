package pulumitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A Constructor is a component's New. A is a pointer to its arguments, C a
// pointer to the component.
type Constructor[A, C any] func(ctx *pulumi.Context, name string, args A, opts ...pulumi.ResourceOption) (C, error)

// Instances makes a program that constructs one component per name, each with
// the same args and the explicit provider.
func Instances[A, C any](construct Constructor[A, C], args A, names ...string) pulumi.RunFunc {
	return Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		for _, name := range names {
			if _, err := construct(ctx, name, args, opts...); err != nil {
				return err
			}
		}
		return nil
	})
}

// CheckComponent asserts what holds for every component: it has children, each
// has the component as its direct parent, is named after it and uses the
// explicit provider.
func CheckComponent(t testing.TB, regs []Registration, typeToken, name string) {
	t.Helper()
	require.NotEmpty(t, Children(regs, typeToken), "%s has no children: this test would not test anything", typeToken)
	for _, r := range regs {
		if descends(r, typeToken) {
			checkChild(t, r, typeToken, name)
		}
	}
}

// descends tells whether a resource is below a component of the type, however
// deep: a child of a child is as wrong as a child without a parent.
func descends(r Registration, typeToken string) bool {
	parts := strings.Split(r.URN, "::")
	types := strings.Split(parts[len(parts)-2], "$")
	return slices.Contains(types[:len(types)-1], typeToken)
}

func checkChild(t testing.TB, r Registration, typeToken, name string) {
	t.Helper()
	parent := strings.Split(r.Parent, "::")
	assert.Equal(t, []string{typeToken, name}, parent[len(parent)-2:], "%s: parent", r.Address())
	assert.True(t, r.Name == name || strings.HasPrefix(r.Name, name+"-"), "%s: name must start with %q", r.Address(), name)
	if !r.Custom && !r.Remote {
		return // a component in this program has no provider of its own
	}
	provider := r.Provider + strings.Join(r.Providers, " ")
	assert.Contains(t, provider, "pulumi:providers:aws::"+providerName+"::", "%s: must use the explicit provider", r.Address())
}

// TwoInstances asserts that one stack can have two of the component, and that
// the children of both have the same names but for the component's.
func TwoInstances[A, C any](t testing.TB, construct Constructor[A, C], args A, typeToken string, opts ...Option) {
	t.Helper()
	const first, second = "first", "second"
	regs := MustRun(t, Instances(construct, args, first, second), opts...)
	var ofFirst, ofSecond []string
	for _, r := range Children(regs, typeToken) {
		if strings.HasSuffix(r.Parent, "::"+first) {
			ofFirst = append(ofFirst, r.Type+" "+strings.TrimPrefix(r.Name, first))
			checkChild(t, r, typeToken, first)
			continue
		}
		ofSecond = append(ofSecond, r.Type+" "+strings.TrimPrefix(r.Name, second))
		checkChild(t, r, typeToken, second)
	}
	require.NotEmpty(t, ofFirst, "%s has no children: this test would not test anything", typeToken)
	assert.Equal(t, ofFirst, ofSecond, "the children must not depend on the component's name")
}

// PreviewPlansTheSame asserts that a first preview of program registers what
// an update does, and returns what the preview registered. A program whose
// inputs come from a Fixture has unknown ones in the preview.
func PreviewPlansTheSame(t testing.TB, program pulumi.RunFunc, opts ...Option) []Registration {
	t.Helper()
	update := MustRun(t, program, opts...)
	preview, err := Preview(t, program, opts...)
	require.NoError(t, err)
	assert.Equal(t, urns(update), urns(preview), "a preview must plan what the update does")
	return preview
}

func urns(regs []Registration) []string {
	out := make([]string, len(regs))
	for i, r := range regs {
		out[i] = r.URN
	}
	return out
}

// RegistersNothing asserts that program fails with a message that contains
// want before it registers anything but the explicit provider.
func RegistersNothing(t testing.TB, program pulumi.RunFunc, want string, opts ...Option) {
	t.Helper()
	regs, err := Run(t, program, opts...)
	require.ErrorContains(t, err, want)
	assert.Equal(t, []string{"pulumi:providers:aws " + providerName}, Addresses(regs), "invalid args must register nothing")
}

// Refused asserts that args are refused with exactly the message want, and
// that a component constructed with them reports it and registers nothing.
func Refused[A interface{ Validate() error }, C any](t testing.TB, construct Constructor[A, C], args A, want string, opts ...Option) {
	t.Helper()
	require.EqualError(t, args.Validate(), want)
	RegistersNothing(t, Instances(construct, args, "refused"), fmt.Sprintf("%q: %s", "refused", want), opts...)
}

// ProtectsOnly asserts that exactly the resources with these addresses are
// protected, and that none is retained on deletion or ignores changes.
func ProtectsOnly(t testing.TB, regs []Registration, addresses ...string) {
	t.Helper()
	var protected []string
	for _, r := range regs {
		assert.False(t, r.RetainOnDelete, "%s: retained", r.Address())
		assert.Empty(t, r.IgnoreChanges, "%s: ignores changes", r.Address())
		if r.Protect {
			protected = append(protected, r.Address())
		}
	}
	assert.ElementsMatch(t, addresses, protected, "protected resources")
}
