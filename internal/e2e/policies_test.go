package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/iampolicy/recorded"
	"evenkeel/internal/local/gateway"
	"evenkeel/internal/policydoc"
)

// engineKey is whose calls are the engine's: the provider comes with this key,
// the commands that look at a stack with another one.
const engineKey = "local"

// ledger tells a stack's previews from everything else that calls AWS.
type ledger struct {
	p        *testProject
	stack    string
	account  string
	previews [][2]int // ranges of the calls
	releases [][2]int // in which the command's own calls count, too
	// recording names the file of the calls; empty for none.
	recording string
	// policies are those of each configuration that the stack has had.
	policies []policies
}

// policies are what a configuration comes to, from a call on.
type policies struct {
	from int
	of   map[iampolicy.Role][]policydoc.Document
}

// configured remembers the policies of the configuration as it is now.
func (l *ledger) configured(t *testing.T) {
	t.Helper()
	next := policies{of: map[iampolicy.Role][]policydoc.Document{}}
	if len(l.policies) > 0 {
		next.from = len(l.calls(t))
	}
	for _, role := range []iampolicy.Role{iampolicy.Preview, iampolicy.Deploy, iampolicy.Boundary} {
		a := l.p.evenkeel("policy", "--stack", l.stack, "--role", string(role))
		require.Zero(t, a.code, a.stderr)
		parsed, err := recorded.ParseDocuments([]byte(a.stdout))
		require.NoError(t, err)
		next.of[role] = parsed
	}
	l.policies = append(l.policies, next)
}

// calls are those that the emulator has recorded so far.
func (l *ledger) calls(t *testing.T) []gateway.Call {
	t.Helper()
	calls, err := gateway.ReadCalls(filepath.Join(l.p.dir, ".evenkeel", "stacks", l.stack, "calls.jsonl"))
	require.NoError(t, err)
	return calls
}

// preview runs a preview and remembers its calls.
func (l *ledger) preview(t *testing.T, into any, args ...string) {
	t.Helper()
	before := len(l.calls(t))
	l.p.must(into, append([]string{"local", "preview", "--stack", l.stack}, args...)...)
	l.previews = append(l.previews, [2]int{before, len(l.calls(t))})
}

// release runs a release and remembers its calls.
func (l *ledger) release(t *testing.T, run func()) {
	t.Helper()
	before := len(l.calls(t))
	run()
	l.releases = append(l.releases, [2]int{before, len(l.calls(t))})
}

func within(ranges [][2]int, i int) bool {
	return slices.ContainsFunc(ranges, func(r [2]int) bool { return r[0] <= i && i < r[1] })
}

// entry is a call, and the policies of the configuration that it was made under.
type entry struct {
	recorded.Entry
	policies map[iampolicy.Role][]policydoc.Document
}

// entries are the engine's calls, each with whose policy must allow it, and those
// of releases.
func (l *ledger) entries(t *testing.T) []entry {
	t.Helper()
	var out []entry
	for i, c := range l.calls(t) {
		if c.AccessKeyID != engineKey && !within(l.releases, i) {
			continue
		}
		e := entry{Entry: recorded.Entry{Role: iampolicy.Deploy, Call: c}}
		if within(l.previews, i) {
			e.Role = iampolicy.Preview
		}
		for _, p := range l.policies {
			if p.from <= i {
				e.policies = p.of
			}
		}
		out = append(out, e)
	}
	return out
}

// allowed holds the policies that the command prints to what was really called.
// With EVENKEEL_RECORD_CALLS it also writes the recording that package recorded's
// own tests read.
func (l *ledger) allowed(t *testing.T) {
	t.Helper()
	if len(l.policies) == 0 {
		l.configured(t)
	}
	entries := l.entries(t)
	require.Greater(t, len(entries), 300)
	s := recorded.Stack{Name: l.stack, Service: "orders", Region: "eu-west-1", Account: l.account}
	seen := map[iampolicy.Role]int{}
	var kept []recorded.Entry
	for _, e := range entries {
		seen[e.Role]++
		kept = append(kept, e.Entry)
		for _, role := range []iampolicy.Role{e.Role, iampolicy.Boundary} {
			denied, err := recorded.Denied(s, func(r iampolicy.Request) bool { return iampolicy.Allowed(e.policies[role], r) }, []gateway.Call{e.Call})
			require.NoError(t, err)
			assert.Empty(t, denied, "%s may not %s", role, e.Call.Name())
		}
	}
	assert.NotZero(t, seen[iampolicy.Preview])
	if l.recording != "" {
		keep(t, l.recording, s, kept)
	}
}

// keep writes a recording, where it is asked for. ids are replaced by others, so
// that they are the same in the next one.
func keep(t *testing.T, name string, s recorded.Stack, entries []recorded.Entry, ids ...string) {
	t.Helper()
	if os.Getenv("EVENKEEL_RECORD_CALLS") == "" {
		return
	}
	compact, err := recorded.Compact(s, entries)
	require.NoError(t, err)
	var b bytes.Buffer
	for _, e := range compact {
		line, err := json.Marshal(e)
		require.NoError(t, err)
		b.Write(append(line, '\n'))
	}
	text := strings.NewReplacer(ids...).Replace(b.String())
	require.NoError(t, os.WriteFile(filepath.Join(root(t), "internal/iampolicy/recorded/testdata", name+".jsonl"), []byte(text), 0o600))
}
