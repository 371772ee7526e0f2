package ecs_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/ecs"
)

// What Fargate answers, in the form of AWS's example:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-examples.html
func TestTaskOnFargate(t *testing.T) {
	answer, err := os.ReadFile("testdata/task.json")
	require.NoError(t, err)
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		_, _ = w.Write(answer)
	}))
	defer srv.Close()
	// What ECS sets has no slash at its end; one must not hurt.
	for _, uri := range []string{srv.URL + "/v4/e9028f8d-2495160603", srv.URL + "/v4/e9028f8d-2495160603/"} {
		task, err := ecs.Ask(t.Context(), uri)
		require.NoError(t, err)
		assert.Equal(t, ecs.Task{ID: "e9028f8d5d8e4f258373e7b93ce9a3c3", Definition: "orders-dev:7", Zone: "eu-west-1b"}, task)
	}
	assert.Equal(t, []string{"GET /v4/e9028f8d-2495160603/task", "GET /v4/e9028f8d-2495160603/task"}, asked)
}

func TestNoGoodAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"status":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, "ask ECS for the task: status 403 Forbidden"},
		"no JSON":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "read what ECS says of the task: invalid character"},
		"no task":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }, "read what ECS says of the task: it has no ARN"},
		"cut off":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ask ECS for the task: "},
		"no answer": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "context deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(c.answer))
			defer srv.Close()
			// The test does not wait for the whole of the real patience.
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			task, err := ecs.Ask(ctx, srv.URL)
			require.ErrorContains(t, err, c.want)
			assert.Zero(t, task)
		})
	}
}

// A start must not hang because ECS does not answer.
func TestPatienceIsLimited(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	begin := time.Now()
	_, err := ecs.Ask(t.Context(), srv.URL)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(begin), 4*time.Second)
}
