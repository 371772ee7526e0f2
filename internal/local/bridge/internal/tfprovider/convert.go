package tfprovider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

// Protocol 5 is a subset of protocol 6 for everything converted here: the messages
// differ in names, and protocol 6 adds nested attributes that protocol 5 lacks.

func dynamicTo5(v *tfprotov6.DynamicValue) *tfplugin5.DynamicValue {
	if v == nil {
		return nil
	}
	return &tfplugin5.DynamicValue{Msgpack: v.MsgPack, Json: v.JSON}
}

func dynamicTo6(v *tfplugin5.DynamicValue) *tfprotov6.DynamicValue {
	if v == nil {
		return nil
	}
	return &tfprotov6.DynamicValue{MsgPack: v.Msgpack, JSON: v.Json}
}

func diagnosticsTo6(in []*tfplugin5.Diagnostic) []*tfprotov6.Diagnostic {
	out := make([]*tfprotov6.Diagnostic, 0, len(in))
	for _, d := range in {
		out = append(out, &tfprotov6.Diagnostic{
			Severity:  tfprotov6.DiagnosticSeverity(d.Severity), // same numbering
			Summary:   d.Summary,
			Detail:    d.Detail,
			Attribute: pathTo6(d.Attribute),
		})
	}
	return out
}

func pathTo6(p *tfplugin5.AttributePath) *tftypes.AttributePath {
	if p == nil {
		return nil
	}
	out := tftypes.NewAttributePath()
	for _, s := range p.Steps {
		switch sel := s.Selector.(type) {
		case *tfplugin5.AttributePath_Step_AttributeName:
			out = out.WithAttributeName(sel.AttributeName)
		case *tfplugin5.AttributePath_Step_ElementKeyString:
			out = out.WithElementKeyString(sel.ElementKeyString)
		case *tfplugin5.AttributePath_Step_ElementKeyInt:
			out = out.WithElementKeyInt(int(sel.ElementKeyInt))
		}
	}
	return out
}

func pathsTo6(in []*tfplugin5.AttributePath) []*tftypes.AttributePath {
	out := make([]*tftypes.AttributePath, 0, len(in))
	for _, p := range in {
		out = append(out, pathTo6(p))
	}
	return out
}

// schemasTo6 converts the named schemas, or all of them when names is nil.
func schemasTo6(in map[string]*tfplugin5.Schema, names []string) (map[string]*tfprotov6.Schema, error) {
	if names == nil {
		names = slices.Collect(maps.Keys(in))
	}
	out := make(map[string]*tfprotov6.Schema, len(names))
	for _, name := range names {
		s, ok := in[upstream(name)]
		if !ok {
			return nil, fmt.Errorf("%s: the Terraform provider has none of this name, want terraform-provider-aws 5.100.0", upstream(name))
		}
		c, err := schemaTo6(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = c
	}
	return out, nil
}

func schemaTo6(in *tfplugin5.Schema) (*tfprotov6.Schema, error) {
	if in == nil {
		return nil, nil
	}
	block, err := blockTo6(in.Block)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.Schema{Version: in.Version, Block: block}, nil
}

func blockTo6(in *tfplugin5.Schema_Block) (*tfprotov6.SchemaBlock, error) {
	out := &tfprotov6.SchemaBlock{
		Version:         in.GetVersion(),
		Description:     in.GetDescription(),
		DescriptionKind: tfprotov6.StringKind(in.GetDescriptionKind()),
		Deprecated:      in.GetDeprecated(),
	}
	for _, a := range in.GetAttributes() {
		typ, err := tftypes.ParseJSONType(a.Type) //nolint:staticcheck // the wire format is a JSON type
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", a.Name, err)
		}
		out.Attributes = append(out.Attributes, &tfprotov6.SchemaAttribute{
			Name: a.Name, Type: typ, Description: a.Description,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, Deprecated: a.Deprecated, WriteOnly: a.WriteOnly,
			DescriptionKind: tfprotov6.StringKind(a.DescriptionKind),
		})
	}
	for _, b := range in.GetBlockTypes() {
		inner, err := blockTo6(b.Block)
		if err != nil {
			return nil, fmt.Errorf("block %s: %w", b.TypeName, err)
		}
		out.BlockTypes = append(out.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: b.TypeName, Block: inner,
			Nesting:  tfprotov6.SchemaNestedBlockNestingMode(b.Nesting), // same numbering
			MinItems: b.MinItems, MaxItems: b.MaxItems,
		})
	}
	return out, nil
}
