package server_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/config"
	"evenkeel/api/internal/server"
	"evenkeel/api/internal/telemetry"
)

func TestProbes(t *testing.T) {
	a := serve(t, nil)
	for path, status := range map[string]string{"/healthz": "alive", "/readyz": "ready"} {
		r := a.do(t, "GET", path, "")
		assert.Equal(t, http.StatusOK, r.status)
		assert.Equal(t, map[string]any{"status": status, "version": "1.2.3"}, r.json(t))
		line := a.request(t, r.header.Get("X-Request-Id"))
		assert.Equal(t, "DEBUG", line["level"])
		assert.Equal(t, path, line["route"])
		assert.Equal(t, http.StatusOK, a.do(t, "HEAD", path, "").status)
	}
}

func TestDrainingServerAnswersAndSendsCallersAway(t *testing.T) {
	a := serve(t, func(c *config.Config) { c.Drain = 1500 * time.Millisecond })
	before := a.do(t, "GET", "/v1/orders", "")
	assert.False(t, before.closes, "connections are kept alive")
	a.signals <- syscall.SIGTERM
	a.signals = nil
	require.Eventually(t, func() bool { return a.do(t, "GET", "/readyz", "").status == http.StatusServiceUnavailable },
		time.Second, time.Millisecond)
	alive, served := a.do(t, "GET", "/healthz", ""), a.do(t, "POST", "/v1/orders", order)
	assert.Equal(t, http.StatusOK, alive.status)
	assert.Equal(t, http.StatusCreated, served.status)
	assert.True(t, served.closes)
	assert.Equal(t, true, a.request(t, served.header.Get("X-Request-Id"))["draining"])
	require.NoError(t, <-a.ended)
	lines := a.log.lines(t)
	assert.Equal(t, "stopped", lines[len(lines)-1]["msg"])
}

func TestPortThatIsTaken(t *testing.T) {
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	cfg := config.Config{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port}
	srv := server.New(cfg, telemetry.Origin{}, slog.New(slog.DiscardHandler), nil)
	err = srv.Run(context.Background(), make(chan os.Signal))
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	assert.ErrorContains(t, err, "listen on "+ln.Addr().String())
}

// Saved queries rely on the fields: a whole life of the server has no other,
// and each line that ends a request has all that it should.
func TestLogHasTheDocumentedFields(t *testing.T) {
	a := serve(t, withFaults)
	a.fault(t, `{"latencyMs":1}`)
	a.do(t, "POST", "/v1/orders", order, "X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")
	a.do(t, "GET", "/v2", "")
	a.do(t, "GET", "/healthz", "")
	a.fault(t, `{"errorRatio":1}`)
	a.do(t, "GET", "/v1/orders", "")
	a.stop(t)

	known := map[string]telemetry.Lines{}
	for _, f := range telemetry.Fields() {
		known[f.Name] = f.Lines
	}
	requests := 0
	for _, line := range a.log.lines(t) {
		for name := range line {
			assert.Contains(t, known, name, "%v", line)
		}
		request := line["msg"] == telemetry.MessageRequest
		if request {
			requests++
		}
		for name, lines := range known {
			if lines == telemetry.EveryLine || request && lines != telemetry.SomeLines {
				assert.Contains(t, line, name, "%v", line)
			}
		}
	}
	assert.Equal(t, 6, requests, "one line a request")
}
