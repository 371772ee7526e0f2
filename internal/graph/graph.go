// Package graph is the resource graph of a stack: every resource that its
// program registers, with its inputs, its parent and what it refers to. It
// runs the real program on the strict recorder, so it needs no engine, no
// account and no network, and it cannot disagree with what is deployed.
package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/recorder"
)

// placeholderAccount stands for the account where the configuration names
// none: AWS's own documentation account.
const placeholderAccount = "123456789012"

// Graph is the resource graph of one stack.
type Graph struct {
	// Stack is the stack's name.
	Stack string `json:"stack"`
	// Resources are sorted by type and name.
	Resources []Resource `json:"resources"`
}

// Resource is one node.
type Resource struct {
	// Type is the Pulumi type token, Name the logical name. Together they are
	// unique in a graph.
	Type string `json:"type"`
	Name string `json:"name"`
	// Parent is the parent's "type::name", empty at the top.
	Parent string `json:"parent"`
	// Provider is the "type::name" of the provider, empty for components.
	Provider string `json:"provider,omitempty"`
	// Remote marks a component that a plugin builds from its inputs: its
	// children are created, but are not in the graph.
	Remote bool `json:"remote,omitempty"`
	// Protect, IgnoreChanges and RetainOnDelete are the resource options.
	Protect        bool     `json:"protect,omitempty"`
	RetainOnDelete bool     `json:"retainOnDelete,omitempty"`
	IgnoreChanges  []string `json:"ignoreChanges,omitempty"`
	// DependsOn lists the "type::name" of every resource that must exist
	// first, sorted.
	DependsOn []string `json:"dependsOn,omitempty"`
	// InputsFrom lists, by input property, the "type::name" of the resources
	// that its value comes from, sorted. It also has those whose value is known
	// before they exist, such as a name that the program chose.
	InputsFrom map[string][]string `json:"inputsFrom,omitempty"`
	// Inputs are the inputs. A value that comes from another resource is the
	// text "${type::name.property}", alone or within a longer text; a secret is
	// "[secret]".
	Inputs map[string]any `json:"inputs"`
}

// Ref is how other resources name this one.
func (r Resource) Ref() string { return r.Type + "::" + r.Name }

// Source is a program and the stack that it is run for.
type Source struct {
	// Program is the Pulumi program.
	Program pulumi.RunFunc
	// Project and Stack name where it would run.
	Project, Stack string
	// Config is the stack's configuration by full key, objects as JSON.
	Config map[string]string
	// Account is the account's id. Default: AWS's documentation account.
	Account string
}

// Build runs the program and returns its graph.
func Build(s Source) (*Graph, error) {
	regs, err := recorder.Run(s.Program, recorder.Options{
		Project: s.Project, Stack: s.Stack, Config: s.Config, Invokes: answers(s.Account),
	})
	if err != nil {
		return nil, err
	}
	g := &Graph{Stack: s.Stack, Resources: []Resource{}}
	for _, r := range regs {
		g.Resources = append(g.Resources, node(r))
	}
	return g, nil
}

// answers are what AWS would say to a program's questions, as references where
// only a real account could tell.
func answers(account string) map[string]map[string]any {
	if account == "" {
		account = placeholderAccount
	}
	return map[string]map[string]any{
		// No engine, so no earlier deployment.
		"pulumi:pulumi:readStackOutputs":                {"outputs": map[string]any{}},
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": account, "id": account},
		"aws:ec2/getVpc:getVpc":                         {"id": "${defaultVpc.id}", "cidrBlock": "172.31.0.0/16"},
		"aws:ec2/getSubnets:getSubnets":                 {"ids": []any{"${defaultVpc.subnetIds[0]}", "${defaultVpc.subnetIds[1]}"}},
	}
}

func node(r recorder.Registration) Resource {
	out := Resource{
		Type: r.Type, Name: r.Name, Parent: urnRef(r.Parent), Provider: urnRef(r.Provider), Remote: r.Remote,
		Protect: r.Protect, RetainOnDelete: r.RetainOnDelete, IgnoreChanges: r.IgnoreChanges, Inputs: r.Plain(),
	}
	if r.Remote && len(r.Providers) > 0 {
		out.Provider = urnRef(r.Providers[0])
	}
	for _, d := range r.DependsOn {
		out.DependsOn = append(out.DependsOn, urnRef(d))
	}
	slices.Sort(out.DependsOn)
	for property, urns := range r.InputsFrom {
		if out.InputsFrom == nil {
			out.InputsFrom = map[string][]string{}
		}
		for _, u := range urns {
			out.InputsFrom[property] = append(out.InputsFrom[property], urnRef(u))
		}
	}
	return out
}

// urnRef shortens a URN, or a provider reference, to "type::name".
func urnRef(urn string) string {
	u, err := resource.ParseURN(strings.Join(strings.SplitN(urn, "::", 5)[:min(4, strings.Count(urn, "::")+1)], "::"))
	if err != nil || u.QualifiedType() == resource.RootStackType {
		return ""
	}
	return string(u.Type()) + "::" + u.Name()
}

// From lists the "type::name" of the resources whose outputs flow into r,
// sorted, each once.
func (r Resource) From() []string {
	var out []string
	for _, refs := range r.InputsFrom {
		out = append(out, refs...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WriteJSON writes the graph as indented JSON; the same program and
// configuration always give the same text.
func (g *Graph) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(g); err != nil {
		return fmt.Errorf("write the graph: %w", err)
	}
	return nil
}
