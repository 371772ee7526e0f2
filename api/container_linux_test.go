package main_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// running is the API in the sandbox.
type running struct {
	cmd     *exec.Cmd
	address string
	env     []string
	log     *bytes.Buffer
	ended   chan struct{}
}

// start starts the API and waits until it is ready.
func start(t *testing.T, settings ...string) *running {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := ln.Addr().String()
	require.NoError(t, ln.Close())
	_, port, _ := strings.Cut(address, ":")
	r := &running{
		address: address, log: &bytes.Buffer{}, ended: make(chan struct{}),
		env: append([]string{"LISTEN_HOST=127.0.0.1", "PORT=" + port, "ENVIRONMENT=development"}, settings...),
	}
	r.cmd = contained(t, r.env, "/api", "serve")
	r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
	require.NoError(t, r.cmd.Start())
	go func() {
		// How it ended is in its ProcessState.
		_ = r.cmd.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	require.Eventually(t, func() bool {
		a, err := r.ask("GET", "/readyz")
		return err == nil && a.status == http.StatusOK
	}, 20*time.Second, 20*time.Millisecond, "it does not get ready")
	return r
}

func (r *running) ask(method, path string) (answer, error) {
	c := &client{address: r.address}
	defer c.close()
	return c.do(method, path, "")
}

// wait returns the exit code.
func (r *running) wait(t *testing.T, limit time.Duration) int {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(limit):
		require.Fail(t, "the process does not end")
	}
	return r.cmd.ProcessState.ExitCode()
}

// lines parses the log, whose every line has to be a JSON object.
func (r *running) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range bytes.Lines(r.log.Bytes()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(line, &fields), "%s", line)
		lines = append(lines, fields)
	}
	return lines
}

func TestContainerLosesNoRequestWhenItIsStopped(t *testing.T) {
	const (
		clients  = 64
		drain    = 3 * time.Second
		shutdown = 4 * time.Second
	)
	r := start(t, "DRAIN_SECONDS=3", "SHUTDOWN_SECONDS=4")

	// An upload that is under way all along, and ends after the drain time.
	slow := &client{address: r.address}
	defer slow.close()
	require.NoError(t, slow.send("POST", "/v1/orders", order, len(order)/2))

	// The load balancer sends requests until it has deregistered the target,
	// shortly before the drain time is over.
	n := &tally{failures: make(chan string, clients)}
	leave := n.gather(r.address, clients)
	t.Cleanup(leave)
	time.Sleep(time.Second)
	before := n.good.Load()
	assert.Positive(t, before)
	assert.Positive(t, n.reused.Load(), "connections are kept alive")
	assert.Zero(t, n.closed.Load())

	signalled := time.Now()
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		a, err := r.ask("GET", "/readyz")
		return err == nil && a.status == http.StatusServiceUnavailable && a.closes
	}, 2*time.Second, 5*time.Millisecond, "readiness does not fail")
	alive, err := r.ask("GET", "/healthz")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, alive.status, "a draining process is alive")

	time.Sleep(time.Until(signalled.Add(drain - 500*time.Millisecond)))
	leave()
	assert.Greater(t, n.good.Load(), before+clients, "it goes on serving while it drains")
	assert.GreaterOrEqual(t, n.closed.Load(), int64(clients), "each connection is told to close")

	time.Sleep(time.Until(signalled.Add(drain + 500*time.Millisecond)))
	_, err = r.ask("GET", "/healthz")
	require.Error(t, err, "it takes no new connection once the drain time is over")
	_, err = slow.conn.Write([]byte(order[len(order)/2:]))
	require.NoError(t, err)
	placed, err := slow.receive()
	n.count(placed, err, http.StatusCreated)

	assert.Equal(t, 0, r.wait(t, shutdown), r.log.String())
	assert.Less(t, time.Since(signalled), drain+shutdown)
	close(n.failures)
	for f := range n.failures {
		assert.Fail(t, "a request failed", f)
	}
	checkLines(t, r, n.good.Load())
}

// checkLines holds the log to one line a request.
func checkLines(t *testing.T, r *running, requests int64) {
	t.Helper()
	var found int64
	ids := map[any]bool{}
	lines := r.lines(t)
	for _, l := range lines {
		if l["msg"] == "request" && strings.HasPrefix(l["route"].(string), "/v1/") {
			found++
			ids[l["requestId"]] = true
		}
		assert.Equal(t, "1.2.3-test", l["version"])
	}
	assert.Equal(t, requests, found, "one line a request")
	assert.Len(t, ids, int(found), "an id a request")
	assert.Equal(t, "stopped", lines[len(lines)-1]["msg"])
}

func TestContainerRunsWithoutPrivilegesAndWritesNothing(t *testing.T) {
	r := start(t, "DRAIN_SECONDS=0")
	proc := filepath.Join("/proc", strconv.Itoa(r.cmd.Process.Pid))

	status := map[string]string{}
	text, err := os.ReadFile(filepath.Join(proc, "status"))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		status[name] = strings.Join(strings.Fields(value), " ")
	}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		assert.Equal(t, "0000000000000000", status[set], set)
	}
	assert.Equal(t, "1", status["NoNewPrivs"])
	user := strconv.Itoa(containerID)
	if !allowed.real {
		user = strconv.Itoa(os.Getuid())
	}
	assert.Equal(t, strings.Repeat(user+" ", 3)+user, status["Uid"])
	assert.Equal(t, "1", status["NSpid"][strings.LastIndexByte(status["NSpid"], ' ')+1:], "it gets the signals that the first process gets")

	mounts, err := os.ReadFile(filepath.Join(proc, "mountinfo"))
	require.NoError(t, err)
	found := map[string]string{}
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		found[f[4]], _, _ = strings.Cut(f[5], ",")
	}
	assert.Equal(t, map[string]string{"/": "ro", "/tmp": "rw"}, found, "mounts")

	for range 10 {
		a, err := r.ask("GET", "/v1/orders")
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, a.status)
	}
	if allowed.real {
		files, err := os.ReadDir(filepath.Join(proc, "root", "tmp"))
		require.NoError(t, err)
		assert.Empty(t, files, "files in /tmp")
	}
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 0, r.wait(t, 10*time.Second), r.log.String())
}

func TestContainerChecksItself(t *testing.T) {
	r := start(t, "DRAIN_SECONDS=0")
	check := func() (int, string) {
		cmd := contained(t, r.env, "/api", "health")
		out, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(out)
	}
	code, out := check()
	assert.Equal(t, 0, code, out)
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 0, r.wait(t, 10*time.Second))
	code, out = check()
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "connection refused")
}

func TestSecondSignalEndsTheContainerAtOnce(t *testing.T) {
	r := start(t, "DRAIN_SECONDS=30")
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		a, err := r.ask("GET", "/readyz")
		return err == nil && a.status == http.StatusServiceUnavailable
	}, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, r.cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 1, r.wait(t, 5*time.Second))
	lines := r.lines(t)
	assert.Contains(t, lines[len(lines)-1]["error"], "second signal")
}

func TestContainerRefusesFaultsInProduction(t *testing.T) {
	cmd := contained(t, []string{"FAULTS=on", "FAULTS_TOKEN=0123456789abcdef"}, "/api")
	out, _ := cmd.CombinedOutput()
	assert.Equal(t, 2, cmd.ProcessState.ExitCode())
	assert.Contains(t, string(out), "FAULTS: is on, want off unless ENVIRONMENT is development")
}
