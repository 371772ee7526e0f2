package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts"
)

// edit is what another version of a source file has: old in place of now.
type edit struct{ file, now, old string }

// otherVersion builds the command as another version of the program: with
// other sources in some places.
func otherVersion(t *testing.T, edits ...edit) (program string) {
	t.Helper()
	dir := t.TempDir()
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for _, e := range edits {
		file := filepath.Join(root(t), filepath.FromSlash(e.file))
		from := file
		if other, again := overlay.Replace[file]; again {
			from = other
		}
		raw, err := os.ReadFile(from)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(raw), e.now), "%s: %s", e.file, e.now)
		other := filepath.Join(dir, strings.ReplaceAll(e.file, "/", "-"))
		require.NoError(t, os.WriteFile(other, []byte(strings.Replace(string(raw), e.now, e.old, 1)), 0o600))
		overlay.Replace[file] = other
	}
	raw, err := json.Marshal(overlay)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), raw, 0o600))
	program = filepath.Join(dir, "evenkeel")
	out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "evenkeel/cmd/evenkeel").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// by runs what is done by another version of the program.
func (p *testProject) by(program string, do func()) {
	now := p.program
	p.program = program
	defer func() { p.program = now }()
	do()
}

// An emulator that the program of today cannot go on with: it was started
// before emulator.json had a format.
func outdatedEmulator(t *testing.T, p *testProject, see string) {
	old := otherVersion(t,
		edit{"internal/local/emulator/instance.go", "`json:\"format\"`", "`json:\"-\"`"},
		edit{"internal/local/emulator/instance.go", "`json:\"parts\"`", "`json:\"-\"`"},
	)
	p.by(old, func() { require.Zero(t, p.evenkeel("local", "up").code) })
	var before, after deployment
	p.describe(&before)
	doctor := p.evenkeel("local", "doctor")
	assert.Contains(t, doctor.stdout, "the next `local up` starts from nothing")
	p.comesUp(see)
	p.describe(&after)
	assert.NotEqual(t, before.Gateway.PID, after.Gateway.PID)
	assert.False(t, alive(before.Gateway.PID), "the old emulator must not stay beside the new one")
	assert.False(t, alive(before.Moto.PID), "nor its moto")
}

// What another version of the program deployed is changed as it is on AWS: a
// resource that it lacked comes, one that it called otherwise is made anew, and
// the provider takes the version of today, without the old one's plugin.
func otherResources(t *testing.T, p *testProject, see string) {
	const oldPlugin = "6.83.1"
	old := otherVersion(t,
		edit{"components/service/roles.go", `b.rolePolicy("execution-policy"`, `b.rolePolicy("execution-rules"`},
		edit{"components/service/network.go", `		{"private-172", "172.16.0.0/12", "Databases and services in private networks", 1, lastPort},`, ""},
		edit{"stacks/program.go", "{Namespace + \":\"})},\n\t})", "{Namespace + \":\"})},\n\t}, pulumi.Version(\"" + oldPlugin + "\"))"},
		edit{"internal/local/parts/versions.go", `AWSPluginVersion = "` + parts.AWSPluginVersion + `"`, `AWSPluginVersion = "` + oldPlugin + `"`},
	)
	env := p.env
	cache := p.ownCache()
	plugins := filepath.Join(cache, "pulumi-home", "plugins")
	for _, version := range []string{oldPlugin, parts.AWSPluginVersion} {
		linkFiles(t, filepath.Join(sharedCache(t), "pulumi-home", "plugins", "resource-aws-v"+parts.AWSPluginVersion), filepath.Join(plugins, "resource-aws-v"+version))
	}
	out, err := exec.Command("sh", "-c", "cd '"+cache+"' && "+borrowCLI(t)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	p.env = append(p.env, "EVENKEEL_OFFLINE=1")
	p.by(old, func() { require.Zero(t, p.evenkeel("local", "up").code) })
	state := p.path(".evenkeel/stacks/dev/state/.pulumi/stacks/evenkeel/dev.json")
	raw, err := os.ReadFile(state)
	require.NoError(t, err)
	require.Regexp(t, `"version": ?"`+regexp.QuoteMeta(oldPlugin)+`"`, string(raw), "the stack must be one of an older plugin")

	p.env = env // which has no such plugin
	a := p.evenkeel("local", "up")
	require.Zero(t, a.code, a.stderr)
	assert.Contains(t, a.stdout, see)
	assert.Regexp(t, `2 create, 1 delete, .*[0-9]+ same, 1 update`, a.stdout)
	raw, err = os.ReadFile(state)
	require.NoError(t, err)
	assert.NotContains(t, string(raw), oldPlugin)
	var preview result
	p.must(&preview, "local", "preview")
	preview.onlySame(t)
}

// linkFiles makes a folder with the files of another.
func linkFiles(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(to, 0o755))
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	for _, e := range entries {
		if os.Link(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())) != nil {
			raw, err := os.ReadFile(filepath.Join(from, e.Name())) // another disk
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(to, e.Name()), raw, 0o755))
		}
	}
}

// What a newer version wrote may mean anything: only ending it is safe.
func newerVersion(t *testing.T, p *testProject, see string) {
	format := "const Format = "
	newer := otherVersion(t, edit{
		"internal/local/emulator/instance.go", fmt.Sprint(format, emulator.Format, "\n"), fmt.Sprint(format, emulator.Format+1, "\n"),
	})
	var d *deployment
	p.by(newer, func() { d = deploy(t, p) })
	require.NoError(t, d.cmd.Process.Kill())
	d.end(t)
	d.gone(t)
	for _, command := range []string{"up", "preview", "status", "down"} {
		p.refuses(see, "local", command)
	}
	assert.True(t, alive(d.Gateway.PID), "a newer version's emulator is not this one's to end")
	doctor := p.evenkeel("local", "doctor")
	assert.Contains(t, doctor.stdout, see)
	p.by(newer, func() { assert.Zero(t, p.evenkeel("local", "status").code, "its own version knows it") })
	require.Zero(t, p.evenkeel("local", "down", "--discard").code)
	assert.False(t, alive(d.Gateway.PID))
	assert.False(t, alive(d.Moto.PID))
	p.recovers("starting the AWS emulator")
}
