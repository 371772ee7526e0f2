package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/telemetry"
)

// serve sends one request through Access, over a real connection, and returns
// the answer, its body and the log's lines.
func serve(t *testing.T, h http.HandlerFunc, edit func(*http.Request)) (*http.Response, string, []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, slog.LevelDebug, telemetry.Origin{Version: "1.2.3", Environment: "production", Deployment: "orders:7", Task: "abc", Zone: "eu-west-1a"})
	srv := httptest.NewServer(telemetry.Access(log, func() bool { return true }, h))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/v1/orders/1?token=secret", nil)
	require.NoError(t, err)
	if edit != nil {
		edit(req)
	}
	res, err := srv.Client().Do(req)
	var body []byte
	if err == nil {
		body, _ = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	srv.Close()
	var lines []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(line, &fields))
		lines = append(lines, fields)
	}
	return res, string(body), lines
}

func TestOneLineHasEveryField(t *testing.T) {
	res, _, lines := serve(t, func(w http.ResponseWriter, r *http.Request) {
		rec := telemetry.From(r.Context())
		rec.SetRoute("/v1/orders/{id}")
		rec.SetError(errors.New("no luck"))
		rec.AddFault("latency")
		rec.AddFault("latency")
		rec.AddFault("error")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("12345"))
	}, func(r *http.Request) {
		r.Header.Set("X-Request-Id", "caller-chose-this")
		r.Header.Set("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")
		r.Header.Set("X-Forwarded-For", "203.0.113.7")
		r.Header.Set("User-Agent", strings.Repeat("x", 1000))
	})
	assert.Equal(t, "caller-chose-this", res.Header.Get("X-Request-Id"))
	require.Len(t, lines, 1)
	line := lines[0]
	assert.Positive(t, line["durationMs"])
	assert.NotEmpty(t, line["time"])
	delete(line, "durationMs")
	delete(line, "time")
	assert.Equal(t, map[string]any{
		"level": "INFO", "msg": "request", "version": "1.2.3", "environment": "production", "deployment": "orders:7",
		"task": "abc", "zone": "eu-west-1a", "requestId": "caller-chose-this", "traceId": "1-67891233-abcdef012345678912345678",
		"method": "GET", "route": "/v1/orders/{id}", "path": "/v1/orders/1", "status": 418.0, "bytes": 5.0,
		"remoteIp": "203.0.113.7", "userAgent": strings.Repeat("x", 256), "fault": "latency,error", "draining": true, "error": "no luck",
	}, line)
}

func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		probe  bool
		want   string
	}{
		"good":         {200, false, "INFO"},
		"caller's":     {404, false, "INFO"},
		"ours":         {503, false, "ERROR"},
		"good probe":   {200, true, "DEBUG"},
		"failed probe": {503, true, "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, lines := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.probe {
					telemetry.From(r.Context()).SetProbe()
				}
				w.WriteHeader(c.status)
			}, nil)
			require.Len(t, lines, 1)
			assert.Equal(t, c.want, lines[0]["level"])
			assert.Equal(t, "unmatched", lines[0]["route"])
		})
	}
}

func TestPanicBecomesAProblem(t *testing.T) {
	res, body, lines := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/half-done")
		var none []int
		_ = none[len(w.Header())]
	}, nil)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	assert.Empty(t, res.Header.Get("Location"))
	assert.NotContains(t, body, "out of range", "the cause is nobody's business outside")
	assert.Contains(t, body, res.Header.Get("X-Request-Id"))
	require.Len(t, lines, 2)
	assert.Equal(t, "panic", lines[0]["msg"])
	assert.Contains(t, lines[0]["error"], "out of range")
	assert.Contains(t, lines[0]["stack"], "TestPanicBecomesAProblem")
	assert.Equal(t, lines[0]["requestId"], lines[1]["requestId"])
	assert.InEpsilon(t, 500.0, lines[1]["status"], 0)
	assert.Contains(t, lines[1]["error"], "panic: ")
}

func TestPanicAfterTheStatusCutsTheConnection(t *testing.T) {
	_, body, lines := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		panic("late")
	}, nil)
	assert.Equal(t, "half", body)
	require.Len(t, lines, 2)
	assert.Equal(t, "panic: late", lines[1]["error"])
	assert.InEpsilon(t, 200.0, lines[1]["status"], 0)
}

// A caller's text must not make lines long.
func TestTextsAreBounded(t *testing.T) {
	_, _, lines := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		telemetry.From(r.Context()).SetError(errors.New(strings.Repeat("é", 5000)))
	}, func(r *http.Request) {
		r.URL.Path = "/" + strings.Repeat("é", 1000)
		r.Method = strings.Repeat("M", 1000)
	})
	require.Len(t, lines, 1)
	assert.Len(t, lines[0]["error"], 1024)
	assert.Equal(t, "/"+strings.Repeat("é", 127), lines[0]["path"], "whole characters")
	assert.Len(t, lines[0]["method"], 256)
	assert.Empty(t, lines[0]["traceId"], "present, though there is none")
}

func TestOutsideOfARequest(t *testing.T) {
	rec := telemetry.From(t.Context())
	rec.SetRoute("/x")
	rec.Log().Info("goes nowhere")
	assert.NotNil(t, rec)
}
