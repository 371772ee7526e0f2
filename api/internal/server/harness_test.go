package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/config"
	"evenkeel/api/internal/server"
	"evenkeel/api/internal/telemetry"
)

const token = "0123456789abcdef"

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) lines(t *testing.T) []map[string]any {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	var lines []map[string]any
	for line := range bytes.Lines(j.text.Bytes()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(line, &fields), "%s", line)
		lines = append(lines, fields)
	}
	return lines
}

// api is a running server.
type api struct {
	base    string
	log     *journal
	exits   chan int
	signals chan os.Signal
	ended   chan error
}

// serve runs the real server on a free port until the test ends. Its
// configuration can be edited.
func serve(t *testing.T, edit func(*config.Config)) *api {
	t.Helper()
	cfg := config.Config{
		Host: "127.0.0.1", Environment: config.Development, LogLevel: slog.LevelDebug,
		Shutdown: 5 * time.Second, Idle: 75 * time.Second,
	}
	if edit != nil {
		edit(&cfg)
	}
	a := &api{log: &journal{}, exits: make(chan int, 1), signals: make(chan os.Signal, 2), ended: make(chan error, 1)}
	origin := telemetry.Origin{Version: "1.2.3", Environment: cfg.Environment, Deployment: "orders:7", Task: "abc", Zone: "eu-west-1a"}
	log := telemetry.NewLogger(a.log, cfg.LogLevel, origin)
	srv := server.New(cfg, origin, log, func(code int) { a.exits <- code })
	go func() { a.ended <- srv.Run(t.Context(), a.signals) }()
	require.Eventually(t, func() bool {
		for _, l := range a.log.lines(t) {
			if l["msg"] == "listening" {
				a.base = "http://" + l["address"].(string)
			}
		}
		return a.base != ""
	}, 10*time.Second, time.Millisecond)
	t.Cleanup(func() { a.stop(t) })
	return a
}

// stop ends the server, the first time that it is called.
func (a *api) stop(t *testing.T) {
	t.Helper()
	if a.signals == nil {
		return
	}
	a.signals <- syscall.SIGTERM
	a.signals = nil
	http.DefaultClient.CloseIdleConnections()
	select {
	case err := <-a.ended:
		assert.NoError(t, err)
	case <-time.After(10 * time.Second):
		assert.Fail(t, "the server does not end")
	}
}

// reply is an answer of the API.
type reply struct {
	status int
	closes bool // the connection
	header http.Header
	body   string
}

// json is the body as a JSON document.
func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &v), "%s", r.body)
	return v
}

// problem checks that the answer is a problem of a kind, and returns it.
func (r reply) problem(t *testing.T, status int, kind string) map[string]any {
	t.Helper()
	assert.Equal(t, status, r.status, r.body)
	assert.Equal(t, "application/problem+json", r.header.Get("Content-Type"))
	doc := r.json(t)
	assert.Equal(t, "/problems/"+kind, doc["type"])
	assert.EqualValues(t, status, doc["status"])
	assert.Equal(t, r.header.Get("X-Request-Id"), doc["requestId"])
	return doc
}

// do sends a request; headers are names and values in turn. A body is JSON
// unless they say something else.
func (a *api) do(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.base+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return reply{res.StatusCode, res.Close, res.Header, string(text)}
}

// request returns the log's line that ended a request.
func (a *api) request(t *testing.T, id string) map[string]any {
	t.Helper()
	var found map[string]any
	require.Eventually(t, func() bool {
		for _, l := range a.log.lines(t) {
			if l["msg"] == "request" && l["requestId"] == id {
				found = l
			}
		}
		return found != nil
	}, 5*time.Second, time.Millisecond, "no line of request %s", id)
	return found
}
