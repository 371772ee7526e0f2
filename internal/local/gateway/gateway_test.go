package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/local/gateway"
)

func TestDocumentationListsEveryCompletion(t *testing.T) {
	golden.Equal(t, "../../../docs/emulator.md", gateway.Table())
}

func TestCompletionsAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range gateway.Completions() {
		name := c.Service + ":" + c.Action
		assert.False(t, seen[name], "%s is listed twice", name)
		seen[name] = true
		assert.Contains(t, []gateway.Kind{gateway.Answers, gateway.Completes}, c.Kind, name)
		assert.NotEmpty(t, c.Reason, name)
		assert.NotContains(t, c.Reason, "|", "%s would break the table", name)
	}
	assert.Len(t, seen, len(gateway.Completions()))
}

// seenUpstream is what a server that plays moto got.
type seenUpstream struct {
	host, uri, body string
	header          http.Header
}

func recordingUpstream(t *testing.T) (emulated, *seenUpstream) {
	t.Helper()
	var seen seenUpstream
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		seen = seenUpstream{r.Host, r.RequestURI, string(body), r.Header}
		_, err = w.Write([]byte("{}"))
		assert.NoError(t, err)
	}))
	t.Cleanup(upstream.Close)
	return over(t, upstream.URL, ""), &seen
}

func TestRequestsReachMotoUnchanged(t *testing.T) {
	chunked := "400;chunk-signature=ad80\r\n" + strings.Repeat("a", 1024) + "\r\n0;chunk-signature=b684\r\n\r\n"
	tests := map[string]struct{ method, target, body, service, encoding string }{
		"JSON":           {"POST", "/", `{"a": 1}`, "ecs", ""},
		"aws-chunked":    {"PUT", "/bucket/key", chunked, "s3", "aws-chunked"},
		"escaped path":   {"PUT", "/bucket/a%2Fb%20c+d/%C3%BC%3D", "x", "s3", ""},
		"double slashes": {"GET", "/bucket//a//b/../c", "", "s3", ""},
		"odd query":      {"GET", "/bucket?prefix=a;b&delimiter=%2F", "", "s3", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, seen := recordingUpstream(t)
			u, err := url.Parse(e.url)
			require.NoError(t, err)
			r := request(tt.method, e.url+tt.target, tt.service, map[string]string{"Content-Encoding": tt.encoding})
			if tt.encoding == "" {
				r.Header.Del("Content-Encoding")
			}
			r.RequestURI, r.Host = "", u.Host
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(tt.body)), int64(len(tt.body))
			answer, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			assert.Equal(t, tt.target, seen.uri)
			assert.Equal(t, tt.body, seen.body)
			assert.Equal(t, u.Host, seen.host, "moto builds URLs from the host")
			assert.Equal(t, tt.encoding, seen.header.Get("Content-Encoding"))
			assert.Equal(t, r.Header.Get("Authorization"), seen.header.Get("Authorization"))
			assert.Empty(t, seen.header.Get("X-Forwarded-For"))
		})
	}
}

func get(t *testing.T, address string, into any) int {
	t.Helper()
	answer, err := http.Get(address)
	require.NoError(t, err)
	defer answer.Body.Close()
	if into != nil {
		require.NoError(t, json.NewDecoder(answer.Body).Decode(into))
	}
	return answer.StatusCode
}

func TestControlEndpoints(t *testing.T) {
	e, _ := recordingUpstream(t)
	for range 2 {
		r := request("POST", e.url+"/", "ecs", map[string]string{"X-Amz-Target": "X.ListClusters"})
		r.RequestURI = ""
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
	var health gateway.Identity
	get(t, e.url+"/_evenkeel/health", &health)
	assert.Equal(t, gateway.Identity{ID: "one", Stack: "dev", PID: 1, MotoPID: 2}, health)

	var out struct{ Calls []gateway.Call }
	get(t, e.url+"/_evenkeel/calls", &out)
	require.Len(t, out.Calls, 2)
	assert.Equal(t, []int{1, 2}, []int{out.Calls[0].Sequence, out.Calls[1].Sequence})
	get(t, e.url+"/_evenkeel/calls?since=1", &out)
	require.Len(t, out.Calls, 1)
	get(t, e.url+"/_evenkeel/refused", &out)
	assert.Empty(t, out.Calls)
	assert.Len(t, e.Calls(0), 2, "control endpoints are no calls")

	assert.Equal(t, http.StatusBadRequest, get(t, e.url+"/_evenkeel/calls?since=x", nil))
	assert.Equal(t, http.StatusNotFound, get(t, e.url+"/_evenkeel/other", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, get(t, e.url+"/_evenkeel/shutdown", nil))
}

func TestShutdownWantsTheToken(t *testing.T) {
	upstream, err := url.Parse("http://127.0.0.1:1")
	require.NoError(t, err)
	tests := map[string]struct {
		token, given string
		status       int
	}{
		"right":           {"the token", "the token", http.StatusOK},
		"wrong":           {"the token", "another", http.StatusForbidden},
		"none":            {"the token", "", http.StatusForbidden},
		"gateway without": {"", "", http.StatusForbidden},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked := make(chan bool, 2)
			g, err := gateway.New(gateway.Options{Upstream: upstream, Token: tt.token, OnShutdown: func() { asked <- true }})
			require.NoError(t, err)
			server := httptest.NewServer(g)
			defer server.Close()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/_evenkeel/shutdown", nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+tt.given)
			answer, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			assert.Equal(t, tt.status, answer.StatusCode)
			if tt.status == http.StatusOK {
				select {
				case <-asked:
				case <-time.After(time.Second):
					assert.Fail(t, "nobody was told")
				}
				return
			}
			assert.Empty(t, asked)
		})
	}
}

func TestReadCalls(t *testing.T) {
	tests := map[string]struct {
		content string
		want    []string
		problem string
	}{
		"none":            {"", nil, ""},
		"two":             {`{"service":"a","action":"B"}` + "\n" + `{"service":"c","action":"D"}` + "\n", []string{"a:B", "c:D"}, ""},
		"still written":   {`{"service":"a","action":"B"}` + "\n" + `{"serv`, []string{"a:B"}, ""},
		"broken in place": {"{\n{}\n", nil, "line 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "calls.jsonl")
			require.NoError(t, os.WriteFile(path, []byte(tt.content), 0o600))
			calls, err := gateway.ReadCalls(path)
			if tt.problem != "" {
				require.ErrorContains(t, err, tt.problem)
				return
			}
			require.NoError(t, err)
			var names []string
			for _, c := range calls {
				names = append(names, c.Name())
			}
			assert.Equal(t, tt.want, names)
		})
	}
}

func TestNewNeedsAnUpstream(t *testing.T) {
	_, err := gateway.New(gateway.Options{})
	require.ErrorContains(t, err, "Upstream is not set")
}

func TestMotosNames(t *testing.T) {
	// As moto.core.utils.camelcase_to_underscores gives them.
	for name, want := range map[string]string{
		"PutCompositeAlarm": "put_composite_alarm", "ListServiceDeployments": "list_service_deployments",
		"DescribeDBInstances": "describe_db_instances", "GetSMSSandboxAccountStatus": "get_sms_sandbox_account_status",
		"ListObjectsV2": "list_objects_v2",
	} {
		assert.Equal(t, want, gateway.Snake(name))
	}
}

func TestLastException(t *testing.T) {
	tests := map[string]struct{ log, want string }{
		"none": {"127.0.0.1 - - \"POST / HTTP/1.1\" 200 -\n", ""},
		"one": {
			"Error on request:\nTraceback (most recent call last):\n  File \"x.py\", line 1, in f\n    raise E\nmoto.core.exceptions.ServiceException: text: more\n127.0.0.1 - - [x] \"POST\"\n",
			"moto.core.exceptions.ServiceException: text: more",
		},
		"chained": {
			"Traceback (most recent call last):\n  File \"x.py\"\n    a\nKeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n" +
				"Traceback (most recent call last):\n  File \"y.py\"\n    b\nTypeError: no\n",
			"TypeError: no",
		},
		"without a text": {"Traceback (most recent call last):\n  File \"x.py\"\n    a\nAssertionError\n", "AssertionError"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tt.want, gateway.LastException(tt.log)) })
	}
}
