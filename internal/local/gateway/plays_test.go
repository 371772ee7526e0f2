package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func playsOf(t *testing.T, e emulated, method, body string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, e.url+gateway.ControlPath+"plays", strings.NewReader(body))
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	out, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, strings.TrimSpace(string(out))
}

func TestPlaysAreSetAndListed(t *testing.T) {
	e, _ := recordingUpstream(t)
	status, text := playsOf(t, e, http.MethodGet, "")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"plays":[{"image":"","outcome":"healthy","stepMs":300}]}`, text)
	digest := "sha256:" + strings.Repeat("0", 64)
	status, text = playsOf(t, e, http.MethodPut, `{"image":"`+digest+`","outcome":"crash"}`)
	assert.Equal(t, http.StatusOK, status, text)
	var out struct{ Plays []gateway.Play }
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	assert.Equal(t, gateway.Play{Image: digest, Outcome: gateway.OutcomeCrash, StepMS: 300}, out.Plays[1])
	assert.Equal(t, out.Plays, e.Plays())

	for want, body := range map[string]string{
		`play: outcome: is "fine", want one of healthy, crash, unhealthy, alarm, stuck`: `{"outcome":"fine"}`,
		`unknown field "outcom"`: `{"outcom":"crash"}`,
		`want {"image": "<digest>", "outcome": "<outcome>", "stepMs": 300}`: `crash`,
	} {
		status, text := playsOf(t, e, http.MethodPut, body)
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Contains(t, text, want)
	}
	status, text = playsOf(t, e, http.MethodPost, "{}")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
	assert.Equal(t, "plays: is POST, want PUT", text)
	assert.Len(t, e.Plays(), 2, "a bad play changes nothing")
}
