package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/golden"
	"evenkeel/internal/iampolicy"
	"evenkeel/internal/iampolicy/recorded"
	"evenkeel/internal/local/gateway"
	"evenkeel/internal/policydoc"
	"evenkeel/internal/sample"
)

// recording is what the engine called for a committed stack, as the end-to-end
// tests have written it (EVENKEEL_RECORD_CALLS=1 make e2e), and its policies.
type recording struct {
	name      string
	stack     recorded.Stack
	entries   []recorded.Entry
	documents map[iampolicy.Role][]policydoc.Document
}

// stateKey stands for the key of the state, whose id is another in each recording.
const stateKey = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"

func recordings(t *testing.T) []recording {
	t.Helper()
	root := sample.Dir(t)
	t.Chdir(root)
	var out []recording
	for name, tc := range map[string]struct {
		stack, account string
		// with is what the recorded stack had besides what is committed.
		with func(*iampolicy.Input)
	}{
		"dev": {"dev", "123456789012", func(in *iampolicy.Input) {
			in.Types = append(in.Types, "aws:appautoscaling/scheduledAction:ScheduledAction") // for a while
		}},
		"prod": {"prod", "111122223333", func(*iampolicy.Input) {}},
		// deployment.strategy: canary, and releases
		"canary": {"dev", "123456789012", func(in *iampolicy.Input) {
			in.Types = append(in.Types, "aws:codedeploy/application:Application", "aws:codedeploy/deploymentConfig:DeploymentConfig",
				"aws:codedeploy/deploymentGroup:DeploymentGroup")
		}},
		// what `evenkeel bootstrap` has made, a pipeline among it
		"backend": {"dev", "123456789012", func(in *iampolicy.Input) {
			in.StateBucket, in.StateKeyARN = "evenkeel-state-123456789012-eu-west-1", stateKey
			in.Types = append(in.Types, pipelineidentity.Types(true)...)
		}},
	} {
		s, err := choose(tc.stack)
		require.NoError(t, err)
		in, err := s.policyInput()
		require.NoError(t, err)
		require.Equal(t, tc.account, in.Account)
		tc.with(&in)
		r := recording{name: name, stack: recorded.Stack{
			Name: tc.stack, Service: in.Service, Region: in.Region, Account: tc.account, Aliases: map[string]string{"alias/evenkeel-state": in.StateKeyARN},
		}}
		r.documents, err = iampolicy.Generate(in)
		require.NoError(t, err)
		raw, err := os.ReadFile(filepath.Join("../../internal/iampolicy/recorded/testdata", name+".jsonl"))
		require.NoError(t, err)
		for line := range bytes.Lines(raw) {
			var e recorded.Entry
			require.NoError(t, json.Unmarshal(line, &e))
			r.entries = append(r.entries, e)
		}
		require.Greater(t, len(r.entries), 100)
		out = append(out, r)
	}
	return out
}

func (r recording) denied(t *testing.T, documents []policydoc.Document, call gateway.Call) []string {
	t.Helper()
	out, err := recorded.Denied(r.stack, func(q iampolicy.Request) bool { return iampolicy.Allowed(documents, q) }, []gateway.Call{call})
	require.NoError(t, err)
	return out
}

func TestRecordedCallsAreAllowed(t *testing.T) {
	for _, r := range recordings(t) {
		for _, e := range r.entries {
			assert.Empty(t, r.denied(t, r.documents[e.Role], e.Call), "%s of %s, %s", e.Role, r.name, e.Call.Name())
			assert.Empty(t, r.denied(t, r.documents[iampolicy.Boundary], e.Call), "the boundary of %s, %s", r.name, e.Call.Name())
		}
	}
}

// A policy that allowed everything would pass the test above.
func TestWithoutItsStatementACallIsRefused(t *testing.T) {
	for _, r := range recordings(t) {
		missing := 0
		for i, d := range r.documents[iampolicy.Deploy] {
			for j, st := range d.Statements {
				if st.Effect == policydoc.Deny {
					continue
				}
				less := slices.Clone(r.documents[iampolicy.Deploy])
				less[i].Statements = slices.Delete(slices.Clone(d.Statements), j, j+1)
				if slices.ContainsFunc(r.entries, func(e recorded.Entry) bool { return len(r.denied(t, less, e.Call)) > 0 }) {
					missing++
				}
			}
		}
		assert.Greater(t, missing, 20, "statements of %s that a recorded call needs", r.name)
	}
}

func TestAnAddedCallIsRefused(t *testing.T) {
	for _, r := range recordings(t) {
		for _, call := range []gateway.Call{
			{Service: "s3", Action: "GetObject", Method: "GET", Path: "/customers/list.csv"},
			{Service: "s3", Action: "CreateBucket", Method: "PUT", Path: "/exfiltrate"},
			{Service: "s3", Action: "PutBucketPolicy", Method: "PUT", Path: "/customers?policy="},
			{Service: "secretsmanager", Action: "GetSecretValue", Parameters: map[string]any{"SecretId": "orders-" + r.stack.Name + "/database-url"}},
		} {
			for role, documents := range r.documents {
				if role == iampolicy.Boundary && call.Service != "s3" {
					continue // coarse on purpose
				}
				assert.NotEmpty(t, r.denied(t, documents, call), "%s may call %s on %s", role, call.Name(), call.Path)
			}
		}
	}
}

func TestEveryActionIsRecordedOrHasAReason(t *testing.T) {
	called := map[string]bool{}
	var allowed []string
	all := recordings(t)
	for _, r := range all {
		for _, e := range r.entries {
			requests, err := recorded.Requests(r.stack, e.Call)
			require.NoError(t, err)
			for _, q := range requests {
				called[q.Action] = true
			}
		}
		for _, role := range []iampolicy.Role{iampolicy.Preview, iampolicy.Deploy} {
			for _, d := range r.documents[role] {
				for _, st := range d.Statements {
					if st.Effect != policydoc.Deny {
						allowed = append(allowed, st.Actions...)
					}
				}
			}
		}
	}
	slices.Sort(allowed)
	var b strings.Builder
	b.WriteString("# Actions that the roles may call and the recorded stacks do not, and why.\n")
	for _, a := range slices.Compact(allowed) {
		if called[a] {
			continue
		}
		why := iampolicy.Unrecorded(a)
		assert.NotEmpty(t, why, "%s is allowed, was not recorded, and nobody says why", a)
		fmt.Fprintf(&b, "%-50s %s\n", a, why)
	}
	golden.Equal(t, "../../internal/iampolicy/testdata/unrecorded.txt", b.String())
}
