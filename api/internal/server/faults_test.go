package server_test

import (
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/config"
	"evenkeel/api/internal/faults"
)

func withFaults(cfg *config.Config) { cfg.Faults, cfg.FaultsToken = true, token }

// fault sets faults, and returns the answer.
func (a *api) fault(t *testing.T, settings string) reply {
	t.Helper()
	return a.do(t, "PUT", "/admin/faults", settings, "Authorization", "Bearer "+token)
}

func TestFaultsDoNotExistUnlessTurnedOn(t *testing.T) {
	a := serve(t, nil)
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a.do(t, method, "/admin/faults", "", "Authorization", "Bearer "+token).problem(t, http.StatusNotFound, "not-found")
		a.do(t, method, "/admin/faults", "", "Authorization", "Bearer ").problem(t, http.StatusNotFound, "not-found")
	}
}

func TestFaultsNeedTheToken(t *testing.T) {
	a := serve(t, withFaults)
	for name, header := range map[string]string{
		"none": "", "empty": "Bearer ", "another": "Bearer 0123456789abcdeF", "longer": "Bearer " + token + "0",
		"no scheme": token, "another scheme": "Basic " + token,
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				r := a.do(t, method, "/admin/faults", `{"crash":true}`, "Authorization", header)
				r.problem(t, http.StatusUnauthorized, "unauthorized")
				assert.Equal(t, `Bearer realm="faults"`, r.header.Get("WWW-Authenticate"))
				assert.NotContains(t, r.body, token)
			}
		})
	}
	a.do(t, "POST", "/admin/faults", "{}").problem(t, http.StatusMethodNotAllowed, "method-not-allowed")
	time.Sleep(300 * time.Millisecond)
	assert.Empty(t, a.exits, "nothing was set")
}

func TestFaultsAreBounded(t *testing.T) {
	a := serve(t, withFaults)
	doc := a.fault(t, `{"latencyMs":60001,"errorRatio":1.1,"memoryMiB":16385,"seconds":3601}`).problem(t, 422, "invalid-fields")
	assert.Equal(t, "4 values are out of range", doc["detail"])
	assert.Equal(t, []any{
		map[string]any{"pointer": "#/latencyMs", "detail": "is out of range, want 0 to 60000"},
		map[string]any{"pointer": "#/errorRatio", "detail": "is out of range, want 0 to 1"},
		map[string]any{"pointer": "#/memoryMiB", "detail": "is out of range, want 0 to 16384"},
		map[string]any{"pointer": "#/seconds", "detail": "is out of range, want 1 to 3600"},
	}, doc["errors"])
	assert.Len(t, a.fault(t, `{"latencyMs":-1,"errorRatio":-0.1,"memoryMiB":-1,"seconds":-1}`).problem(t, 422, "invalid-fields")["errors"], 4)
	a.fault(t, `{"latency":1}`).problem(t, 400, "malformed-request")

	r := a.do(t, "GET", "/admin/faults", "", "Authorization", "Bearer "+token)
	none := map[string]any{
		"latencyMs": 0., "errorRatio": 0., "memoryMiB": 0., "notReady": false, "unhealthy": false, "crash": false, "seconds": 0.,
	}
	assert.Equal(t, none, r.json(t), "what is refused changes nothing")
	assert.EqualValues(t, 60, a.fault(t, `{"notReady":true}`).json(t)["seconds"], "no fault lasts for good")
	assert.Equal(t, http.StatusNoContent, a.do(t, "DELETE", "/admin/faults", "", "Authorization", "Bearer "+token).status)
	assert.Equal(t, http.StatusOK, a.do(t, "GET", "/readyz", "").status)
}

func TestEachFaultHasItsEffect(t *testing.T) {
	a := serve(t, withFaults)
	struck := func(r reply) any { return a.request(t, r.header.Get("X-Request-Id"))["fault"] }

	assert.Equal(t, http.StatusOK, a.fault(t, `{"errorRatio":1}`).status)
	r := a.do(t, "GET", "/v1/orders", "")
	r.problem(t, http.StatusInternalServerError, "internal")
	assert.Equal(t, "error", struck(r))
	assert.Equal(t, "ERROR", a.request(t, r.header.Get("X-Request-Id"))["level"])
	assert.Equal(t, http.StatusOK, a.do(t, "GET", "/healthz", "").status, "the load balancer keeps the task")

	assert.Equal(t, http.StatusOK, a.fault(t, `{"latencyMs":80}`).status)
	begin := time.Now()
	r = a.do(t, "GET", "/v1/orders", "")
	assert.Equal(t, http.StatusOK, r.status, "setting one fault ends the others")
	assert.GreaterOrEqual(t, time.Since(begin), 80*time.Millisecond)
	assert.Equal(t, "latency", struck(r))
	assert.GreaterOrEqual(t, a.request(t, r.header.Get("X-Request-Id"))["durationMs"], 80.)

	for _, c := range []struct{ path, setting, other string }{
		{"/readyz", "notReady", "/healthz"}, {"/healthz", "unhealthy", "/readyz"},
	} {
		a.fault(t, `{"`+c.setting+`":true}`)
		r = a.do(t, "GET", c.path, "")
		r.problem(t, http.StatusServiceUnavailable, "not-ready")
		assert.Equal(t, c.setting, struck(r))
		assert.Equal(t, http.StatusOK, a.do(t, "GET", c.other, "").status)
		assert.Equal(t, http.StatusOK, a.do(t, "GET", "/v1/orders", "").status)
	}
}

func TestFaultEndsByItself(t *testing.T) {
	a := serve(t, withFaults)
	a.fault(t, `{"notReady":true,"seconds":1}`)
	assert.Equal(t, http.StatusServiceUnavailable, a.do(t, "GET", "/readyz", "").status)
	assert.Eventually(t, func() bool { return a.do(t, "GET", "/readyz", "").status == http.StatusOK },
		5*time.Second, 20*time.Millisecond)
}

func TestCrashEndsTheProcessAfterItsAnswer(t *testing.T) {
	a := serve(t, withFaults)
	assert.Equal(t, http.StatusAccepted, a.fault(t, `{"crash":true}`).status)
	select {
	case code := <-a.exits:
		assert.Equal(t, faults.ExitCode, code)
	case <-time.After(5 * time.Second):
		assert.Fail(t, "no crash")
	}
}

func TestMemoryIsReallyTaken(t *testing.T) {
	// The kernel's count of this process's pages, in MiB.
	resident := func() int {
		text, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Skipf("only Linux says how much memory is resident: %v", err)
		}
		pages, err := strconv.Atoi(strings.Fields(string(text))[1])
		require.NoError(t, err)
		return pages * os.Getpagesize() >> 20
	}
	// What Go has not given back to the kernel, in MiB. The kernel's count would
	// include what the race detector keeps about each page.
	held := func() int {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapSys-m.HeapReleased) >> 20
	}
	a := serve(t, withFaults)
	before, heldBefore := resident(), held()
	assert.Equal(t, http.StatusOK, a.fault(t, `{"memoryMiB":200}`).status)
	assert.Greater(t, resident(), before+150)
	assert.Greater(t, held(), heldBefore+150)
	a.do(t, "DELETE", "/admin/faults", "", "Authorization", "Bearer "+token)
	assert.Less(t, held(), heldBefore+100, "it is given back")
}

func TestFaultsAreLoggedButNotTheToken(t *testing.T) {
	a := serve(t, withFaults)
	a.fault(t, `{"latencyMs":1}`)
	var found bool
	for _, l := range a.log.lines(t) {
		found = found || l["msg"] == "faults on" && l["level"] == slog.LevelWarn.String()
	}
	assert.True(t, found)
	assert.NotContains(t, a.log.text.String(), token)
}
