package release_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/release"
)

const (
	wentBack    = "ECS went back to orders-prod:1"
	alarmsRang  = "alarm orders-prod-errors-signal rang"
	alarmActive = "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, " +
		"and the affected deployments have been stopped. Activated alarms: <orders-prod-errors-signal>"
	stopped = "CodeDeploy deployment d-1EXAMPLE1 stopped; all traffic stays on, or is back on, the old version"
)

// What AWS has answered to others leads to the verdict, the cause, the runbook and
// the advice that it should.
func TestPublishedAnswersAreReadRight(t *testing.T) {
	lines := func(l ...string) string { return strings.Join(l, "\n") }
	tests := map[string]struct {
		strategy string
		verdict  release.Verdict
		cause    string
		told     string
	}{
		"rolling-completed": {"rolling", release.Succeeded, "all traffic reaches orders-prod:2: 2 tasks, healthy", "orders-prod:2 in progress: 0 of 2 running, 2 pending"},
		"rolling-breaker": {"rolling", release.RolledBack, lines(
			"3 tasks stopped: Essential container in task exited (container orders, exit code 1)",
			"ECS deployment circuit breaker: tasks failed to start", wentBack), "rolling back to deployment ecs-svc/1111111111111111111"},
		"rolling-alarm": {"rolling", release.RolledBack, lines(
			alarmsRang, "(service orders) (deployment ecs-svc/2222222222222222222) deployment failed: alarm detected", wentBack), "is silent again"},
		"codedeploy-shift":       {"linear", release.Succeeded, "all traffic reaches orders-prod:2", "AllowTraffic in progress; blue 90 % of traffic, 2 of 2 running; green 10 %"},
		"codedeploy-unlabelled":  {"linear", release.Succeeded, "all traffic reaches orders-prod:2", "primary 100 % of traffic, 2 of 2 running; active 0 %"},
		"codedeploy-alarm":       {"linear", release.RolledBack, lines(alarmsRang, alarmActive, stopped), "CodeDeploy goes back by deployment d-2EXAMPLE2"},
		"codedeploy-alarm-early": {"linear", release.RolledBack, lines(alarmsRang, alarmActive, stopped), "Install in progress"},
	}
	files, err := os.ReadDir("testdata/aws")
	require.NoError(t, err)
	assert.Len(t, files, len(tests)+2, "a course that no test plays, beside the stopped tasks and the README")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, e := replay(t, name, tt.strategy)
			require.NotEmpty(t, e.Sources)
			r, err := s.Release(t.Context(), newDigest)
			require.NoError(t, err)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Equal(t, tt.cause, r.Cause)
			assert.Contains(t, s.told.String(), tt.told)
			serves, runbook := release.Serving{Image: newDigest, Revision: "orders-prod:2"}, ""
			if tt.verdict != release.Succeeded {
				serves, runbook = release.Serving{Image: oldDigest, Revision: "orders-prod:1"}, "https://example.com/runbooks/deployment-failed.md"
				assert.Contains(t, r.Next, "look at the cause; until an image is released, Pulumi's state names the one that failed")
			}
			assert.Equal(t, serves, r.Serving)
			assert.Equal(t, runbook, r.Runbook)
		})
	}
}

// GetDeployment never shows the AppSpec: whoever did not start the deployment learns
// elsewhere what it brings.
func TestPublishedDeploymentsAreFollowedByAnotherRun(t *testing.T) {
	for name, tt := range map[string]struct {
		at, known string
		verdict   release.Verdict
	}{
		"codedeploy-shift": {"shift", "1", release.Succeeded},
		"codedeploy-alarm": {"end", "2", release.RolledBack},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := replay(t, name, "linear")
			if e.at = 2; tt.at == "end" {
				e.at = len(e.Moments) - 1
			}
			s.pulumi.outputs["taskDefinitionArn"] = publishedFamily + tt.known
			r, err := s.Watch(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Equal(t, "orders-prod:2", r.Revision)
			assert.Equal(t, newDigest, r.Image)
			assert.Contains(t, e.told, "GetApplicationRevision")
		})
	}
}

// While ECS goes back, the failed deployment can be in progress and have tasks that
// run: what serves is what it goes back to.
func TestPublishedWayBackServes(t *testing.T) {
	s, e := replay(t, "rolling-breaker", "rolling")
	e.at = 2
	e.Moments = e.Moments[:3]
	s.Options.Timeout = 1
	s.pulumi.outputs["taskDefinitionArn"] = publishedFamily + "2"
	r, err := s.Watch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.Stuck, r.Verdict)
	assert.Equal(t, release.Serving{Image: oldDigest, Revision: "orders-prod:1"}, r.Serving)
}

// Each reason for which a task stops is told once, and none that is an effect.
func TestPublishedReasonsOfStoppedTasks(t *testing.T) {
	wants := []string{
		"Essential container in task exited (container orders, exit code 1)",
		"Essential container in task exited (container orders, exit code 137: OutOfMemoryError: Container killed due to memory usage)",
		"Essential container in task exited (container orders, OutOfMemoryError: Container killed due to memory usage)",
		"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref " + publishedRegistry + ":missing: not found",
		"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: " +
			"service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-prod/database-url-AbCdEf " +
			"from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.",
		"Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/orders-prod-blue/0123456789abcdef)",
		"", // the deployment's own doing
	}
	var all struct{ Tasks []json.RawMessage }
	require.NoError(t, json.Unmarshal(readCourse(t, "stopped-tasks").Moments[0]["DescribeTasks"], &all))
	require.Len(t, all.Tasks, len(wants))
	for i, want := range wants {
		s, e := replay(t, "rolling-breaker", "rolling")
		e.Moments[1]["DescribeTasks"] = json.RawMessage(`{"tasks":[` + string(all.Tasks[i]) + `]}`)
		r, err := s.Release(t.Context(), newDigest)
		require.NoError(t, err)
		first, _, _ := strings.Cut(r.Cause, "\n")
		if want == "" {
			assert.NotContains(t, r.Cause, "stopped: ")
			continue
		}
		assert.Equal(t, "1 task stopped: "+want, first)
	}
}
