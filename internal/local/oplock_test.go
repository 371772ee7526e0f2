package local

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/project"
)

func request(t *testing.T) *Request {
	t.Helper()
	return &Request{Project: &project.Project{Root: t.TempDir(), Name: "evenkeel"}, Stack: &project.Stack{Name: "dev"}}
}

func put(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

func TestOnlyOneCommandWorksOnAStack(t *testing.T) {
	r := request(t)
	release, err := r.claim("up")
	require.NoError(t, err)
	_, err = r.claim("down")
	assert.ErrorContains(t, err, fmt.Sprintf("down dev: `local up` (process %d) has been working on this stack since", os.Getpid()))

	other := &Request{Project: r.Project, Stack: &project.Stack{Name: "prod"}}
	releaseOther, err := other.claim("up")
	require.NoError(t, err, "stacks do not wait for each other")
	releaseOther()

	release()
	release, err = r.claim("down")
	require.NoError(t, err, "a claim ends")
	release()
}

func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	r := request(t)
	put(t, filepath.Join(r.Project.Root, ".evenkeel"), "a file where the folder should be")
	_, err := r.claim("up")
	assert.ErrorContains(t, err, filepath.Join(r.Project.Root, ".evenkeel", "locks")+" cannot be used")
	assert.ErrorContains(t, err, "make it a writable folder with space left, or remove it")
}

func TestUncleanStates(t *testing.T) {
	const id = "emulator-1"
	good := `{"version":3,"checkpoint":{"latest":{"resources":[]}}}`
	cases := map[string]struct {
		prepare func(r *Request)
		want    string
	}{
		"a good state":                {func(*Request) {}, ""},
		"a state of another emulator": {func(r *Request) { put(t, filepath.Join(r.stateDir(), belongsTo), "other") }, "the engine's state of it is gone"},
		"no state at all":             {func(r *Request) { require.NoError(t, os.RemoveAll(r.stateDir())) }, "the engine's state of it is gone"},
		"a lock whose owner is not here": {func(r *Request) {
			put(t, filepath.Join(r.stateDir(), ".pulumi/locks/organization/evenkeel/dev/x.json"), "{}")
		}, "killed before it had finished"},
		"half a state file": {func(r *Request) { put(t, stateFile(r), good[:20]) }, "cannot be read"},
		"pending operations": {func(r *Request) {
			put(t, stateFile(r), `{"version":3,"checkpoint":{"latest":{"pending_operations":[{"type":"creating","resource":{"urn":"urn:pulumi:dev::evenkeel::a:b:C::d"}}]}}}`)
		}, "while resources were being created"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := request(t)
			put(t, filepath.Join(r.stateDir(), belongsTo), id)
			put(t, stateFile(r), good)
			c.prepare(r)
			got := r.unclean(id)
			if c.want == "" {
				assert.Empty(t, got)
			} else {
				assert.Contains(t, got, c.want)
			}
		})
	}
}
