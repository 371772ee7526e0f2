package logqueries_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/logqueries"
	"evenkeel/internal/insights"
)

// events are a failed deployment as ECS tells of it, and another one as
// CodeDeploy does. Their shape is that of
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
// with the stop codes and reasons of
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
func events(t *testing.T) []insights.Record {
	t.Helper()
	f, err := os.Open("testdata/events.jsonl")
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	out, err := insights.ReadLines(f)
	require.NoError(t, err)
	require.Len(t, out, 11)
	return out
}

const (
	essential = "Essential container in task exited"
	arn       = "arn:aws:ecs:eu-west-1:123456789012:"
)

// stoppedTask is a task's row: its number, and what differs from task to task.
func stoppedTask(task, at, revision string, more map[string]any) map[string]any {
	r := map[string]any{
		"@timestamp": at, "detail.memory": "512",
		"detail.taskArn":           arn + "task/orders-dev/a000000000000000000000000000000" + task,
		"detail.taskDefinitionArn": arn + "task-definition/orders-dev:" + revision,
	}
	for name, v := range more {
		r["detail."+name] = v
	}
	return r
}

var (
	unpulled = stoppedTask("5", "2026-03-01 02:05:00.000", "8", map[string]any{
		"stopCode":      "TaskFailedToStart",
		"stoppedReason": "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref",
	})
	crashed = stoppedTask("4", "2026-03-01 02:04:00.000", "8", map[string]any{
		"stopCode": "EssentialContainerExited", "stoppedReason": essential, "containers.0.exitCode": 70.0,
	})
	late = stoppedTask("3", "2026-03-01 02:03:00.000", "7", map[string]any{
		"stopCode":              "ServiceSchedulerInitiated",
		"stoppedReason":         "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)",
		"containers.0.exitCode": 137.0,
	})
	killed = stoppedTask("2", "2026-03-01 02:02:20.000", "8", map[string]any{
		"stopCode": "EssentialContainerExited", "stoppedReason": essential, "containers.0.exitCode": 137.0,
		"containers.0.reason": "OutOfMemoryError: Container killed due to memory usage",
	})
)

func TestQueriesOverECSEvents(t *testing.T) {
	deployment := func(at, name, reason string) map[string]any {
		return map[string]any{
			"@timestamp": at, "detail.eventName": name, "detail.reason": reason, "detail.deploymentId": "ecs-svc/1234567890123456789",
		}
	}
	byCodeDeploy := func(at, state string) map[string]any {
		return map[string]any{"@timestamp": at, "detail.state": state, "detail.deploymentId": "d-A1B2C3D4E"}
	}
	want := map[string]rows{
		"memory-kills":  {late, killed},
		"stopped-tasks": {unpulled, crashed, late, killed},
		"deployments": {
			byCodeDeploy("2026-03-01 03:09:00.000", "FAILURE"), byCodeDeploy("2026-03-01 03:00:00.000", "START"),
			deployment("2026-03-01 02:06:00.000", "SERVICE_DEPLOYMENT_FAILED", "ECS deployment circuit breaker: tasks failed to start."),
			deployment("2026-03-01 02:00:00.000", "SERVICE_DEPLOYMENT_IN_PROGRESS", "ECS deployment ecs-svc/1234567890123456789 in progress."),
		},
	}
	recorded := events(t)
	for _, q := range logqueries.Queries() {
		if !q.Events {
			continue
		}
		t.Run(q.Key, func(t *testing.T) {
			require.Contains(t, want, q.Key)
			assert.Equal(t, want[q.Key], ask(t, q.Text, recorded))
			parsed, err := insights.Parse(q.Text)
			require.NoError(t, err)
			for _, name := range parsed.Fields() {
				var found bool
				for _, r := range recorded {
					_, ok := r.Field(name)
					found = found || ok
				}
				assert.True(t, found, "no event has a field %q", name)
			}
		})
	}
}
