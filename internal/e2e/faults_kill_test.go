package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
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

// deployment is a `local up` at work.
type deployment struct {
	p      *testProject
	cmd    *exec.Cmd
	stderr *bufio.Scanner
	// The emulator's description.
	URL           string
	Gateway, Moto struct{ PID int }
}

// deploy starts `local up` and returns when it waits for the load balancer,
// which takes a minute: the engine and the provider are at work.
func deploy(t *testing.T, p *testProject) *deployment {
	t.Helper()
	d := begin(t, p, "up")
	for d.stderr.Scan() && !strings.Contains(d.stderr.Text(), "waiting for ingress-balancer") {
		continue
	}
	p.describe(d)
	require.NotEmpty(t, leftovers(t, d.URL), "the engine must be at work, or this test shows nothing")
	return d
}

// begin starts a `local` command.
func begin(t *testing.T, p *testProject, args ...string) *deployment {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	d := &deployment{p: p, cmd: p.command(ctx, append([]string{"local"}, args...)...)}
	pipe, err := d.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, d.cmd.Start())
	d.stderr = bufio.NewScanner(pipe)
	return d
}

// describe reads the description of the stack's emulator.
func (p *testProject) describe(into any) {
	p.t.Helper()
	raw, err := os.ReadFile(p.path(".evenkeel/stacks/dev/emulator.json"))
	require.NoError(p.t, err)
	require.NoError(p.t, json.Unmarshal(raw, into))
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

// Ctrl-C stops what the command started.
func interruptedUp(t *testing.T, p *testProject, see string) {
	d := deploy(t, p)
	require.NoError(t, d.cmd.Process.Signal(syscall.SIGINT))
	code, said := d.end(t)
	assert.Equal(t, 1, code, "an interrupted command has not done what was asked")
	assert.Contains(t, said, see)
	d.gone(t)
	assert.False(t, alive(d.Gateway.PID), "the emulator's process")
	assert.False(t, alive(d.Moto.PID), "moto's process")
	p.recovers("starting the AWS emulator")
}

// While one command works on a stack, another says at once who it is.
func twoCommands(t *testing.T, p *testProject, see string) {
	d := deploy(t, p)
	for _, args := range [][]string{{"local", "up"}, {"local", "down"}, {"local", "preview"}} {
		p.refuses(see, args...)
	}
	a := p.evenkeel("local", "up")
	assert.Regexp(t, "`local up` \\(process [0-9]+\\) has been working on this stack since [0-9:]+: wait for it, or interrupt it", a.stderr)
	a = p.evenkeel("local", "status", "--format", "json")
	assert.Zero(t, a.code, "looking is free")
	assert.Contains(t, a.stdout, `"running": true`)
	require.NoError(t, d.cmd.Process.Signal(syscall.SIGINT))
	d.end(t)
	d.gone(t)
	p.recovers("starting the AWS emulator")
}

// A killed command leaves the emulator, but neither the engine nor a provider,
// whose process is 500 MB; and its claim blocks nobody.
func killedUp(t *testing.T, p *testProject, see string) {
	d := deploy(t, p)
	require.NoError(t, d.cmd.Process.Kill())
	d.end(t)
	d.gone(t)
	assert.True(t, alive(d.Gateway.PID), "the emulator has a life of its own")
	p.comesUp(see)
	assert.False(t, alive(d.Gateway.PID), "the old emulator must not stay beside the new one")
}

// The engine locks its state and, killed, cannot take the lock away. When
// nothing was being changed, all that was deployed is kept.
func staleLock(t *testing.T, p *testProject, see string) {
	require.Zero(t, p.evenkeel("local", "up").code)
	locks := p.path(".evenkeel/stacks/dev/state/.pulumi/locks/organization/evenkeel/dev/*.json")
	d := begin(t, p, "up")
	p.describe(d)
	var held []string
	require.Eventually(t, func() bool {
		held, _ = filepath.Glob(locks)
		return len(held) > 0
	}, time.Minute, 10*time.Millisecond, "the engine never locked its state")
	raw, err := os.ReadFile(held[0])
	require.NoError(t, err)
	var lock struct{ PID int }
	require.NoError(t, json.Unmarshal(raw, &lock))
	require.NoError(t, syscall.Kill(lock.PID, syscall.SIGKILL))
	require.NoError(t, d.cmd.Process.Kill())
	d.end(t)
	require.FileExists(t, held[0], "no lock was left, so that nothing is shown")

	doctor := p.evenkeel("local", "doctor")
	assert.Contains(t, doctor.stdout, "a killed command left its lock; the next `local up` takes it away")
	a := p.evenkeel("local", "up", "--format", "json")
	require.Zero(t, a.code, a.stderr)
	assert.Contains(t, a.stderr, see)
	var up result
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &up))
	up.onlySame(t)
	d.gone(t)
	assert.True(t, alive(d.Gateway.PID), "the emulator and what it holds are kept")
}

// Without its emulator a deployment would go on asking for many minutes.
func emulatorKilled(t *testing.T, p *testProject, see string) {
	d := deploy(t, p)
	begin := time.Now()
	require.NoError(t, syscall.Kill(d.Gateway.PID, syscall.SIGKILL))
	code, said := d.end(t)
	assert.Equal(t, 1, code)
	assert.Contains(t, said, see)
	assert.Less(t, time.Since(begin), 2*time.Minute)
	d.gone(t)
	assert.False(t, alive(d.Moto.PID), "moto must not outlive its gateway")
	p.recovers("starting the AWS emulator")
}

// The provider's process can be killed for its memory.
func providerKilled(t *testing.T, p *testProject, see string) {
	d := deploy(t, p)
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
	assert.Contains(t, said, see)
	d.gone(t)
	// The engine wrote down what had been done: the next command goes on there.
	var preview result
	p.must(&preview, "local", "preview")
	assert.NotZero(t, preview.Changes["create"])
	assert.NotZero(t, preview.Changes["same"])
}
