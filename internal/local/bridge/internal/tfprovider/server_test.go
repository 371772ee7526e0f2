package tfprovider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// client answers as a provider with one type would.
type client struct {
	tfplugin5.ProviderClient
	typeName string // of the last call
}

func (*client) GetSchema(
	context.Context, *tfplugin5.GetProviderSchema_Request, ...grpc.CallOption,
) (*tfplugin5.GetProviderSchema_Response, error) {
	return &tfplugin5.GetProviderSchema_Response{
		ResourceSchemas: map[string]*tfplugin5.Schema{
			"aws_thing": {Version: 3, Block: &tfplugin5.Schema_Block{
				Attributes: []*tfplugin5.Schema_Attribute{
					{Name: "arn", Type: []byte(`"string"`), Computed: true},
					{Name: "secret", Type: []byte(`["list","string"]`), Optional: true, Sensitive: true, WriteOnly: true},
				},
				BlockTypes: []*tfplugin5.Schema_NestedBlock{{
					TypeName: "rule", Nesting: tfplugin5.Schema_NestedBlock_SET, MinItems: 1, MaxItems: 2,
					Block: &tfplugin5.Schema_Block{Attributes: []*tfplugin5.Schema_Attribute{
						{Name: "port", Type: []byte(`"number"`), Required: true},
					}},
				}},
			}},
			"aws_odd": {Block: &tfplugin5.Schema_Block{
				Attributes: []*tfplugin5.Schema_Attribute{{Name: "x", Type: []byte(`"nothing"`)}},
			}},
		},
	}, nil
}

func (c *client) ReadResource(
	_ context.Context, q *tfplugin5.ReadResource_Request, _ ...grpc.CallOption,
) (*tfplugin5.ReadResource_Response, error) {
	c.typeName = q.GetTypeName()
	return &tfplugin5.ReadResource_Response{
		NewState: &tfplugin5.DynamicValue{Msgpack: q.GetCurrentState().GetMsgpack()},
		Private:  q.GetPrivate(),
		Diagnostics: []*tfplugin5.Diagnostic{{
			Severity: tfplugin5.Diagnostic_WARNING, Summary: "s", Detail: "d",
			Attribute: &tfplugin5.AttributePath{Steps: []*tfplugin5.AttributePath_Step{
				{Selector: &tfplugin5.AttributePath_Step_AttributeName{AttributeName: "rule"}},
				{Selector: &tfplugin5.AttributePath_Step_ElementKeyInt{ElementKeyInt: 1}},
				{Selector: &tfplugin5.AttributePath_Step_ElementKeyString{ElementKeyString: "k"}},
			}},
		}},
	}, nil
}

func (*client) ImportResourceState(
	_ context.Context, q *tfplugin5.ImportResourceState_Request, _ ...grpc.CallOption,
) (*tfplugin5.ImportResourceState_Response, error) {
	return &tfplugin5.ImportResourceState_Response{ImportedResources: []*tfplugin5.ImportResourceState_ImportedResource{
		{TypeName: q.GetTypeName()}, {TypeName: "aws_other"},
	}}, nil
}

func TestSchema(t *testing.T) {
	s := &Server{client: &client{}, Resources: []string{"aws_thing", "aws_thing_legacy"}, DataSources: []string{}}
	got, err := s.GetProviderSchema(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, got.DataSourceSchemas)
	require.Len(t, got.ResourceSchemas, 2)
	for name, schema := range got.ResourceSchemas {
		assert.EqualValues(t, 3, schema.Version, name)
		assert.Equal(t, &tfprotov6.SchemaBlock{
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "arn", Type: tftypes.String, Computed: true},
				{Name: "secret", Type: tftypes.List{ElementType: tftypes.String}, Optional: true, Sensitive: true, WriteOnly: true},
			},
			BlockTypes: []*tfprotov6.SchemaNestedBlock{{
				TypeName: "rule", Nesting: tfprotov6.SchemaNestedBlockNestingModeSet, MinItems: 1, MaxItems: 2,
				Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
					{Name: "port", Type: tftypes.Number, Required: true},
				}},
			}},
		}, schema.Block, name)
	}
}

func TestSchemaFails(t *testing.T) {
	tests := map[string]struct {
		names []string
		want  string
	}{
		"type of another version": {names: []string{"aws_new"}, want: "resource type aws_new: the Terraform provider has none"},
		"unknown attribute type":  {names: []string{"aws_odd"}, want: "resource type aws_odd: attribute x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &Server{client: &client{}, Resources: tt.names}
			_, err := s.GetProviderSchema(t.Context(), nil)
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestReadUnderSecondName(t *testing.T) {
	c := &client{}
	got, err := (&Server{client: c}).ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "aws_thing_legacy", CurrentState: &tfprotov6.DynamicValue{MsgPack: []byte{1}}, Private: []byte{2},
	})
	require.NoError(t, err)
	assert.Equal(t, "aws_thing", c.typeName)
	assert.Equal(t, []byte{1}, got.NewState.MsgPack)
	assert.Equal(t, []byte{2}, got.Private)
	require.Len(t, got.Diagnostics, 1)
	assert.Equal(t, tfprotov6.DiagnosticSeverityWarning, got.Diagnostics[0].Severity)
	assert.Equal(t, tftypes.NewAttributePath().WithAttributeName("rule").WithElementKeyInt(1).WithElementKeyString("k"),
		got.Diagnostics[0].Attribute)
}

func TestImportUnderSecondName(t *testing.T) {
	got, err := (&Server{client: &client{}}).ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: "aws_thing_legacy", ID: "x",
	})
	require.NoError(t, err)
	require.Len(t, got.ImportedResources, 2)
	assert.Equal(t, "aws_thing_legacy", got.ImportedResources[0].TypeName)
	assert.Equal(t, "aws_other", got.ImportedResources[1].TypeName)
}

func TestLaunchFails(t *testing.T) {
	for name, binary := range map[string]string{"no such file": "/nonexistent/provider", "not a provider": "/bin/sh"} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Launch(binary)
			assert.ErrorContains(t, err, "start Terraform provider "+binary)
		})
	}
}
