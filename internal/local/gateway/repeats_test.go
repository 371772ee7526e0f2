package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

// lossy is a connection that loses the first answer to a call.
type lossy struct {
	header string
	lost   atomic.Bool
}

func (l *lossy) Do(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultClient.Do(r)
	if err == nil && strings.HasSuffix(r.Header.Get("X-Amz-Target"), l.header) && l.lost.CompareAndSwap(false, true) {
		_ = answer.Body.Close()
		return nil, syscall.ECONNRESET
	}
	return answer, err
}

func TestACallWhoseAnswerWasLostHasItTheSecondTime(t *testing.T) {
	e := overMoto(t)
	config := e.config()
	connection := &lossy{header: ".CreateLogGroup"}
	config.HTTPClient = connection
	client := cloudwatchlogs.NewFromConfig(config)
	name := unique(t)

	_, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(name)})
	require.NoError(t, err, "moto would say that the first attempt's group exists already")
	require.True(t, connection.lost.Load())
	second := e.last(t, "logs:CreateLogGroup")
	assert.Equal(t, 2, second.Attempt)
	assert.Equal(t, gateway.AnsweredByGateway, second.AnsweredBy)

	_, err = client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(name)})
	require.ErrorContains(t, err, "ResourceAlreadyExistsException", "another call of the same content is no repetition")
}

// counting is an upstream that counts what reaches it and answers by status.
func counting(t *testing.T, answer func(n int64, w http.ResponseWriter)) (emulated, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer(n.Add(1), w)
	}))
	t.Cleanup(upstream.Close)
	return over(t, upstream.URL, ""), &n
}

// try sends a call as the attempt of an invocation, and gives up after a while.
func try(t *testing.T, e emulated, action, invocation, attempt string, patience time.Duration) (status int, body string) {
	t.Helper()
	r := request("POST", e.url+"/", "ecs", map[string]string{"X-Amz-Target": "X." + action})
	r.RequestURI = ""
	if invocation != "" {
		r.Header.Set("Amz-Sdk-Invocation-Id", invocation)
		r.Header.Set("Amz-Sdk-Request", "attempt="+attempt+"; max=3")
	}
	client := &http.Client{Timeout: patience}
	answer, err := client.Do(r)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(raw)
}

func TestOnlyWhatSucceededIsAnsweredAgain(t *testing.T) {
	tests := map[string]struct {
		action, first, second string
		failFirst             bool
		want                  int64
	}{
		"the same invocation":     {"CreateCluster", "a", "a", false, 1},
		"another invocation":      {"CreateCluster", "a", "b", false, 2},
		"no invocation":           {"CreateCluster", "", "", false, 2},
		"a read":                  {"DescribeClusters", "a", "a", false, 2},
		"a failure is tried anew": {"CreateCluster", "a", "a", true, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, reached := counting(t, func(n int64, w http.ResponseWriter) {
				if tt.failFirst && n == 1 {
					w.WriteHeader(http.StatusConflict)
				}
				_, _ = io.WriteString(w, `{"n":1}`)
			})
			try(t, e, tt.action, tt.first, "1", time.Minute)
			status, body := try(t, e, tt.action, tt.second, "2", time.Minute)
			assert.Equal(t, http.StatusOK, status)
			assert.JSONEq(t, `{"n":1}`, body)
			assert.Equal(t, tt.want, reached.Load())
		})
	}
}

func TestACallThatTheClientGaveUpIsCarriedOutOnce(t *testing.T) {
	proceed := make(chan struct{})
	e, reached := counting(t, func(_ int64, w http.ResponseWriter) {
		<-proceed
		_, _ = io.WriteString(w, `{"made":true}`)
	})
	status, _ := try(t, e, "CreateCluster", "a", "1", 200*time.Millisecond)
	require.Zero(t, status, "gave up")
	time.AfterFunc(200*time.Millisecond, func() { close(proceed) })
	status, body := try(t, e, "CreateCluster", "a", "2", time.Minute)
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"made":true}`, body)
	assert.Equal(t, int64(1), reached.Load())
}

func TestAnAnswerThatBrokeOffIsTriedAnew(t *testing.T) {
	e, reached := counting(t, func(n int64, w http.ResponseWriter) {
		if n == 1 {
			w.Header().Set("Content-Length", "100")
		}
		_, _ = io.WriteString(w, `{"n":1}`)
	})
	try(t, e, "CreateCluster", "a", "1", time.Minute)
	status, body := try(t, e, "CreateCluster", "a", "2", time.Minute)
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"n":1}`, body)
	assert.Equal(t, int64(2), reached.Load())
}
