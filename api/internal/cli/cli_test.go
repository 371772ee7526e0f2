package cli_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/cli"
	"evenkeel/api/internal/config"
)

// output can be read while it is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(o.String()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields), "%s", line)
		lines = append(lines, fields)
	}
	return lines
}

func run(env map[string]string, args ...string) (code int, stdout, stderr *output) {
	stdout, stderr = &output{}, &output{}
	code = cli.Main(args, func(name string) (string, bool) { s, ok := env[name]; return s, ok }, stdout, stderr)
	return code, stdout, stderr
}

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"help":              {[]string{"help"}, 0, "usage: api [serve | health | version]\n", ""},
		"flag":              {[]string{"--help"}, 0, "usage: api [serve | health | version]\n", ""},
		"no such command":   {[]string{"server"}, 2, "", "there is no command \"server\"\nusage: api "},
		"too many commands": {[]string{"serve", "health"}, 2, "", "usage: api "},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := run(nil, c.args...)
			assert.Equal(t, c.code, code)
			assert.True(t, strings.HasPrefix(stdout.String(), c.stdout), stdout)
			assert.True(t, strings.HasPrefix(stderr.String(), c.stderr), stderr)
			assert.Equal(t, c.stdout == "", stdout.String() == "")
			assert.Equal(t, c.stderr == "", stderr.String() == "")
		})
	}
	code, stdout, _ := run(nil, "version")
	assert.Zero(t, code)
	assert.Regexp(t, `^\S+\n$`, stdout.String())
}

func TestUsageNamesEveryVariable(t *testing.T) {
	asked := map[string]bool{}
	_, err := config.Load(func(name string) (string, bool) { asked[name] = true; return "", false })
	require.NoError(t, err)
	_, stdout, _ := run(nil, "help")
	for name := range asked {
		assert.Contains(t, stdout.String(), "\n  "+name+" ")
	}
	assert.Equal(t, len(asked), len(regexp.MustCompile(`(?m)^  [A-Z]`).FindAllString(stdout.String(), -1)), "and no other")
}

func TestBadConfigurationIsOneLineWithEveryProblem(t *testing.T) {
	env := map[string]string{"PORT": "http", "FAULTS": "on", "FAULTS_TOKEN": "hunter2", "LOG_LEVEL": "error"}
	code, stdout, stderr := run(env)
	assert.Equal(t, 2, code)
	assert.Empty(t, stderr.String())
	assert.NotContains(t, stdout.String(), "hunter2")
	lines := stdout.lines(t)
	require.Len(t, lines, 1)
	assert.Equal(t, "ERROR", lines[0]["level"])
	assert.Equal(t, "configuration refused", lines[0]["msg"])
	assert.Equal(t, []any{
		`PORT: is "http", want a whole number from 1 to 65535`,
		"FAULTS: is on, want off unless ENVIRONMENT is development (it is production, its default)",
		"FAULTS_TOKEN: has 7 characters, want at least 16 while FAULTS is on",
	}, lines[0]["problems"])
	assert.Contains(t, lines[0]["error"], "PORT: ")

	code, stdout, stderr = run(env, "health")
	assert.Equal(t, 1, code, "all that a health check may say besides 0")
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), "PORT: ")
}

func TestHealth(t *testing.T) {
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	env := map[string]string{"PORT": srv.URL[strings.LastIndexByte(srv.URL, ':')+1:]}
	code, stdout, stderr := run(env, "health")
	assert.Equal(t, 0, code)
	assert.Empty(t, stdout.String()+stderr.String())

	status = http.StatusServiceUnavailable
	code, _, stderr = run(env, "health")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr.String(), "/healthz answers 503")

	srv.Close()
	code, _, stderr = run(env, "health")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr.String(), "connection refused")
}

// freePort finds a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	return strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
}

// served runs the server from its start to its end by a signal.
func served(t *testing.T, env map[string]string) []map[string]any {
	t.Helper()
	env["LISTEN_HOST"], env["PORT"], env["DRAIN_SECONDS"] = "127.0.0.1", freePort(t), "0"
	stdout, stderr, code := &output{}, &output{}, make(chan int, 1)
	go func() {
		code <- cli.Main(nil, func(name string) (string, bool) { s, ok := env[name]; return s, ok }, stdout, stderr)
	}()
	require.Eventually(t, func() bool { return strings.Contains(stdout.String(), `"msg":"listening"`) },
		10*time.Second, 5*time.Millisecond)
	healthy, _, _ := run(env, "health")
	assert.Zero(t, healthy)
	require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGTERM))
	select {
	case c := <-code:
		assert.Zero(t, c, stdout)
	case <-time.After(15 * time.Second):
		require.Fail(t, "it does not end")
	}
	assert.Empty(t, stderr.String())
	return stdout.lines(t)
}

func TestServeNamesItsTaskInEveryLine(t *testing.T) {
	const answer = `{"TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/orders-dev/e9028f8d", "Family": "orders-dev", "Revision": "7", "AvailabilityZone": "eu-west-1b"}`
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	defer metadata.Close()
	for deployment, want := range map[string]string{"": "orders-dev:7", "blue": "blue"} {
		lines := served(t, map[string]string{
			"ENVIRONMENT": "development", "LOG_LEVEL": "debug", "DEPLOYMENT": deployment, "ECS_CONTAINER_METADATA_URI_V4": metadata.URL,
		})
		var messages []any
		for _, l := range lines {
			messages = append(messages, l["msg"])
			assert.Equal(t, []any{"e9028f8d", "eu-west-1b", want, "development"}, []any{l["task"], l["zone"], l["deployment"], l["environment"]})
		}
		assert.Equal(t, []any{"listening", "request", "draining", "closing", "stopped"}, messages)
	}
}

func TestServeWithoutAnAnswerOfECS(t *testing.T) {
	metadata := httptest.NewServer(http.NotFoundHandler())
	defer metadata.Close()
	lines := served(t, map[string]string{"ECS_CONTAINER_METADATA_URI_V4": metadata.URL})
	assert.Equal(t, "WARN", lines[0]["level"])
	assert.Equal(t, "ask ECS for the task: status 404 Not Found", lines[0]["error"])
	assert.Equal(t, "production", lines[0]["environment"], "unless somebody says otherwise")
}

func TestServeOnAPortThatIsTaken(t *testing.T) {
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	code, stdout, _ := run(map[string]string{"LISTEN_HOST": "127.0.0.1", "PORT": strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)}, "serve")
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout.lines(t)[0]["error"], "address already in use")
}
