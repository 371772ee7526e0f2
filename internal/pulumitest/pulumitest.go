// Package pulumitest helps the tests of components and stacks: it runs a
// program on the strict recorder, looks things up in what was registered, and
// asserts what has to hold for every component.
package pulumitest

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/recorder"
)

// Registration is one recorded resource.
type Registration = recorder.Registration

// Option changes how a program is run.
type Option func(*recorder.Options)

// WithInvoke answers the data source token with result.
func WithInvoke(token string, result map[string]any) Option {
	return func(o *recorder.Options) {
		if o.Invokes == nil {
			o.Invokes = map[string]map[string]any{}
		}
		o.Invokes[token] = result
	}
}

// WithComputed sets what resources of a type compute.
func WithComputed(typeToken string, outputs map[string]any) Option {
	return func(o *recorder.Options) {
		if o.Computed == nil {
			o.Computed = map[string]map[string]any{}
		}
		o.Computed[typeToken] = outputs
	}
}

// WithStack sets the stack's name and its configuration by full key.
func WithStack(name string, config map[string]string) Option {
	return func(o *recorder.Options) { o.Stack, o.Config = name, maps.Clone(config) }
}

// Run runs program as an update: what AWS computes is filled in as references.
func Run(t testing.TB, program pulumi.RunFunc, opts ...Option) ([]Registration, error) {
	t.Helper()
	return run(program, false, opts)
}

// Preview runs program as a first preview: what AWS computes is unknown.
func Preview(t testing.TB, program pulumi.RunFunc, opts ...Option) ([]Registration, error) {
	t.Helper()
	return run(program, true, opts)
}

// MustRun is Run for a program that has to succeed.
func MustRun(t testing.TB, program pulumi.RunFunc, opts ...Option) []Registration {
	t.Helper()
	regs, err := Run(t, program, opts...)
	require.NoError(t, err)
	return regs
}

func run(program pulumi.RunFunc, preview bool, opts []Option) ([]Registration, error) {
	o := recorder.Options{Preview: preview}
	for _, opt := range opts {
		opt(&o)
	}
	return recorder.Run(program, o)
}

// providerName is the explicit provider's logical name.
const providerName = "main"

// Provider registers an explicit provider called "main".
func Provider(ctx *pulumi.Context) (*aws.Provider, error) {
	return aws.NewProvider(ctx, providerName, &aws.ProviderArgs{Region: pulumi.String("eu-west-1")})
}

// Program makes a program that registers the explicit provider and hands build
// the option that passes it on to a component.
func Program(build func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p, err := Provider(ctx)
		if err != nil {
			return err
		}
		return build(ctx, pulumi.Providers(p))
	}
}

// Children returns the resources whose parent is a component of type typeToken.
func Children(regs []Registration, typeToken string) []Registration {
	var out []Registration
	for _, r := range regs {
		parts := strings.Split(r.Parent, "::")
		if len(parts) < 4 {
			continue
		}
		types := strings.Split(parts[2], "$")
		if types[len(types)-1] == typeToken {
			out = append(out, r)
		}
	}
	return out
}

// Addresses returns "type name" of each resource, in order.
func Addresses(regs []Registration) []string {
	out := make([]string, len(regs))
	for i, r := range regs {
		out[i] = r.Address()
	}
	return out
}

// Find returns the one resource with this type and name, and fails t without it.
func Find(t testing.TB, regs []Registration, typeToken, name string) Registration {
	t.Helper()
	for _, r := range regs {
		if r.Type == typeToken && r.Name == name {
			return r
		}
	}
	require.Failf(t, "not registered", "%s %s; registered are:\n%s", typeToken, name, strings.Join(Addresses(regs), "\n"))
	return Registration{}
}
