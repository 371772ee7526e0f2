package logqueries_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/insights"
)

const (
	faultsToken = "0123456789abcdef"
	goodOrder   = `{"customer":"c-1","currency":"EUR","items":[{"sku":"A-1","quantity":2,"unitPrice":150}]}`
)

// sampleAPI builds the sample API and returns the program's path.
func sampleAPI(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "api")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "evenkeel/api").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// api is the running sample API.
type api struct {
	url    string
	cmd    *exec.Cmd
	stdout bytes.Buffer
}

// start runs the program as one deployment, and waits until it serves.
func start(t *testing.T, program, deployment string) *api {
	t.Helper()
	port := freePort(t)
	a := &api{url: "http://127.0.0.1:" + port, cmd: exec.Command(program)}
	a.cmd.Env = append(os.Environ(),
		"LISTEN_HOST=127.0.0.1", "PORT="+port, "ENVIRONMENT=development", "LOG_LEVEL=info", "DRAIN_SECONDS=0",
		"FAULTS=on", "FAULTS_TOKEN="+faultsToken, "DEPLOYMENT="+deployment)
	a.cmd.Stdout = &a.stdout
	require.NoError(t, a.cmd.Start())
	t.Cleanup(func() {
		if a.cmd.ProcessState == nil {
			_ = a.cmd.Process.Kill()
			_ = a.cmd.Wait()
		}
	})
	require.Eventually(t, func() bool {
		res, err := http.Get(a.url + "/healthz")
		if err != nil {
			return false
		}
		return res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, 20*time.Second, 20*time.Millisecond, "the sample API does not serve")
	return a
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, l.Close()) }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

// A request is sent with these headers besides, as pairs.
func (a *api) send(t *testing.T, want int, method, path, body string, headers ...string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, want, res.StatusCode, "%s %s", method, path)
}

func (a *api) faults(t *testing.T, settings string) {
	t.Helper()
	a.send(t, http.StatusOK, "PUT", "/admin/faults", settings, "Authorization", "Bearer "+faultsToken)
}

// stop ends the API and returns what it has logged.
func (a *api) stop(t *testing.T) []insights.Record {
	t.Helper()
	require.NoError(t, a.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, a.cmd.Wait())
	records, err := insights.ReadLines(&a.stdout)
	require.NoError(t, err)
	return records
}

// The two callers of the traffic, as headers.
var (
	shop    = []string{"User-Agent", "shop/1.0", "X-Forwarded-For", "203.0.113.7"}
	scanner = []string{"User-Agent", "scanner/2.0", "X-Forwarded-For", "198.51.100.9"}
)

// slowMs is how long the slow requests of the traffic take.
const slowMs = 400

// traffic is what two deployments of the sample API log of real requests: the
// first is well, the second fails and is slow.
func traffic(t *testing.T) []insights.Record {
	t.Helper()
	program := sampleAPI(t)

	good := start(t, program, "orders-dev:7")
	for range 4 {
		good.send(t, http.StatusCreated, "POST", "/v1/orders", goodOrder, shop...)
	}
	good.send(t, http.StatusBadRequest, "POST", "/v1/orders", `{`, shop...)
	good.send(t, http.StatusUnprocessableEntity, "POST", "/v1/orders", `{}`, shop...)
	for range 2 {
		good.send(t, http.StatusNotFound, "GET", "/v1/orders/none", "", scanner...)
	}
	good.send(t, http.StatusNotFound, "GET", "/.env", "", scanner...)
	lines := good.stop(t)

	bad := start(t, program, "orders-dev:8")
	bad.faults(t, fmt.Sprintf(`{"latencyMs":%d}`, slowMs))
	bad.send(t, http.StatusOK, "GET", "/v1/orders", "", shop...)
	bad.faults(t, `{"errorRatio":1}`)
	for range 3 {
		bad.send(t, http.StatusInternalServerError, "GET", "/v1/orders", "", shop...)
	}
	bad.send(t, http.StatusInternalServerError, "POST", "/v1/orders", goodOrder,
		append([]string{"X-Request-Id", "one-failed-order", "X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"}, shop...)...)
	return append(lines, bad.stop(t)...)
}
