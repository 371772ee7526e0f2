package bridge

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"evenkeel/bridge/internal/mapping"
)

const (
	targetGroup = "urn:pulumi:dev::p::aws:lb/targetGroup:TargetGroup::api"
	token       = "aws:lb/targetGroup:TargetGroup"
)

// inner stands for the bridge's own server.
type inner struct {
	pulumirpc.UnimplementedResourceProviderServer
	checked  map[string]any // what Check answers
	replaces []string       // what Diff answers
	olds     inputs         // what Check got
}

func fields(in map[string]any) *structpb.Struct {
	out, err := structpb.NewStruct(in)
	if err != nil {
		panic(err)
	}
	return out
}

func (i *inner) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	i.olds = req.GetOlds().GetFields()
	return &pulumirpc.CheckResponse{Inputs: fields(i.checked)}, nil
}

func (i *inner) Diff(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Replaces: i.replaces}, nil
}

func (i *inner) Read(context.Context, *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return &pulumirpc.ReadResponse{Inputs: fields(i.checked), Properties: fields(i.checked)}, nil
}

func (i *inner) Create(context.Context, *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return &pulumirpc.CreateResponse{Properties: fields(i.checked)}, nil
}

func (i *inner) Update(context.Context, *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return &pulumirpc.UpdateResponse{Properties: fields(i.checked)}, nil
}

func testServer(i *inner) *server {
	return &server{i, map[string]resourceType{token: testType("aws_lb_target_group", "name", "name_prefix", "port")}}
}

func TestCheckRecordsMadeUpNames(t *testing.T) {
	tests := map[string]struct {
		given, checked map[string]any
		want           []any
		fails          string // property
	}{
		"made up":             {given: map[string]any{"port": "80"}, checked: map[string]any{"name": "api-1"}, want: []any{"name"}},
		"given":               {given: map[string]any{"name": "api"}, checked: map[string]any{"name": "api"}, want: []any{}},
		"given as null":       {given: map[string]any{"name": nil}, checked: map[string]any{"name": "api-1"}, want: []any{"name"}},
		"given as a prefix":   {given: map[string]any{"namePrefix": "api"}, checked: map[string]any{"namePrefix": "api"}, want: []any{}},
		"can't be made up":    {given: map[string]any{}, checked: map[string]any{}, want: []any{}, fails: "name"},
		"unknown input":       {given: map[string]any{"name": "api", "colour": "x"}, checked: map[string]any{"name": "api"}, want: []any{}, fails: "colour"},
		"the engine's inputs": {given: map[string]any{"name": "api", "__internal": "x"}, checked: map[string]any{"name": "api"}, want: []any{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := testServer(&inner{checked: tt.checked})
			resp, err := s.Check(t.Context(), &pulumirpc.CheckRequest{Urn: targetGroup, News: fields(tt.given)})
			require.NoError(t, err)
			assert.Equal(t, tt.want, resp.GetInputs().AsMap()["__defaults"])
			if tt.fails == "" {
				assert.Empty(t, resp.GetFailures())
				return
			}
			require.Len(t, resp.GetFailures(), 1)
			assert.Equal(t, tt.fails, resp.GetFailures()[0].GetProperty())
			assert.NotEmpty(t, resp.GetFailures()[0].GetReason())
		})
	}
}

// The bridge keeps the name it finds in the old inputs.
func TestCheckForgetsGivenNames(t *testing.T) {
	tests := map[string]struct {
		olds map[string]any
		kept bool
	}{
		"was made up":   {olds: map[string]any{"name": "api-1", "__defaults": []any{"name"}}, kept: true},
		"was given":     {olds: map[string]any{"name": "api", "__defaults": []any{}}},
		"nobody knows":  {olds: map[string]any{"name": "api"}, kept: true},
		"there is none": {olds: nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			i := &inner{checked: map[string]any{"name": "x"}}
			_, err := testServer(i).Check(t.Context(), &pulumirpc.CheckRequest{
				Urn: targetGroup, Olds: fields(tt.olds), News: fields(map[string]any{"port": "80"}),
			})
			require.NoError(t, err)
			assert.Equal(t, tt.kept, i.olds.has("name"))
		})
	}
}

func TestDiffOrdersReplacements(t *testing.T) {
	given := map[string]any{"name": "api", "__defaults": []any{}}
	madeUp := map[string]any{"name": "api-1", "__defaults": []any{"name"}}
	tests := map[string]struct {
		replaces []string
		news     map[string]any
		want     bool
	}{
		"replaced, name given":   {replaces: []string{"port"}, news: given, want: true},
		"replaced, name made up": {replaces: []string{"port"}, news: madeUp},
		"not replaced":           {news: given},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			resp, err := testServer(&inner{replaces: tt.replaces}).Diff(t.Context(), &pulumirpc.DiffRequest{
				Urn: targetGroup, OldInputs: fields(tt.news), News: fields(tt.news),
			})
			require.NoError(t, err)
			assert.Equal(t, tt.want, resp.GetDeleteBeforeReplace())
		})
	}
}

func TestReadKeepsDefaults(t *testing.T) {
	s := testServer(&inner{checked: map[string]any{"name": "api-1"}})
	resp, err := s.Read(t.Context(), &pulumirpc.ReadRequest{
		Urn: targetGroup, Inputs: fields(map[string]any{"name": "api-1", "__defaults": []any{"name"}}),
	})
	require.NoError(t, err)
	assert.Equal(t, []any{"name"}, resp.GetInputs().AsMap()["__defaults"])

	resp, err = s.Read(t.Context(), &pulumirpc.ReadRequest{Urn: targetGroup})
	require.NoError(t, err)
	assert.NotContains(t, resp.GetInputs().AsMap(), "__defaults", "an import has none")
}

func TestFilesHavePaths(t *testing.T) {
	t.Setenv("TMPDIR", "/tmp/x")
	typ := testType("aws_s3_object", "key", "source")
	typ.fields["source"] = mapping.SchemaInfos(map[string]*mapping.Field{"source": {Name: "source", File: "asset"}})["source"]
	file := map[string]any{"hash": "abc"}
	s := &server{&inner{checked: map[string]any{"source": file, "key": file}}, map[string]resourceType{token: typ}}
	path := "/tmp/x/pulumi-asset-abc"
	output := map[string]any{"source": map[string]any{"hash": "abc", "path": path}, "key": file}

	read, err := s.Read(t.Context(), &pulumirpc.ReadRequest{Urn: targetGroup})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"source": path, "key": file}, read.GetInputs().AsMap())
	assert.Equal(t, output, read.GetProperties().AsMap())

	created, err := s.Create(t.Context(), &pulumirpc.CreateRequest{Urn: targetGroup})
	require.NoError(t, err)
	assert.Equal(t, output, created.GetProperties().AsMap())

	updated, err := s.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: targetGroup})
	require.NoError(t, err)
	assert.Equal(t, output, updated.GetProperties().AsMap())
}
