package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deployment is a `local up` that waits for the load balancer, which takes a
// minute: the engine and the provider are at work.
type deployment struct {
	p      *testProject
	cmd    *exec.Cmd
	stderr *bufio.Scanner
	// The emulator's description.
	URL           string
	Gateway, Moto struct{ PID int }
}

func deploy(t *testing.T, p *testProject) *deployment {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	d := &deployment{p: p, cmd: p.command(ctx, "local", "up")}
	pipe, err := d.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, d.cmd.Start())
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	d.stderr = bufio.NewScanner(pipe)
	for d.stderr.Scan() && !strings.Contains(d.stderr.Text(), "waiting for ingress-balancer") {
		continue
	}
	raw, err := os.ReadFile(filepath.Join(p.dir, ".evenkeel", "stacks", "dev", "emulator.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, d))
	require.NotEmpty(t, leftovers(t, d.URL), "the engine must be at work, or this test shows nothing")
	return d
}

// end waits for the command and returns what it said since.
func (d *deployment) end(t *testing.T) (code int, said string) {
	t.Helper()
	var rest strings.Builder
	for d.stderr.Scan() {
		rest.WriteString(d.stderr.Text() + "\n")
	}
	_ = d.cmd.Wait() // its exit code says more
	return d.cmd.ProcessState.ExitCode(), rest.String()
}

// gone asserts that no process of the deployment is left.
func (d *deployment) gone(t *testing.T) {
	t.Helper()
	assert.Eventually(t, func() bool { return len(leftovers(t, d.URL)) == 0 }, 30*time.Second, 200*time.Millisecond,
		"the engine or a provider still runs: %v", leftovers(t, d.URL))
}

// recovers asserts that the next command works without any help, on a stack
// that has nothing of the broken deployment.
func (d *deployment) recovers(t *testing.T, note string) {
	t.Helper()
	a := d.p.evenkeel("local", "preview", "--format", "json")
	require.Zero(t, a.code, a.stderr)
	assert.Contains(t, a.stderr, note)
	var preview result
	require.NoError(t, json.NewDecoder(strings.NewReader(a.stdout)).Decode(&preview))
	assert.Greater(t, preview.Changes["create"], 30)
	assert.NotContains(t, preview.Changes, "same", "nothing of the broken deployment may be left")
}

// While one command works on a stack, another says at once who it is. Ctrl-C in
// the middle of a first deployment stops what the command started.
func TestInterruptedUp(t *testing.T) {
	t.Parallel()
	d := deploy(t, newProject(t))
	for _, args := range [][]string{{"local", "up"}, {"local", "down"}, {"local", "preview"}} {
		a := d.p.evenkeel(args...)
		assert.Equal(t, 1, a.code)
		assert.Regexp(t, "`local up` \\(process [0-9]+\\) has been working on this stack since", a.stderr)
	}
	a := d.p.evenkeel("local", "status", "--format", "json")
	assert.Zero(t, a.code, "looking is free")
	assert.Contains(t, a.stdout, `"running": true`)

	require.NoError(t, d.cmd.Process.Signal(syscall.SIGINT))
	code, said := d.end(t)
	assert.Equal(t, 1, code, "an interrupted command has not done what was asked")
	assert.Contains(t, said, "deploy dev: interrupted")
	d.gone(t)
	assert.False(t, alive(d.Gateway.PID), "the emulator's process")
	assert.False(t, alive(d.Moto.PID), "moto's process")
	d.recovers(t, "starting the AWS emulator")
}

// A killed command leaves the emulator, but neither the engine nor a provider,
// whose process is 500 MB; and its lock blocks nobody.
func TestKilledUp(t *testing.T) {
	t.Parallel()
	d := deploy(t, newProject(t))
	require.NoError(t, d.cmd.Process.Kill())
	d.end(t)
	d.gone(t)
	assert.True(t, alive(d.Gateway.PID), "the emulator has a life of its own")
	d.recovers(t, "starting from nothing, with a new emulator")
	assert.False(t, alive(d.Gateway.PID), "the old emulator must not stay beside the new one")
}

// Without its emulator a deployment would go on asking for many minutes.
func TestEmulatorKilledDuringUp(t *testing.T) {
	t.Parallel()
	d := deploy(t, newProject(t))
	begin := time.Now()
	require.NoError(t, syscall.Kill(d.Gateway.PID, syscall.SIGKILL))
	code, said := d.end(t)
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "the AWS emulator ended during the operation; what it held is gone with it, and `local up` starts from nothing")
	assert.Less(t, time.Since(begin), 2*time.Minute)
	d.gone(t)
	assert.False(t, alive(d.Moto.PID), "moto must not outlive its gateway")
	d.recovers(t, "starting the AWS emulator")
}

// The provider's process can be killed for its memory.
func TestProviderKilledDuringUp(t *testing.T) {
	t.Parallel()
	d := deploy(t, newProject(t))
	killed := 0
	for _, process := range leftovers(t, d.URL) {
		pid, command, _ := strings.Cut(process, " ")
		if strings.Contains(command, "terraform-provider-aws") || strings.Contains(command, "pulumi-resource-aws") {
			require.NoError(t, exec.Command("kill", "-KILL", pid).Run())
			killed++
		}
	}
	require.NotZero(t, killed, "%v", leftovers(t, d.URL))
	code, said := d.end(t)
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "error: deploy dev: ")
	d.gone(t)
	// The engine wrote down what had been done: the next command goes on there.
	var preview result
	d.p.must(&preview, "local", "preview")
	assert.NotZero(t, preview.Changes["create"])
	assert.NotZero(t, preview.Changes["same"])
}

// What a person or a full disk can do to the cache folder.
func TestBrokenFolders(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	folder := filepath.Join(p.dir, ".evenkeel")
	require.NoError(t, os.WriteFile(folder, []byte("a file where the folder should be"), 0o600))
	a := p.evenkeel("local", "up")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, folder)
	assert.Contains(t, a.stderr, "make it a writable folder with space left, or remove it")
	require.NoError(t, os.Remove(folder))

	// Half a description of an emulator, and a project that was half written.
	stack := filepath.Join(folder, "stacks", "dev")
	require.NoError(t, os.MkdirAll(filepath.Join(stack, "work"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(stack, "emulator.json"), []byte(`{"id": "x`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(stack, "work", "Pulumi.dev.yaml"), []byte("config: ["), 0o600))
	var preview result
	p.must(&preview, "local", "preview")
	assert.Greater(t, preview.Changes["create"], 30)
}

// A build that was interrupted leaves nothing half done.
func TestInterruptedBuild(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	cache := t.TempDir()
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	for _, module := range []string{"pulumicli", "bridge"} { // below, without a network
		download := exec.Command("go", "mod", "download")
		download.Dir = filepath.Join(root(t), "internal", "local", module)
		out, err := download.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := p.command(ctx, "local", "preview")
	cmd.Env = append(cmd.Env, "EVENKEEL_CACHE="+cache, "EVENKEEL_OFFLINE=1")
	pipe, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines, building := bufio.NewScanner(pipe), false
	for !building && lines.Scan() {
		// The CLI's, or the AWS plugin's where a CLI is installed.
		building = strings.Contains(lines.Text(), "building the ")
	}
	require.True(t, building, "nothing was built, so that nothing can be interrupted")
	time.Sleep(2 * time.Second)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	_, _ = io.Copy(io.Discard, pipe)
	require.Error(t, cmd.Wait())
	for _, program := range []string{"bin/pulumi/*/bin/pulumi", "pulumi-home/plugins/*/pulumi-resource-aws"} {
		found, err := filepath.Glob(filepath.Join(cache, program))
		require.NoError(t, err)
		assert.Empty(t, found, "half a program must not look like one")
	}
	left, err := filepath.Glob(filepath.Join(cache, "tmp", "*"))
	require.NoError(t, err)
	assert.Empty(t, left, "an interrupted build clears up after itself")

	again := p.command(ctx, "local", "preview", "--format", "json")
	again.Env = append(again.Env, "EVENKEEL_CACHE="+cache, "EVENKEEL_OFFLINE=1")
	out, err := again.Output()
	require.NoError(t, err)
	var preview result
	require.NoError(t, json.Unmarshal(out, &preview))
	assert.Greater(t, preview.Changes["create"], 30)
}
