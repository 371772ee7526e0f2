package graph_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/graph"
	"evenkeel/internal/pulumitest"
)

type component struct{ pulumi.ResourceState }

func program(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
	c := &component{}
	if err := ctx.RegisterComponentResource("evenkeel:components:Topics", "topics", c, opts...); err != nil {
		return err
	}
	first, err := sns.NewTopic(ctx, "topics-first", &sns.TopicArgs{
		Policy: pulumi.ToSecret(pulumi.String("hush")).(pulumi.StringOutput),
	}, pulumi.Parent(c), pulumi.Protect(true))
	if err != nil {
		return err
	}
	_, err = sns.NewTopic(ctx, "topics-second", &sns.TopicArgs{
		DisplayName: first.Arn, Policy: pulumi.Sprintf("<%s>", first.ID()),
	}, pulumi.Parent(c), pulumi.IgnoreChanges([]string{"policy"}))
	return err
}

func build(t *testing.T) *graph.Graph {
	t.Helper()
	g, err := graph.Build(graph.Source{Program: pulumitest.Program(program), Project: "evenkeel", Stack: "dev"})
	require.NoError(t, err)
	return g
}

func TestJSONKeepsReferencesAndMasksSecrets(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, build(t).WriteJSON(&out))
	assert.NotContains(t, out.String(), "hush")

	var doc struct {
		Stack     string
		Resources []map[string]any
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &doc))
	require.Len(t, doc.Resources, 4)
	assert.Equal(t, map[string]any{
		"type": "aws:sns/topic:Topic", "name": "topics-second",
		"parent": "evenkeel:components:Topics::topics", "provider": "pulumi:providers:aws::main",
		"ignoreChanges": []any{"policy"},
		"dependsOn":     []any{"aws:sns/topic:Topic::topics-first"},
		"inputsFrom": map[string]any{
			"displayName": []any{"aws:sns/topic:Topic::topics-first"}, "policy": []any{"aws:sns/topic:Topic::topics-first"},
		},
		"inputs": map[string]any{
			"displayName": "${aws:sns/topic:Topic::topics-first.arn}",
			"policy":      "<${aws:sns/topic:Topic::topics-first.id}>",
		},
	}, doc.Resources[1])
	assert.Equal(t, "[secret]", doc.Resources[0]["inputs"].(map[string]any)["policy"])
}

func TestTextIsATree(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, build(t).WriteText(&out))
	assert.Equal(t, `dev
├─ main              aws provider
└─ topics            Topics
   ├─ topics-first   aws sns.Topic  protected
   └─ topics-second  aws sns.Topic  ignores policy; from topics-first

4 resources, of which 1 components. "from" lists whose outputs a resource uses; --format json has every input.
`, out.String())
}

func TestFromListsEachSourceOnce(t *testing.T) {
	r := graph.Resource{InputsFrom: map[string][]string{"a": {"t::two", "t::one"}, "b": {"t::one"}}}
	assert.Equal(t, []string{"t::one", "t::two"}, r.From())
}
