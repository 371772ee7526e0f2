// Package recorder runs a Pulumi program without an engine, an account or a
// plugin, and returns every resource that it registered.
//
// It is stricter than the SDK's own mocks: it refuses duplicate URNs (which
// those accept and the engine refuses), invokes that nobody answers, custom
// resources without an explicit provider, and custom resources that no
// component owns.
//
// What AWS would compute is filled in as a reference to where it comes from,
// for example "${aws:ecr/repository:Repository::registry.arn}", so that a
// policy or a container definition rendered from outputs still shows what it
// refers to.
package recorder

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// providerType starts the type token of an explicit provider.
const providerType = "pulumi:providers:"

// Registration is one resource as the engine would have received it.
type Registration struct {
	// URN identifies the resource in its stack.
	URN string
	// Type and Name are the resource's type token and logical name.
	Type, Name string
	// Parent is the parent's URN; the stack's for a top-level resource.
	Parent string
	// Provider is the provider reference: the provider's URN, "::" and its id.
	// A remote component has none of its own and lists Providers instead.
	Provider  string
	Providers []string
	// Custom is false for components; Remote is true for a component that a
	// plugin builds, whose children are therefore unknown here.
	Custom, Remote bool
	// Protect, RetainOnDelete, DeleteBeforeReplace, IgnoreChanges and
	// ReplaceOnChanges are the resource options of those names.
	Protect, RetainOnDelete, DeleteBeforeReplace bool
	IgnoreChanges, ReplaceOnChanges              []string
	// DependsOn holds the URNs of all resources that this one waits for:
	// explicit dependencies and those of its inputs.
	DependsOn []string
	// InputsFrom holds, by input property, the URNs of the resources that its
	// value comes from, also where the value itself is known.
	InputsFrom map[string][]string
	// Inputs are the resource's inputs.
	Inputs resource.PropertyMap
}

// Address is "type name", how tests and listings show a resource.
func (r Registration) Address() string { return r.Type + " " + r.Name }

// Ref is "type::name", how references name a resource.
func (r Registration) Ref() string { return r.Type + "::" + r.Name }

// Options configure a run.
type Options struct {
	// Project and Stack name the program's surroundings. Default "evenkeel"
	// and "test".
	Project, Stack string
	// Config is the stack's configuration by full key ("evenkeel:service"),
	// objects as JSON.
	Config map[string]string
	// Preview withholds everything that AWS computes, as a first preview does.
	// Inputs that hold such a value are then missing from Registration.Inputs.
	Preview bool
	// Computed overrides what a type computes, by type token and property.
	Computed map[string]map[string]any
	// Invokes answers data sources by token. Any other invoke is an error.
	Invokes map[string]map[string]any
}

// Run runs program and returns what it registered, sorted by type and name.
// It returns after every registration has finished, so that callers look at
// the result and never need an Apply callback. On an error of the program the
// resources registered until then come with it.
func Run(program pulumi.RunFunc, o Options) ([]Registration, error) {
	m := &monitor{opts: withDefaults(o), seen: map[string]bool{}}
	err := pulumi.RunErr(program, pulumi.WithMocks(m.opts.Project, m.opts.Stack, m), func(i *pulumi.RunInfo) {
		i.Config = m.opts.Config
		i.DryRun = m.opts.Preview
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortFunc(m.regs, func(a, b Registration) int { return strings.Compare(a.Address(), b.Address()) })
	return m.regs, err
}

func withDefaults(o Options) Options {
	if o.Project == "" {
		o.Project = "evenkeel"
	}
	if o.Stack == "" {
		o.Stack = "test"
	}
	return o
}

// monitor implements pulumi.MockResourceMonitor.
type monitor struct {
	opts Options

	mu   sync.Mutex
	seen map[string]bool
	regs []Registration
}

var _ pulumi.MockResourceMonitor = (*monitor)(nil)

// NewResource implements pulumi.MockResourceMonitor.
func (m *monitor) NewResource(a pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if a.RegisterRPC == nil {
		return "", nil, fmt.Errorf("read of %s %q: the recorder has no existing resources; look it up by a data source", a.TypeToken, a.Name)
	}
	reg := m.registration(a)
	if err := m.refuse(reg); err != nil {
		return "", nil, err
	}
	state := a.Inputs.Copy()
	if !m.opts.Preview {
		var err error
		if state, err = m.state(reg); err != nil {
			return "", nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen[reg.URN] {
		return "", nil, fmt.Errorf("duplicate URN %s", reg.URN)
	}
	m.seen[reg.URN] = true
	m.regs = append(m.regs, reg)
	if m.opts.Preview {
		return "", state, nil
	}
	return reference(reg.Ref(), "id"), state, nil
}

func (m *monitor) registration(a pulumi.MockResourceArgs) Registration {
	rpc := a.RegisterRPC
	return Registration{
		URN:    m.urn(rpc.GetParent(), a.TypeToken, a.Name),
		Type:   a.TypeToken,
		Name:   a.Name,
		Parent: rpc.GetParent(), Provider: a.Provider, Providers: providers(rpc),
		Custom: a.Custom, Remote: rpc.GetRemote(),
		Protect: rpc.GetProtect(), RetainOnDelete: rpc.GetRetainOnDelete(),
		DeleteBeforeReplace: rpc.GetDeleteBeforeReplace(),
		IgnoreChanges:       rpc.GetIgnoreChanges(),
		ReplaceOnChanges:    rpc.GetReplaceOnChanges(),
		DependsOn:           rpc.GetDependencies(),
		InputsFrom:          inputsFrom(rpc),
		Inputs:              a.Inputs,
	}
}

func inputsFrom(rpc *pulumirpc.RegisterResourceRequest) map[string][]string {
	out := map[string][]string{}
	for property, deps := range rpc.GetPropertyDependencies() {
		if urns := slices.Sorted(slices.Values(deps.GetUrns())); len(urns) > 0 {
			out[property] = urns
		}
	}
	return out
}

func providers(rpc *pulumirpc.RegisterResourceRequest) []string {
	var out []string
	for _, ref := range rpc.GetProviders() {
		out = append(out, ref)
	}
	slices.Sort(out)
	return out
}

// urn is the URN that the engine would give. It holds the parent's types but
// not its name: two instances of one component share it, so a child whose name
// ignores the component's name collides.
func (m *monitor) urn(parent, typ, name string) string {
	types := typ
	if u := resource.URN(parent); parent != "" && u.QualifiedType() != resource.RootStackType {
		types = string(u.QualifiedType()) + "$" + typ
	}
	return fmt.Sprintf("urn:pulumi:%s::%s::%s::%s", m.opts.Stack, m.opts.Project, types, name)
}

// refuse reports what the engine would accept but this product forbids.
func (m *monitor) refuse(r Registration) error {
	if !r.Custom || strings.HasPrefix(r.Type, providerType) {
		return nil
	}
	if strings.HasPrefix(r.Type, "pulumi:pulumi:") {
		return nil // a stack reference belongs to the engine, not to a provider
	}
	if r.Provider == "" || strings.Contains(r.Provider, "::default") {
		return fmt.Errorf("%s %q uses a default provider: pass pulumi.Providers to its component", r.Type, r.Name)
	}
	if r.Parent == "" || resource.URN(r.Parent).QualifiedType() == resource.RootStackType {
		return fmt.Errorf("%s %q has no parent: every resource belongs to a component", r.Type, r.Name)
	}
	return nil
}

// Call implements pulumi.MockResourceMonitor for data sources.
func (m *monitor) Call(a pulumi.MockCallArgs) (resource.PropertyMap, error) {
	out, ok := m.opts.Invokes[a.Token]
	if !ok {
		return nil, fmt.Errorf("invoke of %s: the recorder has no answer for it", a.Token)
	}
	answer := a.Args.Copy()
	for k, v := range resource.NewPropertyMapFromMap(out) {
		answer[k] = v
	}
	return answer, nil
}
