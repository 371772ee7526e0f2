package local_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/local"
	"evenkeel/internal/local/summary"
	"evenkeel/internal/local/workload"
)

func upResult() *local.Result {
	return &local.Result{
		Stack: "dev", Changes: map[string]int{"create": 43}, Endpoint: "http://127.0.0.1:40123", Region: "eu-west-1", Account: "123456789012",
		Outputs: map[string]any{"clusterName": "orders-dev", "url": "http://orders.example.com"},
		Dimensions: []summary.Section{
			{Dimension: summary.Deployment, Resources: 9, Facts: []string{`service "orders": no task yet`, "HTTP :80 forwards to the tasks"}},
			{Dimension: summary.Capacity, Facts: []string{}},
			{Dimension: summary.Security, Resources: 2, Facts: []string{}},
		},
		Adaptations: []local.Adaptation{{Path: "tasks", What: "none is started", Why: "the emulator has no container runtime"}},
		Seconds:     61.4, Timings: []local.Timing{{Step: "prepare", Seconds: 2.04}, {Step: "deploy", Seconds: 61.4}},
	}
}

func TestWriteUp(t *testing.T) {
	for file, api := range map[string]*local.API{
		"testdata/up.txt": nil,
		"testdata/up.api.txt": {
			Running: true, URL: "http://127.0.0.1:8080", Health: "http://127.0.0.1:8080/up", PID: 4711, Log: "/x/api.log",
			Unset: []workload.Unset{{Variable: "DATABASE_URL", Why: "the secret orders-dev/database-url has no value yet"}},
			Notes: []string{"port 8080 is in use by another process, so it listens on another one"},
		},
	} {
		r := upResult()
		r.API = api
		var b bytes.Buffer
		require.NoError(t, r.WriteUp(&b))
		golden.Equal(t, file, b.String())
	}
}

func TestWriteStatus(t *testing.T) {
	for name, c := range map[string]struct {
		status local.Status
		want   string
	}{
		"nothing": {
			local.Status{Stack: "dev", API: &local.API{}},
			"Stack dev is not running. `make up`, or `evenkeel local up --stack dev`, brings it up.\n",
		},
		"an API that ended with its emulator": {
			local.Status{Stack: "dev", API: &local.API{Log: "/x/api.log", Ended: "stopped, because the emulator ended"}},
			"Stack dev is not running. `make up`, or `evenkeel local up --stack dev`, brings it up.\n" +
				"API      not running: stopped, because the emulator ended; `evenkeel local up --stack dev --with-api` starts it\n" +
				"API log  /x/api.log\n",
		},
		"everything": {
			local.Status{
				Stack: "dev", Running: true, Endpoint: "http://127.0.0.1:1", Account: "123456789012", Since: "2026-01-02T03:04:05Z", Resources: 44,
				API: &local.API{Running: true, URL: "http://127.0.0.1:8080", PID: 4711, Log: "/x/api.log", Since: "2026-01-02T03:05:05Z"},
			},
			"stack          dev\nendpoint       http://127.0.0.1:1\naccount        123456789012\nrunning since  2026-01-02T03:04:05Z\nresources      44\n" +
				"API            http://127.0.0.1:8080 (process 4711, since 2026-01-02T03:05:05Z)\nAPI log        /x/api.log\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, c.status.WriteText(&b))
			assert.Equal(t, c.want, b.String())
		})
	}
}
