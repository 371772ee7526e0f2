package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// api is the API's part of the JSON of up and status.
type api struct {
	Running        bool
	URL            string
	PID            int
	Log            string
	Ended          string
	TaskDefinition string
	Unset          []struct{ Variable, Why string }
	Notes          []string
}

// withAPI is the JSON of up.
type withAPI struct {
	result
	API        *api
	Dimensions []struct {
		Dimension string
		Facts     []string
	}
	Timings []struct{ Step string }
}

// newAPIProject is a project with the sample API, on a port that is in use
// until release is called.
func newAPIProject(t *testing.T) (p *testProject, port int, release func()) {
	t.Helper()
	p = newProject(t)
	require.NoError(t, os.CopyFS(filepath.Join(p.dir, "api"), os.DirFS(filepath.Join(root(t), "api"))))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	port = l.Addr().(*net.TCPAddr).Port
	p.edit("Pulumi.dev.yaml", "port: 8080", fmt.Sprintf("port: %d", port))
	return p, port, func() { require.NoError(t, l.Close()) }
}

// status asks for the API's part of the status.
func (p *testProject) api() api {
	p.t.Helper()
	var status struct{ API *api }
	p.must(&status, "local", "status")
	require.NotNil(p.t, status.API)
	return *status.API
}

// TestWorkload runs the sample API next to its stack.
func TestWorkload(t *testing.T) {
	t.Parallel()
	p, port, release := newAPIProject(t)
	a := p.evenkeel("local", "logs")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, "no API of stack dev was ever started: `evenkeel local up --stack dev --with-api` starts one")

	var up withAPI
	p.must(&up, "local", "up", "--with-api")
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	require.NotNil(t, up.API)
	require.Len(t, up.API.Unset, 1, "the secret has no value yet")
	assert.Equal(t, "DATABASE_URL", up.API.Unset[0].Variable)
	assert.Equal(t, []string{fmt.Sprintf("port %d is in use by another process, so it listens on another one", port)}, up.API.Notes)
	assert.Equal(t, up.Outputs["taskDefinitionArn"], up.API.TaskDefinition)
	assert.Len(t, up.Dimensions, 6, "every type of resource has a dimension: %v", up.Dimensions)

	t.Run("requests are answered and logged", func(t *testing.T) { orderAndLog(t, p, up.API.URL) })
	t.Run("status tells where it runs", func(t *testing.T) {
		now := p.api()
		assert.Equal(t, up.API.PID, now.PID)
		assert.Equal(t, up.API.URL, now.URL)
		assert.True(t, now.Running)
		assert.FileExists(t, now.Log)
	})
	t.Run("a second up replaces it", func(t *testing.T) { release(); replaceAPI(t, p, up, port) })
	t.Run("an up without it leaves it alone", func(t *testing.T) { leaveAPI(t, p) })
	t.Run("a killed one is started again", func(t *testing.T) { reviveAPI(t, p) })
	t.Run("mistakes are one clear error", func(t *testing.T) { badPackages(t, p) })
	t.Run("down leaves nothing", func(t *testing.T) {
		p.must(&up, "local", "up", "--with-api=evenkeel/api")
		require.True(t, alive(up.API.PID))
		a := p.evenkeel("local", "down")
		require.Zero(t, a.code, a.stderr)
		assert.False(t, alive(up.API.PID))
		assert.Eventually(t, func() bool { return len(leftovers(t, up.Endpoint)) == 0 }, 10*time.Second, 200*time.Millisecond,
			"%v", leftovers(t, up.Endpoint))
		assert.NoDirExists(t, filepath.Join(p.dir, ".evenkeel", "stacks", "dev"))
		assert.Equal(t, api{}, p.api())
	})
}

func orderAndLog(t *testing.T, p *testProject, url string) {
	var order struct{ ID string }
	id := call(t, http.MethodPost, url+"/v1/orders", `{"customer":"c-1","currency":"EUR","items":[{"sku":"APPLE","quantity":2,"unitPrice":50}]}`, http.StatusCreated, &order)
	require.NotEmpty(t, order.ID)
	again := call(t, http.MethodGet, url+"/v1/orders/"+order.ID, "", http.StatusOK, &order)

	text := p.evenkeel("local", "logs")
	require.Zero(t, text.code, text.stderr)
	assert.Regexp(t, `(?m)^[0-9:.]{12} INFO  request  POST   /v1/orders +201 +[0-9.]+ ms  `+id, text.stdout)
	assert.Regexp(t, `(?m)^[0-9:.]{12} INFO  request  GET    /v1/orders/\{id\} +200 +[0-9.]+ ms  `+again, text.stdout)

	raw := p.evenkeel("local", "logs", "--format", "json", "--lines", "1")
	var line struct{ RequestID, Method string }
	require.NoError(t, json.Unmarshal([]byte(raw.stdout), &line), raw.stdout)
	assert.Equal(t, again, line.RequestID)
	assert.Equal(t, "GET", line.Method)
}

// call returns the request's id.
func call(t *testing.T, method, url, body string, want int, into any) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, want, answer.StatusCode, "%s", raw)
	require.NoError(t, json.Unmarshal(raw, into), "%s", raw)
	id := answer.Header.Get("X-Request-Id")
	require.NotEmpty(t, id)
	return id
}

// replaceAPI starts the API anew while its log is followed, now on its own port
// and with a value for its secret.
func replaceAPI(t *testing.T, p *testProject, first withAPI, port int) {
	const value = "postgres://local"
	_, err := secretsmanager.NewFromConfig(awsConfig(first.Endpoint)).PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String("orders-dev/database-url"), SecretString: aws.String(value),
	})
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	var followed bytes.Buffer
	follow := p.command(ctx, "local", "logs", "--follow", "--lines", "0")
	follow.Stdout = &followed
	require.NoError(t, follow.Start())

	var up withAPI
	p.must(&up, "local", "up", "--with-api")
	up.onlySame(t)
	assert.False(t, alive(first.API.PID), "the process of before")
	assert.NotEqual(t, first.API.PID, up.API.PID)
	assert.Equal(t, fmt.Sprintf("http://127.0.0.1:%d", port), up.API.URL, "the container's port is free now")
	assert.Empty(t, up.API.Notes)
	assert.Empty(t, up.API.Unset)
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", up.API.PID))
	require.NoError(t, err)
	variables := strings.Split(string(environ), "\x00")
	for _, want := range []string{"DATABASE_URL=" + value, "LOG_LEVEL=debug", "AWS_ENDPOINT_URL=" + up.Endpoint, "LISTEN_HOST=127.0.0.1"} {
		assert.Contains(t, variables, want)
	}
	assert.NotContains(t, string(environ), "nobody", "the user's AWS profile")

	call(t, http.MethodGet, up.API.URL+"/v1/nothing", "", http.StatusNotFound, &struct{}{})
	time.Sleep(time.Second)
	require.NoError(t, follow.Process.Signal(os.Interrupt))
	require.NoError(t, follow.Wait(), "Ctrl-C ends it well")
	assert.Contains(t, followed.String(), "draining", "the end of the first process")
	assert.Contains(t, followed.String(), "listening", "the start of the second")
	assert.Contains(t, followed.String(), "/v1/nothing")
}

func leaveAPI(t *testing.T, p *testProject) {
	before := p.api()
	var up withAPI
	p.must(&up, "local", "up")
	require.NotNil(t, up.API)
	assert.Equal(t, before.PID, up.API.PID)
	assert.Equal(t, []string{"it runs on, as it was started"}, up.API.Notes)

	p.edit("Pulumi.dev.yaml", "LOG_LEVEL: debug", "LOG_LEVEL: info")
	var changed withAPI
	p.must(&changed, "local", "up")
	assert.True(t, alive(before.PID))
	require.NotNil(t, changed.API)
	require.Len(t, changed.API.Notes, 1)
	assert.Contains(t, changed.API.Notes[0], "it still runs with the environment of an earlier deployment")
}

func reviveAPI(t *testing.T, p *testProject) {
	killed := p.api()
	require.NoError(t, syscall.Kill(killed.PID, syscall.SIGKILL))
	require.Eventually(t, func() bool { return !p.api().Running }, 10*time.Second, 100*time.Millisecond)
	now := p.api()
	assert.Zero(t, now.PID)
	assert.Empty(t, now.URL)
	assert.Equal(t, "signal: killed", now.Ended)
	a := p.evenkeel("local", "status")
	assert.Contains(t, a.stdout, "not running: signal: killed; `evenkeel local up --stack dev --with-api` starts it")
	var up withAPI
	p.must(&up, "local", "up", "--with-api")
	assert.True(t, alive(up.API.PID))
}

func badPackages(t *testing.T, p *testProject) {
	write := func(dir, text string) {
		require.NoError(t, os.MkdirAll(filepath.Join(p.dir, dir), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(p.dir, dir, "main.go"), []byte(text), 0o600))
	}
	write("library", "package library\n")
	write("broken", "package main\n\nfunc main() { undefinedThing() }\n")
	write("exits", "package main\n\nimport \"os\"\n\nfunc main() {\n\tprintln(\"cannot go on\")\n\tos.Exit(3)\n}\n")
	before := p.api()
	for name, c := range map[string]struct {
		arg  []string
		code int
		want string
	}{
		"does not exist":     {[]string{"--with-api=./nope"}, 2, "nope is no folder"},
		"is empty":           {[]string{"--with-api="}, 2, `--with-api: is "", want the folder of a Go main package`},
		"is no main package": {[]string{"--with-api=./library"}, 2, `this is package "library"`},
		"is an argument":     {[]string{"--with-api", "./api"}, 2, "write --with-api=./api"},
		"does not compile":   {[]string{"--with-api=./broken"}, 1, "undefined: undefinedThing"},
	} {
		a := p.evenkeel(append([]string{"local", "up"}, c.arg...)...)
		assert.Equal(t, c.code, a.code, name)
		assert.Equal(t, 1, strings.Count(a.stderr, "error:"), "%s: %s", name, a.stderr)
		assert.Contains(t, a.stderr, c.want, name)
	}
	assert.Equal(t, before, p.api(), "what cannot be built replaces nothing")

	a := p.evenkeel("local", "up", "--with-api=./exits")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, "error: start the API (./exits): it ended (exit status 3) before its health check /healthz answered 200\nthe end of its log:\n  cannot go on\n")
	assert.Contains(t, a.stderr, "the emulated stack dev itself is up")
	now := p.api()
	assert.False(t, now.Running)
	assert.False(t, alive(before.PID))
}

// An API must not outlive the AWS that it talks to.
func TestWorkloadEndsWithTheEmulator(t *testing.T) {
	t.Parallel()
	p, _, _ := newAPIProject(t)
	var up withAPI
	p.must(&up, "local", "up", "--with-api")
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	var instance struct{ Gateway struct{ PID int } }
	raw, err := os.ReadFile(filepath.Join(p.dir, ".evenkeel", "stacks", "dev", "emulator.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &instance))
	require.NoError(t, syscall.Kill(instance.Gateway.PID, syscall.SIGKILL))
	assert.Eventually(t, func() bool { return !alive(up.API.PID) && len(leftovers(t, up.Endpoint)) == 0 }, 15*time.Second, 200*time.Millisecond,
		"%v", leftovers(t, up.Endpoint))
	assert.Equal(t, "stopped, because the emulator ended", p.api().Ended)
	a := p.evenkeel("local", "down", "--discard")
	require.Zero(t, a.code, a.stderr)
	assert.NoDirExists(t, filepath.Join(p.dir, ".evenkeel", "stacks", "dev"))
}
