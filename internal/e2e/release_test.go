package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// releases is a stack that is released to.
type releases struct {
	p     *testProject
	up    result
	calls *ledger
	// test answers smoke tests with a status.
	test   *httptest.Server
	status atomic.Int32
}

// verdict is the JSON of release.
type verdict struct {
	Verdict, Cause, Image, Revision, Strategy, Runbook, Next string
	Serving                                                  struct{ Image, Revision string }
	Steps                                                    []struct{ Name string }
}

// newReleases brings a stack up, without an image, and gives its secret a value.
func newReleases(t *testing.T, strategy string) *releases {
	t.Helper()
	r := &releases{p: newProject(t)}
	r.calls = &ledger{p: r.p, stack: "dev", account: "123456789012"}
	if strategy != "rolling" { // the recording of dev has that
		r.calls.recording = strategy
	}
	r.p.edit("Pulumi.dev.yaml", "  evenkeel:secrets:", "  evenkeel:deployment: {strategy: "+strategy+"}\n  evenkeel:secrets:")
	r.calls.configured(t)
	r.p.must(&r.up, "local", "up")
	t.Cleanup(func() { r.p.evenkeel("local", "down", "--discard") })
	r.status.Store(http.StatusOK)
	r.test = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(r.status.Load())) }))
	t.Cleanup(r.test.Close)
	return r
}

func (r *releases) giveSecret(t *testing.T) {
	t.Helper()
	_, err := secretsmanager.NewFromConfig(awsConfig(r.up.Endpoint)).PutSecretValue(context.Background(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String("orders-dev/database-url"), SecretString: aws.String("postgres://example"),
	})
	require.NoError(t, err)
}

// push makes an image, whose deployments go as told, and returns its digest.
func (r *releases) push(t *testing.T, tag, outcome string, more ...string) string {
	t.Helper()
	var pushed struct{ Digest string }
	r.p.must(&pushed, append([]string{"local", "push", "--tag", tag}, more...)...)
	if outcome != "" {
		step := "100ms"
		if outcome == "alarm" {
			step = "1s" // so that it still rings when somebody looks
		}
		require.Zero(t, r.p.evenkeel("local", "play", "--image", pushed.Digest, "--outcome", outcome, "--step", step).code)
	}
	return pushed.Digest
}

// release runs the command and checks that its exit code agrees.
func (r *releases) release(t *testing.T, args ...string) verdict {
	t.Helper()
	var a answer
	r.calls.release(t, func() {
		a = r.p.evenkeel(append([]string{"release", "--local", "--test-url", r.test.URL, "--format", "json"}, args...)...)
	})
	var v verdict
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &v), "%s%s", a.stdout, a.stderr)
	assert.Equal(t, v.Verdict == "succeeded", a.code == 0, "exit %d: %s", a.code, a.stderr)
	return v
}

// serves asks AWS which image the service's tasks run.
func (r *releases) serves(t *testing.T) string {
	t.Helper()
	client := ecs.NewFromConfig(awsConfig(r.up.Endpoint))
	out, err := client.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: aws.String("orders-dev"), Services: []string{"orders"}})
	require.NoError(t, err)
	s := out.Services[0]
	definition := s.TaskDefinition
	for _, set := range s.TaskSets {
		if aws.ToString(set.Status) == "PRIMARY" {
			definition = set.TaskDefinition
		}
	}
	described, err := client.DescribeTaskDefinition(context.Background(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: definition})
	require.NoError(t, err)
	_, digest, _ := strings.Cut(aws.ToString(described.TaskDefinition.ContainerDefinitions[0].Image), "@")
	return digest
}

// nothing asserts that an update would change nothing, also after asking AWS.
func (r *releases) nothing(t *testing.T) {
	t.Helper()
	var preview result
	r.calls.preview(t, &preview, "--refresh")
	preview.onlySame(t)
}

func TestReleaseRolling(t *testing.T) {
	t.Parallel()
	r := newReleases(t, "rolling")
	before, err := os.ReadFile(filepath.Join(r.p.dir, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	v1, v2 := r.push(t, "v1", ""), r.push(t, "v2", "")

	refused := r.release(t, "--image", v1)
	assert.Equal(t, "refused", refused.Verdict)
	assert.Contains(t, refused.Cause, "database-url", "a task whose secret has no value does not start")
	r.giveSecret(t)

	critical := r.release(t, "--image", r.push(t, "old-base", "", "--finding", "CRITICAL"))
	assert.Equal(t, "refused", critical.Verdict)
	assert.Contains(t, critical.Cause, "1 critical finding")

	for _, image := range []string{v1, v2} {
		v := r.release(t, "--image", image)
		assert.Equal(t, "succeeded", v.Verdict, v.Cause)
		assert.Equal(t, image, r.serves(t))
		assert.Equal(t, image, v.Serving.Image)
	}
	r.nothing(t)

	for outcome, cause := range map[string]string{
		"crash": "exit code 1", "unhealthy": "health checks", "alarm": "alarm",
	} {
		v := r.release(t, "--image", r.push(t, outcome, outcome))
		assert.Equal(t, "rolledBack", v.Verdict, "%s: %s", outcome, v.Cause)
		assert.Contains(t, v.Cause, cause)
		assert.Contains(t, v.Runbook, "deployment-failed")
		assert.Equal(t, v2, r.serves(t))
	}
	r.nothing(t) // Pulumi's state names what serves

	r.undone(t, v1, v2)
	after, err := os.ReadFile(filepath.Join(r.p.dir, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after), "a release changes no file of the user's")
	r.down(t)
}

// undone goes back from a deployment that never ends, and once more.
func (r *releases) undone(t *testing.T, v1, v2 string) {
	t.Helper()
	stuck := r.release(t, "--image", r.push(t, "stuck", "stuck"), "--timeout", "3s")
	assert.Equal(t, "stuck", stuck.Verdict)
	assert.Contains(t, stuck.Cause, "no end after 3s")

	back := r.release(t, "--rollback")
	assert.Equal(t, "succeeded", back.Verdict, back.Cause)
	assert.Equal(t, v2, r.serves(t), "the last that served all traffic")
	back = r.release(t, "--rollback")
	assert.Equal(t, "succeeded", back.Verdict, back.Cause)
	assert.Equal(t, v1, r.serves(t))

	none := r.p.evenkeel("release", "--local", "--rollback")
	assert.Equal(t, 1, none.code)
	assert.Contains(t, none.stderr, "has no release to go back to", "v2 was withdrawn")
}

func TestReleaseByCodeDeploy(t *testing.T) {
	t.Parallel()
	r := newReleases(t, "canary")
	r.giveSecret(t)
	first := r.release(t, "--image", r.push(t, "v1", "healthy"))
	assert.Equal(t, "succeeded", first.Verdict, first.Cause)

	image, strategy := "", "canary"
	for i, next := range []string{"canary", "linear", "blueGreen"} {
		r.p.edit("Pulumi.dev.yaml", "{strategy: "+strategy+"}", "{strategy: "+next+"}")
		r.calls.configured(t)
		strategy = next
		image = r.push(t, "v2-"+next, "healthy")
		v := r.release(t, "--image", image)
		assert.Equal(t, "succeeded", v.Verdict, "%s: %s", next, v.Cause)
		assert.Equal(t, next, v.Strategy)
		assert.Equal(t, image, r.serves(t))
		if i == 0 {
			r.nothing(t) // CodeDeploy has moved traffic, and Pulumi leaves it
		}
	}

	r.status.Store(http.StatusServiceUnavailable)
	smoke := r.release(t, "--image", r.push(t, "v3", "healthy"))
	assert.Equal(t, "rolledBack", smoke.Verdict)
	assert.Contains(t, smoke.Cause, "status 503, want 2xx")
	r.status.Store(http.StatusOK)

	alarm := r.release(t, "--image", r.push(t, "v4", "alarm"))
	assert.Equal(t, "rolledBack", alarm.Verdict)
	assert.Contains(t, alarm.Cause, "alarm orders-dev-")
	assert.Equal(t, image, r.serves(t))
	r.nothing(t)

	r.takenBack(t, image)
	r.killed(t)
	r.down(t)
}

// down deletes the stack, and holds the policies to all that was called.
func (r *releases) down(t *testing.T) {
	t.Helper()
	var down result
	r.p.must(&down, "local", "down", "--keep-emulator")
	nothingOnAWS(t, r.up)
	r.calls.allowed(t)
}

// takenBack stops a deployment that has moved all traffic while CodeDeploy still
// keeps the old tasks; the next rollback does not return to it.
func (r *releases) takenBack(t *testing.T, before string) {
	t.Helper()
	r.p.edit("Pulumi.dev.yaml", "{strategy: blueGreen}", "{strategy: blueGreen, terminationWaitMinutes: 200}") // 20 s, played
	r.calls.configured(t)
	image := r.push(t, "v6", "healthy")
	v := r.release(t, "--image", image, "--bake", "1s")
	assert.Equal(t, "succeeded", v.Verdict, v.Cause)
	assert.Equal(t, image, r.serves(t))

	back := r.release(t, "--rollback")
	assert.Equal(t, "succeeded", back.Verdict, back.Cause)
	assert.Contains(t, back.Cause, "stopped by --rollback")
	assert.Equal(t, before, r.serves(t))
	r.nothing(t)
	lost := r.release(t, "--watch")
	assert.Equal(t, "rolledBack", lost.Verdict, lost.Cause)
	assert.Equal(t, image, lost.Image, "nothing is on its way: what the last release came to")

	// CodeDeploy would stop a deployment for an alarm that rings already.
	r.alarm(t, cwtypes.StateValueAlarm)
	refused := r.release(t, "--image", image)
	assert.Equal(t, "refused", refused.Verdict)
	assert.Contains(t, refused.Cause, "alarm orders-dev-errors-signal rings")
	back = r.release(t, "--rollback")
	assert.Equal(t, "succeeded", back.Verdict, back.Cause)
	assert.NotContains(t, []string{image, before}, r.serves(t), "what was taken back was withdrawn")
	mended := r.release(t, "--image", before, "--despite-alarms", "--bake", "1s")
	assert.Equal(t, "succeeded", mended.Verdict, mended.Cause)
	assert.Equal(t, before, r.serves(t))
	r.alarm(t, cwtypes.StateValueOk)
}

// alarm sets a rollback alarm's state.
func (r *releases) alarm(t *testing.T, state cwtypes.StateValue) {
	t.Helper()
	_, err := cloudwatch.NewFromConfig(awsConfig(r.up.Endpoint)).SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("orders-dev-errors-signal"), StateValue: state, StateReason: aws.String("set by hand"),
	})
	require.NoError(t, err)
}

// killed loses the runner in the middle of a deployment, and takes it up again.
func (r *releases) killed(t *testing.T) {
	t.Helper()
	image := r.push(t, "v5", "healthy")
	cmd := r.p.command(context.Background(), "release", "--local", "--test-url", r.test.URL, "--image", image)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	begun := make(chan bool, 1)
	go func() {
		found := false
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if strings.Contains(lines.Text(), "CodeDeploy deployment d-") && !found {
				found = true
				begun <- true
			}
		}
		if !found {
			begun <- false
		}
	}()
	select {
	case ok := <-begun:
		assert.True(t, ok, "the deployment never began")
	case <-time.After(5 * time.Minute):
		assert.Fail(t, "the deployment never began")
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // killed, as intended
	assert.NotEqual(t, image, r.serves(t))

	v := r.release(t, "--watch")
	assert.Equal(t, "succeeded", v.Verdict, v.Cause)
	assert.Equal(t, image, v.Image)
	assert.Equal(t, image, r.serves(t))
}
