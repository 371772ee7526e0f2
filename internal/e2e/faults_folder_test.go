package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onDisk puts the project into a cell, in which the folder is a disk of its own
// of the size, such as "64k".
func (p *testProject) onDisk(folder, size string) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Join(p.dir, folder), 0o700))
	p.enterCell(false)
	p.cell.run(p.dir, "mount -t tmpfs -o mode=700,size="+size+" none "+folder)
}

// enterCell makes a cell that the project's commands run in from now on. What
// they leave running there ends before the cell does.
func (p *testProject) enterCell(offline bool) {
	p.t.Helper()
	p.cell = newCell(p.t, offline)
	p.t.Cleanup(func() {
		p.evenkeel("local", "down", "--discard")
		p.cell = nil
	})
}

// ownCache gives the project a cache that has the shared one's CLI and no plugin.
func (p *testProject) ownCache() (cache string) {
	p.t.Helper()
	cache = filepath.Join(p.dir, "cache")
	require.NoError(p.t, os.MkdirAll(cache, 0o700))
	p.env = append(p.env, "EVENKEEL_CACHE="+cache)
	return cache
}

// borrowCLI is the script that puts the shared cache's CLI into a cache, where
// the CLI is not one on PATH.
func borrowCLI(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(sharedCache(t), "bin")
	if _, err := os.Stat(bin); err != nil {
		return "true"
	}
	return "ln -s '" + bin + "' bin"
}

func fullDisk(t *testing.T, p *testProject, see string) {
	p.onDisk(".evenkeel", "64k")
	folder := filepath.Join(p.dir, ".evenkeel")
	p.cell.fill(folder)
	p.refuses("the disk of the folder "+folder+" is full", "local", "up")
	p.refuses(see+" "+folder+" a link to a folder on another disk", "local", "up")
	doctor := p.evenkeel("local", "doctor")
	assert.Equal(t, 1, doctor.code)
	assert.Contains(t, doctor.stdout, see)
	assert.Subset(t, []string{"filler", "locks", "locks/dev.json", "locks/dev.lock"}, p.files(folder), "what a full disk refuses must not be half there")

	p.cell.run(p.dir, "mount -o remount,size=20m .evenkeel && rm .evenkeel/filler")
	p.recovers("starting the AWS emulator")
}

// The engine cannot write down what it has done.
func diskFillsUp(t *testing.T, p *testProject, see string) {
	p.onDisk(".evenkeel", "8m")
	d := begin(t, p, "up")
	state := p.path(".evenkeel/stacks/dev/state/.pulumi/stacks/evenkeel/dev.json")
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(state)
		return err == nil && strings.Count(string(raw), `"urn"`) > 10
	}, time.Minute, 20*time.Millisecond, "the deployment never began")
	p.describe(d)
	since := time.Now()
	stop := p.cell.keepFull(filepath.Join(p.dir, ".evenkeel"))
	defer stop()
	code, said := d.end(t)
	stop()
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "error: deploy dev: the disk of the folder "+filepath.Join(p.dir, ".evenkeel")+" is full")
	assert.Contains(t, said, see)
	assert.Equal(t, 1, strings.Count(said, "error: "), "one message: %s", said)
	assert.Less(t, time.Since(since), 2*time.Minute, "the engine tries to save its state for many minutes")
	d.gone(t)
	assert.False(t, alive(d.Gateway.PID), "what was deployed is not known any more")

	p.cell.run(p.dir, "rm .evenkeel/filler")
	p.comesUp("starting the AWS emulator")
}

// A part cannot be built.
func fullCache(t *testing.T, p *testProject, see string) {
	downloadModules(t)
	cache := p.ownCache()
	p.onDisk("cache", "64k")
	p.env = append(p.env, "EVENKEEL_OFFLINE=1")
	p.cell.run(cache, borrowCLI(t))
	p.cell.fill(cache)
	p.refuses("cache folder "+cache+": ", "local", "up")
	p.refuses(see+" (a first build takes most of it as Go build cache), or set EVENKEEL_CACHE to a folder on another disk", "local", "up")
	for _, file := range p.files(cache) {
		assert.NotContains(t, file, "tmp/", "half a part is left")
		assert.NotContains(t, file, "pulumi-resource-aws", "half a part is left")
	}

	p.cell.run(p.dir, "mount -o remount,size=600m cache && rm cache/filler")
	p.recovers("building the AWS plugin")
	assert.NotContains(t, strings.Join(p.files(cache), "\n"), "tmp/", "what a build needed is left")
}

// A disk with errors is made read-only by the system.
func readOnlyFolder(t *testing.T, p *testProject, see string) {
	p.onDisk(".evenkeel", "20m")
	folder := filepath.Join(p.dir, ".evenkeel")
	p.cell.run(p.dir, "mount -o remount,ro .evenkeel")
	p.refuses("the folder "+folder+" "+see, "local", "up")
	doctor := p.evenkeel("local", "doctor")
	assert.Equal(t, 1, doctor.code)
	assert.Contains(t, doctor.stdout, see)
	assert.Empty(t, p.files(folder))
	p.cell.run(p.dir, "mount -o remount,rw .evenkeel")
	d := deploy(t, p)
	require.NoError(t, d.cmd.Process.Kill())
	d.end(t)
	d.gone(t)

	// With a stack in it, whose emulator writes its record: a disk in use does not
	// become read-only by being told to, but another view of it is.
	p.cell.run(p.dir, "mount --bind .evenkeel .evenkeel && mount -o remount,ro,bind .evenkeel")
	for _, command := range []string{"up", "preview", "down"} {
		p.refuses("the folder "+folder+" "+see, "local", command)
	}
	p.cell.run(p.dir, "umount .evenkeel")
	p.recovers("starting from nothing, with a new emulator")
	assert.False(t, alive(d.Gateway.PID), "the old emulator must not stay beside the new one")
}

// A cache that others share may be read-only, as long as it has every part.
func readOnlyCache(t *testing.T, p *testProject, see string) {
	cache := p.ownCache()
	p.onDisk("cache", "64k")
	p.env = append(p.env, "EVENKEEL_OFFLINE=1")
	p.cell.run(p.dir, "mount -o remount,ro cache")
	p.refuses("cache folder "+cache+": ", "local", "up")
	p.refuses("read-only file system: "+see, "local", "up")
	p.cell.run(p.dir, "mount --bind '"+sharedCache(t)+"' cache && mount -o remount,ro,bind cache && ! touch cache/x 2>/dev/null")
	p.recovers("starting the AWS emulator")
	assert.Contains(t, p.evenkeel("local", "doctor").stdout, "The local engine is ready.")
}

func fileForFolder(t *testing.T, p *testProject, see string) {
	folder := filepath.Join(p.dir, ".evenkeel")
	require.NoError(t, os.WriteFile(folder, []byte("a file where the folder should be"), 0o600))
	p.refuses(see, "local", "up")
	p.refuses(folder, "local", "up")
	require.NoError(t, os.Remove(folder))
	p.recovers("starting the AWS emulator")
}

// Half a description of an emulator, and a project that was half written.
func halfWritten(t *testing.T, p *testProject, see string) {
	stack := filepath.Join(p.dir, ".evenkeel", "stacks", "dev")
	require.NoError(t, os.MkdirAll(filepath.Join(stack, "work"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(stack, "emulator.json"), []byte(`{"id": "x`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(stack, "work", "Pulumi.dev.yaml"), []byte("config: ["), 0o600))
	p.recovers(see)
}
