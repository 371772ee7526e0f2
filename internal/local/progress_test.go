package local

import (
	"bytes"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
)

func event(op apitype.OpType, name string, done bool) apitype.EngineEvent {
	m := apitype.StepEventMetadata{Op: op, Provider: "urn:x::id", URN: "urn:pulumi:dev::evenkeel::aws:lb/x:X::" + name}
	if done {
		return apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: m}}
	}
	return apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: m}}
}

func TestRunningNamesTheSlowest(t *testing.T) {
	clock := time.Unix(0, 0)
	p := &running{verb: "deploying", total: 6, started: map[string]time.Time{}, now: func() time.Time { return clock }}
	for _, name := range []string{"a", "b", "c", "d"} {
		p.see(event(apitype.OpCreate, name, false))
		clock = clock.Add(10 * time.Second)
	}
	p.see(event(apitype.OpSame, "unchanged", false))
	component := event(apitype.OpCreate, "component", false)
	component.ResourcePreEvent.Metadata.Provider = ""
	p.see(component)
	p.see(event(apitype.OpCreate, "b", true))
	assert.Equal(t, "deploying: 1 of 6, waiting for a (40 s), c (20 s), d (10 s)", p.String())

	p = &running{verb: "deleting", started: map[string]time.Time{}, now: func() time.Time { return clock }}
	assert.Equal(t, "deleting: 0", p.String(), "an unknown total is not made up")
}

func TestReporterRewritesOnTerminalsOnly(t *testing.T) {
	var plain, term bytes.Buffer
	p, r := &Reporter{Out: &plain}, &Reporter{Out: &term, Terminal: true}
	for _, x := range []*Reporter{p, r} {
		x.Step("building")
		x.rewrite("1 of 2")
		x.rewrite("2 of 2")
		x.Done("building", "built")
	}
	assert.Equal(t, "building …\n1 of 2\n2 of 2\n  built, after 0 s\n", plain.String())
	assert.Equal(t, "building …\n1 of 2\r\033[K2 of 2\r\033[K  built, after 0 s\n", term.String())
}
