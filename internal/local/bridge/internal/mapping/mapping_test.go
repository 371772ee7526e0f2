package mapping_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/mapping"
)

func TestLoad(t *testing.T) {
	table, err := mapping.Load()
	require.NoError(t, err)
	assert.Regexp(t, `^6\.\d+\.\d+$`, table.SDKVersion)
	assert.Greater(t, len(table.Resources), 1500)
	assert.Greater(t, len(table.DataSources), 600)
	assert.Equal(t, "aws:ecr/lifecyclePolicy:LifecyclePolicy", table.Resources["aws_ecr_lifecycle_policy"].Token)
	assert.True(t, table.Resources["aws_ecr_repository"].Tagged)
	assert.False(t, table.Resources["aws_ecr_lifecycle_policy"].Tagged)

	tokens := map[string]string{}
	for name, e := range table.Resources {
		assert.Empty(t, tokens[e.Token], "%s and %s are the same token", name, tokens[e.Token])
		tokens[e.Token] = name
	}
}

func TestJSONRoundTrip(t *testing.T) {
	yes, no := true, false
	want := mapping.Table{
		SDKVersion: "1.2.3",
		Config:     map[string]*mapping.Field{"assume_role": {Single: &yes}},
		Resources: map[string]*mapping.Entity{
			"aws_b": {Token: "aws:b:B", Tagged: true},
			"aws_a": {Token: "aws:a:A", Fields: map[string]*mapping.Field{
				"x": {Name: "y", Single: &no, Elem: map[string]*mapping.Field{"z": {Name: "z", Type: "int"}}},
				"f": {Name: "code", File: "archive"},
			}},
		},
		DataSources: map[string]*mapping.Entity{},
	}
	out, err := want.JSON()
	require.NoError(t, err)
	var got mapping.Table
	require.NoError(t, json.Unmarshal(out, &got))
	assert.Equal(t, want, got)
	assert.Contains(t, string(out), "\n\"aws_a\":{\"token\":\"aws:a:A\"")
}

func TestSchemaInfos(t *testing.T) {
	yes := true
	got := mapping.SchemaInfos(map[string]*mapping.Field{
		"list":   {Single: &yes, Elem: map[string]*mapping.Field{"a": {Name: "b"}}},
		"object": {Fields: map[string]*mapping.Field{"c": {Name: "d"}}},
		"file":   {Name: "code", File: "archive"},
	})
	assert.True(t, *got["list"].MaxItemsOne)
	assert.Equal(t, "b", got["list"].Elem.Fields["a"].Name)
	assert.Nil(t, got["list"].Fields)
	assert.Equal(t, "d", got["object"].Fields["c"].Name)
	assert.Same(t, mapping.File, got["file"].Asset)
	assert.Nil(t, mapping.SchemaInfos(nil))
}
