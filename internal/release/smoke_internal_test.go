package release

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSmokeTestRefusesACertificateOfNobody(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	answer, err := smokeClient().Get(server.URL)
	if err == nil {
		require.NoError(t, answer.Body.Close())
	}
	require.ErrorContains(t, err, "certificate signed by unknown authority")
}
