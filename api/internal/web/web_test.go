package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/problem"
	"evenkeel/api/internal/telemetry"
	"evenkeel/api/internal/web"
)

// answered handles one request, and returns the answer's status, its body and
// the error in the log.
func answered(t *testing.T, fn func(http.ResponseWriter, *http.Request) error) (status int, body string, logged any) {
	t.Helper()
	var out bytes.Buffer
	log := telemetry.NewLogger(&out, slog.LevelInfo, telemetry.Origin{})
	w := httptest.NewRecorder()
	telemetry.Access(log, func() bool { return false }, web.Handle(fn)).
		ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	return w.Code, w.Body.String(), line["error"]
}

func TestErrorsOfHandlers(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		kind   string
		logged string
	}{
		"problem": {problem.New(problem.Conflict, "no"), 409, "conflict", "The resource is in the wrong state: no"},
		"wrapped": {fmt.Errorf("outer: %w", problem.New(problem.Conflict, "no")), 409, "conflict", "outer: The resource is in the wrong state: no"},
		"late":    {fmt.Errorf("ask: %w", context.DeadlineExceeded), 503, "timeout", "ask: context deadline exceeded"},
		"gone":    {fmt.Errorf("ask: %w", context.Canceled), 499, "client-closed-request", "ask: context canceled"},
		"any":     {errors.New("password of db-1 is wrong"), 500, "internal", "password of db-1 is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body, logged := answered(t, func(http.ResponseWriter, *http.Request) error { return c.err })
			assert.Equal(t, c.status, status)
			assert.Contains(t, body, `"type":"/problems/`+c.kind+`"`)
			assert.Equal(t, c.logged, logged)
			assert.NotContains(t, body, "db-1", "what is inside stays there")
		})
	}
}

func TestAnswerThatCannotBeEncoded(t *testing.T) {
	status, body, logged := answered(t, func(w http.ResponseWriter, _ *http.Request) error {
		return web.Answer(w, http.StatusOK, math.Inf(1))
	})
	assert.Equal(t, http.StatusInternalServerError, status)
	assert.Contains(t, body, "/problems/internal")
	assert.Contains(t, logged, "encode the answer")
}

type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// The status is out already: a problem document cannot follow.
func TestAnswerThatBreaksOff(t *testing.T) {
	status, body, logged := answered(t, func(w http.ResponseWriter, _ *http.Request) error {
		return web.Answer(brokenWriter{w}, http.StatusCreated, "x")
	})
	assert.Equal(t, http.StatusCreated, status)
	assert.Empty(t, body)
	assert.Contains(t, logged, "the caller did not take the whole answer")
}

func TestDeadline(t *testing.T) {
	var err error
	h := web.Deadline(20*time.Millisecond, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		err = r.Context().Err()
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

type sample struct {
	Text  string             `json:"text"`
	Truth bool               `json:"truth"`
	Ratio float64            `json:"ratio"`
	List  []int              `json:"list"`
	Map   map[string]float32 `json:"map"`
}

func TestTypesAreCalledByTheirJSONNames(t *testing.T) {
	for body, want := range map[string]string{
		`{"text":1}`:      "text is a JSON number, want a string",
		`{"truth":"yes"}`: "truth is a JSON string, want true or false",
		`{"ratio":true}`:  "ratio is a JSON bool, want a number",
		`{"list":{}}`:     "list is a JSON object, want an array",
		`{"list":[1.5]}`:  "list is a JSON number, want a whole number",
		`{"map":[]}`:      "map is a JSON array, want an object",
		`"x"`:             "the document is a JSON string, want an object",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewBufferString(body))
		r.Header.Set("Content-Type", "application/json; charset=UTF-8")
		var p *problem.Problem
		require.ErrorAs(t, web.Decode(httptest.NewRecorder(), r, &sample{}), &p, body)
		assert.Equal(t, want, p.Detail)
		assert.Equal(t, "malformed-request", p.Kind.Name)
	}
}

// A caller that sends half a body and then nothing is told so, and does not
// keep the server busy.
func TestBodyThatDoesNotArrive(t *testing.T) {
	srv := httptest.NewUnstartedServer(web.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return web.Decode(w, r, &sample{})
	}))
	srv.Config.ReadTimeout = 100 * time.Millisecond
	srv.Start()
	defer srv.Close()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusRequestTimeout, res.StatusCode)
	assert.True(t, res.Close, "nobody knows where the next request would begin")
}
