package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stranger is a server that says yes to everything, and counts.
type stranger struct{ asked atomic.Int32 }

// listen takes the address.
func (s *stranger) listen(t *testing.T, address, answer string) {
	t.Helper()
	var l net.Listener
	require.Eventually(t, func() (free bool) {
		var err error
		l, err = net.Listen("tcp", address)
		return err == nil
	}, 10*time.Second, 50*time.Millisecond, "somebody else has taken %s", address)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.asked.Add(1)
		_, _ = io.WriteString(w, answer)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
}

// Ports are the system's choice. Moto opens its own, a moment after it was
// found free.
func portTakenAtStart(t *testing.T, p *testProject, see string) {
	var doctor struct {
		Parts []struct {
			Name    string
			Command []string
		}
	}
	p.must(&doctor, "local", "doctor")
	var moto string
	for _, part := range doctor.Parts {
		if part.Name == "moto" {
			moto = strings.Join(part.Command, "' '")
		}
	}
	require.Contains(t, moto, "{port}")
	// The first moto waits until the port is taken from it.
	folder := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\ncd '%s'\nif ! [ -e port ]; then\n  echo $1 >new && mv new port\n  while ! [ -e taken ]; do sleep 0.05; done\nfi\nexec '%s'\n",
		folder, strings.ReplaceAll(moto, "{port}", `'"$1"'`))
	program := filepath.Join(folder, "moto")
	require.NoError(t, os.WriteFile(program, []byte(script), 0o700))
	p.env = append(p.env, "EVENKEEL_MOTO="+program+" {port}")
	d := begin(t, p, "preview")
	var port string
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(filepath.Join(folder, "port"))
		port = strings.TrimSpace(string(raw))
		return err == nil
	}, time.Minute, 20*time.Millisecond, "moto was never started")
	var s stranger
	s.listen(t, "127.0.0.1:"+port, "{}")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "taken"), nil, 0o600))
	code, said := d.end(t)
	require.Zero(t, code, said)
	assert.Zero(t, s.asked.Load(), "nobody may speak to a stranger")
	log, err := os.ReadFile(p.path(".evenkeel/stacks/dev/emulator.log"))
	require.NoError(t, err)
	assert.Contains(t, string(log), see)
	assert.Contains(t, string(log), port)
	p.recovers("starting the AWS emulator")
}

// After a crash another program answers where the emulator was, even by its name.
func portTakenAfterCrash(t *testing.T, p *testProject, see string) {
	d := deploy(t, p)
	raw, err := os.ReadFile(p.path(".evenkeel/stacks/dev/emulator.json"))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(d.Gateway.PID, syscall.SIGKILL))
	d.end(t)
	d.gone(t)
	var s stranger
	s.listen(t, strings.TrimPrefix(d.URL, "http://"), string(raw))
	var status struct{ Running bool }
	p.must(&status, "local", "status")
	assert.False(t, status.Running)
	p.recovers(see)
	assert.Zero(t, s.asked.Load(), "nobody may speak to a stranger")
}

// The message has every way to supply the part, those of `local doctor`.
func noNetwork(t *testing.T, p *testProject, see string) {
	cache := p.ownCache()
	p.enterCell(true)
	p.cell.run(cache, borrowCLI(t))
	env := p.env
	p.env = append(p.env, "GOMODCACHE="+t.TempDir(), "GOPROXY=https://proxy.golang.org", "GOFLAGS=-modcacherw")
	a := p.evenkeel("local", "up")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, see)
	assert.Equal(t, 1, strings.Count(a.stderr, "error: "), a.stderr)
	assert.Contains(t, a.stderr, "no answer from get.pulumi.com", "why the download failed")
	assert.Contains(t, a.stderr, "proxy.golang.org", "why the build failed")
	doctor := p.evenkeel("local", "doctor", "--format", "json")
	var checkup struct {
		Parts []struct {
			Name   string
			Supply []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(doctor.stdout), &checkup))
	ways := 0
	for _, part := range checkup.Parts {
		for _, way := range part.Supply {
			if part.Name == "AWS plugin" {
				ways++
				assert.Contains(t, a.stderr, way)
			}
		}
	}
	assert.Greater(t, ways, 2)
	for _, file := range p.files(cache) {
		assert.NotContains(t, file, "tmp/", "half a part is left")
	}

	p.cell, p.env = nil, env // the network is back
	p.recovers("starting the AWS emulator")
}

// downloadModules gets what a build without a network needs.
func downloadModules(t *testing.T) {
	t.Helper()
	for _, module := range []string{"pulumicli", "bridge"} {
		download := exec.Command("go", "mod", "download")
		download.Dir = filepath.Join(root(t), "internal", "local", module)
		out, err := download.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// A build that was interrupted leaves nothing half done.
func interruptedBuild(t *testing.T, p *testProject, see string) {
	cache := p.ownCache()
	p.env = append(p.env, "EVENKEEL_OFFLINE=1")
	downloadModules(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := p.command(ctx, "local", "preview")
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
	rest, err := io.ReadAll(pipe)
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	assert.Contains(t, string(rest), see)
	for _, file := range p.files(cache) {
		assert.NotContains(t, file, "pulumi-resource-aws", "half a program must not look like one")
		assert.NotContains(t, file, "bin/pulumi", "half a program must not look like one")
		assert.NotContains(t, file, "tmp/", "an interrupted build clears up after itself")
	}
	p.recovers("building the ")
	for _, file := range p.files(cache) {
		assert.NotContains(t, file, "tmp/", "a build clears up after itself")
	}
}
