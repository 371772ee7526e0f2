package preview_test

import (
	"bytes"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/preview"
	"evenkeel/internal/review"
)

func event(op apitype.OpType, urn string, diffs, keys []string) events.EngineEvent {
	var e events.EngineEvent
	e.ResourcePreEvent = &apitype.ResourcePreEvent{Metadata: apitype.StepEventMetadata{Op: op, URN: urn, Diffs: diffs, Keys: keys}}
	return e
}

func collected(t *testing.T, list ...events.EngineEvent) (*preview.Result, string) {
	t.Helper()
	ch := make(chan events.EngineEvent)
	go func() {
		defer close(ch)
		for _, e := range list {
			ch <- e
		}
	}()
	var progress bytes.Buffer
	return &preview.Result{Stack: "dev", Steps: preview.Collect(ch, &progress)}, progress.String()
}

const topic = "urn:pulumi:dev::evenkeel::aws:sns/topic:Topic::"

func TestOnlyWhatChangesIsCollected(t *testing.T) {
	t.Parallel()
	r, progress := collected(t,
		events.EngineEvent{}, // progress of another kind
		event(apitype.OpSame, topic+"same", nil, nil), event(apitype.OpRead, topic+"read", nil, nil),
		event(apitype.OpRefresh, topic+"refreshed", nil, nil),
		event(apitype.OpUpdate, topic+"b", []string{"name"}, nil),
		event(apitype.OpCreateReplacement, topic+"a", []string{"name"}, []string{"name"}),
		event(apitype.OpReplace, topic+"a", []string{"name"}, []string{"name"}),
		event(apitype.OpDeleteReplaced, topic+"a", nil, nil),
	)
	assert.Equal(t, []review.Step{
		{Op: "replace", URN: topic + "a", DiffReasons: []string{"name"}, ReplaceReasons: []string{"name"}},
		{Op: "update", URN: topic + "b", DiffReasons: []string{"name"}},
	}, r.Steps)
	assert.True(t, r.Changed())
	assert.Equal(t, "update "+topic+"b\nreplace "+topic+"a\n", progress)

	r, _ = collected(t, event(apitype.OpSame, topic+"same", nil, nil), event(apitype.OpRefresh, topic+"refreshed", nil, nil))
	assert.False(t, r.Changed())
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	r, _ := collected(t, event(apitype.OpDelete, topic+"a", nil, nil), event(apitype.OpUpdate, topic+"b", []string{"name", "tags"}, nil))
	r.ChangeSummary = map[string]int{"same": 3, "update": 1, "delete": 1}
	var out bytes.Buffer
	require.NoError(t, r.WriteJSON(&out))
	p, err := review.ParsePreview(out.Bytes())
	require.NoError(t, err)
	assert.Equal(t, r.Steps, p.Steps)
	assert.Equal(t, "1 delete, 1 update, 3 same", p.Summary())
	out.Reset()
	require.NoError(t, r.WriteText(&out))
	assert.Equal(t, "delete   "+topic+"a\nupdate   "+topic+"b  (name, tags)\n"+
		"Stack dev differs from what is deployed: 1 delete, 1 update, 3 same.\n", out.String())
	out.Reset()
	require.NoError(t, (&preview.Result{Stack: "dev", ChangeSummary: map[string]int{"same": 3}}).WriteText(&out))
	assert.Equal(t, "Stack dev is as it is deployed: 3 same.\n", out.String())
}
