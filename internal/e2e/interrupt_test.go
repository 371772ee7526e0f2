package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ctrl-C in the middle of a first deployment stops what the command started,
// and the next one begins from nothing.
func TestInterruptedUp(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := p.command(ctx, "local", "up")
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "waiting for ingress-balancer") {
		continue // the load balancer takes a minute: the engine is at work
	}
	var instance struct {
		URL           string
		Gateway, Moto struct{ PID int }
	}
	raw, err := os.ReadFile(filepath.Join(p.dir, ".evenkeel", "stacks", "dev", "emulator.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &instance))
	require.NotEmpty(t, leftovers(t, instance.URL), "the engine must be at work, or this test shows nothing")

	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	var rest strings.Builder
	for lines.Scan() {
		rest.WriteString(lines.Text() + "\n")
	}
	_, _ = io.Copy(io.Discard, stderr)
	require.Error(t, cmd.Wait(), "an interrupted command has not done what was asked")
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
	assert.Contains(t, rest.String(), "interrupted")

	assert.Eventually(t, func() bool { return len(leftovers(t, instance.URL)) == 0 }, 20*time.Second, 200*time.Millisecond,
		"the engine or a provider still runs")
	assert.False(t, alive(instance.Gateway.PID), "the emulator's process")
	assert.False(t, alive(instance.Moto.PID), "moto's process")
	var status struct{ Running bool }
	p.must(&status, "local", "status")
	assert.False(t, status.Running)
	var preview result
	p.must(&preview, "local", "preview")
	assert.Greater(t, preview.Changes["create"], 30)
	assert.NotContains(t, preview.Changes, "same", "nothing of the interrupted deployment may be left")
}
