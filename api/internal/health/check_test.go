package health_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/health"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		want   string
	}{
		"alive":     {http.StatusOK, ""},
		"unhealthy": {http.StatusServiceUnavailable, "/healthz answers 503 Service Unavailable"},
		"no route":  {http.StatusNotFound, "/healthz answers 404 Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked, agent string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked, agent = r.URL.Path, r.UserAgent()
				w.WriteHeader(c.status)
			}))
			defer srv.Close()
			err := health.Check(t.Context(), strings.TrimPrefix(srv.URL, "http://"))
			assert.Equal(t, "/healthz", asked)
			assert.Equal(t, "api-health", agent)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}

// The container's own proxy settings are for its calls to others.
func TestCheckAsksTheServerItself(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:3128")
	err := health.Check(t.Context(), strings.TrimPrefix(srv.URL, "http://"))
	require.ErrorContains(t, err, "404")
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	address := strings.TrimPrefix(srv.URL, "http://")
	begin := time.Now()
	require.ErrorContains(t, health.Check(t.Context(), address), "context deadline exceeded")
	assert.Less(t, time.Since(begin), 5*time.Second, "what the platform gives the command")
	srv.Close()
	require.ErrorContains(t, health.Check(t.Context(), address), "connection refused")
}
