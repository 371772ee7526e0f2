package local

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
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

func putLock(t *testing.T, r *Request, pid int) {
	t.Helper()
	put(t, filepath.Join(r.lockDir(), "organization/evenkeel/dev/x.json"), fmt.Sprintf(`{"pid":%d}`, pid))
}

func TestALockOfAnEngineThatIsGoneIsTakenAway(t *testing.T) {
	r := request(t)
	var said strings.Builder
	r.Report = &Reporter{Out: &said}
	require.NoError(t, r.unlock(t.Context()))
	assert.Empty(t, said.String(), "without a lock there is nothing to say")

	engine := exec.Command("sleep", "0.3")
	require.NoError(t, engine.Start())
	go func() { _ = engine.Wait() }()
	putLock(t, r, engine.Process.Pid)
	require.NoError(t, r.unlock(t.Context()))
	assert.Contains(t, said.String(), "the last command was killed before it had finished: taking away the lock that it left")
	assert.Error(t, syscall.Kill(engine.Process.Pid, 0), "its engine has ended before")
	assert.NoDirExists(t, r.lockDir())
}

func TestFoldersThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join("/project", ".evenkeel", "stacks", "dev", "state")
	cases := map[string]struct {
		err  error
		want string
	}{
		"full":      {&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "the disk of the folder /project/.evenkeel is full (write x: no space left on device): free about 20 MB there, or make /project/.evenkeel a link to a folder on another disk"},
		"read-only": {syscall.EROFS, "the folder /project/.evenkeel is read-only (read-only file system): make it writable, or make /project/.evenkeel a link to a folder that is"},
		"other":     {syscall.ENOTDIR, "the folder " + dir + " cannot be used (not a directory): make it a writable folder with space left, or remove it"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := unusable(dir, c.err)
			assert.EqualError(t, err, c.want)
			assert.ErrorIs(t, err, c.err)
			assert.Equal(t, err, request(t).blame(err), "what names the folder already stays as it is")
		})
	}
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
		"a lock whose owner is gone":  {func(r *Request) { putLock(t, r, 0) }, ""},
		"a lock whose owner is at work": {
			func(r *Request) { putLock(t, r, os.Getpid()) },
			fmt.Sprintf("the engine of a killed command (process %d) has not ended yet", os.Getpid()),
		},
		"an emulator of an older version": {func(*Request) {}, "an older version of this program deployed the stack"},
		"half a state file":               {func(r *Request) { put(t, stateFile(r), good[:20]) }, "cannot be read"},
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
			running := &emulator.Instance{ID: id, Format: emulator.Format}
			if name == "an emulator of an older version" {
				running.Format--
			}
			got := r.unclean(running)
			if c.want == "" {
				assert.Empty(t, got)
			} else {
				assert.Contains(t, got, c.want)
			}
		})
	}
}
