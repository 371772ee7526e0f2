package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fault is what can happen to the local engine.
type fault struct {
	// see is what the command says that meets it: what the test asserts and
	// docs/faults.md shows.
	see string
	// show makes it happen, and shows that the next command recovers.
	show func(t *testing.T, p *testProject, see string)
}

// faults are all that are known, by the name that docs/faults.md has.
var faults = map[string]fault{
	"Ctrl-C in the middle of a deployment": {"deploy dev: interrupted", interruptedUp},
	"two commands at once":                 {"has been working on this stack since", twoCommands},
	"the command is killed":                {"starting from nothing, with a new emulator", killedUp},
	"a killed command left its lock": {
		"the last command was killed before it had finished: taking away the lock that it left", staleLock,
	},
	"the emulator is killed in the middle of a deployment": {
		"the AWS emulator ended during the operation; what it held is gone with it, and `local up` starts from nothing", emulatorKilled,
	},
	"the provider is killed in the middle of a deployment": {"error: deploy dev: ", providerKilled},

	"another program takes moto's port":                 {"another program has taken port", portTakenAtStart},
	"another program answers at an old emulator's port": {"starting the AWS emulator", portTakenAfterCrash},

	"the disk is full": {"free about 20 MB there, or make", fullDisk},
	"the disk fills up in the middle of a deployment": {"free about 20 MB there, or make", diskFillsUp},
	"the disk of the shared cache is full":            {"free about 4 GB on that disk", fullCache},
	"the folder is read-only":                         {"is read-only", readOnlyFolder},
	"the shared cache is read-only":                   {"make the folder writable for this user, or set EVENKEEL_CACHE to one that is", readOnlyCache},
	"a file is where the folder should be":            {"make it a writable folder with space left, or remove it", fileForFolder},
	"files of a stack are half written":               {"starting the AWS emulator", halfWritten},

	"no network, and a part is missing": {"the local engine lacks: AWS plugin", noNetwork},
	"a build is interrupted":            {"prepare the local engine: interrupted", interruptedBuild},

	"an older version of the program, whose emulator is outdated": {
		"an older version of this program deployed the stack, and its emulator lacks what this one needs: starting from nothing, with a new emulator", outdatedEmulator,
	},
	"an older version of the program, with other resources and an older AWS plugin": {"is up on emulated AWS", otherResources},
	"a newer version of the program":                                                {"a newer version of this program deployed the stack. Use that version, or `evenkeel local down --discard`", newerVersion},
}

// Whatever happens ends with a message that says what it was, the next command
// needs no cleaning by hand, and in the end there is neither a process nor a
// file that should not be.
func TestEngineFaults(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(faults), 10)
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
			f.show(t, p, f.see)
			p.clean()
		})
	}
}

// The page for people has every fault, what is seen of it, and nothing else.
func TestFaultsAreDocumented(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root(t), "docs", "faults.md"))
	require.NoError(t, err)
	documented := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(line, " | ")
		if len(cells) == 3 && strings.HasPrefix(line, "| ") && cells[0] != "| What happened" {
			documented[strings.TrimPrefix(cells[0], "| ")] = cells[1]
		}
	}
	for name, f := range faults {
		if assert.Contains(t, documented, name, "docs/faults.md lacks it") {
			assert.Contains(t, documented[name], f.see, name)
		}
		delete(documented, name)
	}
	assert.Empty(t, documented, "docs/faults.md has what no test shows")
}

// recovers asserts that the next command works without any help, on a stack
// that has nothing of what was there before.
func (p *testProject) recovers(note string) {
	p.t.Helper()
	a := p.evenkeel("local", "preview", "--format", "json")
	require.Zero(p.t, a.code, a.stderr)
	assert.Contains(p.t, a.stderr, note)
	var preview result
	require.NoError(p.t, json.NewDecoder(strings.NewReader(a.stdout)).Decode(&preview))
	assert.Greater(p.t, preview.Changes["create"], 30)
	assert.NotContains(p.t, preview.Changes, "same", "nothing of the broken deployment may be left")
}

// comesUp asserts that `local up` deploys all of the stack, after the note, and
// that nothing is left to do.
func (p *testProject) comesUp(note string) {
	p.t.Helper()
	a := p.evenkeel("local", "up", "--format", "json")
	require.Zero(p.t, a.code, a.stderr)
	assert.Contains(p.t, a.stderr, note)
	var up, preview result
	require.NoError(p.t, json.Unmarshal([]byte(a.stdout), &up))
	assert.Greater(p.t, up.Changes["create"], 30)
	sidecars, err := filepath.Glob(p.path(".evenkeel/stacks/dev/state/.pulumi/stacks/*/*.attrs"))
	require.NoError(p.t, err)
	assert.Empty(p.t, sidecars, "a reader beside the engine could find one empty")
	p.must(&preview, "local", "preview")
	preview.onlySame(p.t)
}

// refuses asserts that the command ends with the one message, and nothing else
// behind it.
func (p *testProject) refuses(see string, args ...string) {
	p.t.Helper()
	a := p.evenkeel(args...)
	assert.Equal(p.t, 1, a.code)
	assert.Contains(p.t, a.stderr, see)
	assert.Equal(p.t, 1, strings.Count(a.stderr, "error: "), "one message: %s", a.stderr)
	assert.NotContains(p.t, a.stderr, "goroutine")
}

// clean takes the stack down, and asserts that nothing of it is left: no
// process, no temporary file, and in the project's folder the claim only.
func (p *testProject) clean() {
	p.t.Helper()
	a := p.evenkeel("local", "down")
	require.Zero(p.t, a.code, a.stderr)
	left := func() []string {
		engine := processesWith(p.t, "TMPDIR="+filepath.Join(p.dir, ".evenkeel", "stacks", "dev", "tmp"))
		return append(engine, processesWith(p.t, "TMPDIR="+p.tmp)...)
	}
	assert.Eventually(p.t, func() bool { return len(left()) == 0 }, 30*time.Second, 200*time.Millisecond, "processes are left: %v", left())
	assert.Empty(p.t, p.files(p.tmp), "temporary files are left")
	assert.Subset(p.t, []string{"locks", "locks/dev.json", "locks/dev.lock", "stacks"}, p.files(filepath.Join(p.dir, ".evenkeel")), "files of the stack are left")
}

// files lists a folder and all below it.
func (p *testProject) files(dir string) []string {
	p.t.Helper()
	if p.cell != nil { // its disks are not to be seen from here
		dir = filepath.Join("/proc", p.cell.pid, "root", dir)
	}
	out := []string{}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil && path != dir {
			out = append(out, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	require.NoError(p.t, err)
	return out
}
