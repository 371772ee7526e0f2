package release_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/release"
)

// before is the service as a release finds it: asked once for what serves, once
// by the preflight.
func before() []types.Service {
	return []types.Service{service(deployment(1, "PRIMARY", complete, 2, 2, 0)), service(deployment(1, "PRIMARY", complete, 2, 2, 0))}
}

func crashed(arn string, exit *int32) types.Task {
	return types.Task{
		TaskArn: aws.String(arn), TaskDefinitionArn: aws.String(family + "2"), StoppedReason: aws.String("Essential container in task exited"),
		Containers: []types.Container{{Name: aws.String("orders"), ExitCode: exit}},
	}
}

func TestAHealthyRollingReleaseSucceeds(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.services = append(before(),
		service(deployment(1, "PRIMARY", complete, 2, 2, 0)), // ECS has not begun
		service(deployment(2, "PRIMARY", ongoing, 2, 1, 0), deployment(1, "ACTIVE", complete, 2, 2, 0)),
		service(deployment(2, "PRIMARY", ongoing, 2, 2, 0), deployment(1, "ACTIVE", complete, 0, 1, 0)),
		service(deployment(2, "PRIMARY", complete, 2, 2, 0)),
	)
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict)
	assert.Equal(t, release.Serving{Image: newDigest, Revision: "orders-prod:2"}, r.Serving)
	assert.Equal(t, []string{newDigest}, s.pulumi.updates)
	require.Len(t, s.aws.tags[family+"2"], 1, "the record for the next rollback")
	assert.Equal(t, release.ReleasedTag, *s.aws.tags[family+"2"][0].Key)
	assert.Empty(t, s.aws.tags[family+"1"])
	assert.Contains(t, s.told.String(), "orders-prod:2 in progress: 1 of 2 running")
}

// What the configuration names, the next `pulumi up` deploys.
func TestAnImageThatTheConfigurationNamesComesBack(t *testing.T) {
	for pinned, want := range map[string]string{
		"": "", "registry.example.com/orders@" + newDigest: "",
		oldDigest: "remove evenkeel:image from Pulumi.prod.yaml: it names " + oldDigest + ", which the next `pulumi up` would deploy, and the search for drift misses",
	} {
		s := newStage(t, "rolling")
		s.aws.services = append(before(), service(deployment(2, "PRIMARY", complete, 2, 2, 0)))
		s.Options.Pinned = pinned
		r, err := s.Release(t.Context(), newDigest)
		require.NoError(t, err)
		assert.Equal(t, release.Succeeded, r.Verdict)
		assert.Equal(t, want, r.Next)
	}
}

func TestARolledBackReleaseIsRedThoughTheServiceIsSteady(t *testing.T) {
	s := newStage(t, "rolling")
	given := deployment(2, "ACTIVE", failed, 0, 0, 3)
	given.RolloutStateReason = aws.String("ECS deployment circuit breaker: tasks failed to start.")
	s.aws.services = append(before(),
		service(deployment(2, "PRIMARY", ongoing, 2, 0, 1), deployment(1, "ACTIVE", complete, 2, 2, 0)),
		service(deployment(1, "PRIMARY", ongoing, 2, 2, 0), given),
		service(deployment(1, "PRIMARY", complete, 2, 2, 0)),
	)
	s.aws.stopped = []types.Task{crashed("a", aws.Int32(1)), crashed("b", aws.Int32(1)), crashed("c", aws.Int32(137))}
	s.pulumi.after = func(image string) {
		if image == oldDigest { // the second update settles Pulumi's state
			s.aws.services = []types.Service{service(deployment(3, "PRIMARY", complete, 2, 2, 0))}
		}
	}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.False(t, r.OK())
	assert.Equal(t, "2 tasks stopped: Essential container in task exited (container orders, exit code 1)\n"+
		"1 task stopped: Essential container in task exited (container orders, exit code 137: killed, out of memory or too slow to stop)\n"+
		"ECS deployment circuit breaker: tasks failed to start\nECS went back to orders-prod:1", r.Cause)
	assert.Equal(t, "https://example.com/runbooks/deployment-failed.md", r.Runbook)
	assert.Equal(t, []string{newDigest, oldDigest}, s.pulumi.updates, "or the next update would bring the bad image back")
	assert.Equal(t, release.Serving{Image: oldDigest, Revision: "orders-prod:3"}, r.Serving)
	assert.Empty(t, s.aws.tags, "nothing new is good")
}

func TestTheEndsOfARollingDeployment(t *testing.T) {
	bad := deployment(2, "PRIMARY", failed, 2, 0, 3)
	worse := deployment(1, "PRIMARY", failed, 2, 0, 3)
	worse.RolloutStateReason = aws.String("no capacity")
	tests := map[string]struct {
		then    []types.Service
		verdict release.Verdict
		cause   string
	}{
		"the first version fails": {[]types.Service{service(bad)}, release.Stuck, "no earlier version to go back to"},
		"the way back fails": {[]types.Service{
			service(deployment(2, "PRIMARY", ongoing, 2, 0, 1)), service(worse),
		}, release.Stuck, "the way back failed as well: no capacity"},
		"nothing happens":    {[]types.Service{service(deployment(2, "PRIMARY", ongoing, 2, 0, 0))}, release.Stuck, "no end after 1h0m0s: orders-prod:2 in progress: 0 of 2 running"},
		"ECS never takes it": {[]types.Service{service(deployment(1, "PRIMARY", complete, 2, 2, 0))}, release.RolledBack, "ECS went back to orders-prod:1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "rolling")
			s.Options.NoSettle = true
			s.aws.services = append(before(), tt.then...)
			r, err := s.Release(t.Context(), newDigest)
			require.NoError(t, err)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Contains(t, r.Cause, tt.cause)
			assert.Len(t, s.pulumi.updates, 1)
			assert.Empty(t, s.aws.tags)
		})
	}
}

func TestALongSilenceIsBroken(t *testing.T) {
	s := newStage(t, "rolling")
	s.Options.Timeout, s.Options.NoSettle = 10*time.Minute, true
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", ongoing, 2, 0, 0)))
	_, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.InDelta(t, 12, lines(s.told.String()), 2, "a line a minute, no more:\n%s", s.told)
}

func TestPreflightRefusesAndChangesNothing(t *testing.T) {
	scan := func(status ecrtypes.ScanStatus, critical int32) *ecrtypes.ImageDetail {
		return &ecrtypes.ImageDetail{
			ImageScanStatus:          &ecrtypes.ImageScanStatus{Status: status},
			ImageScanFindingsSummary: &ecrtypes.ImageScanFindingsSummary{FindingSeverityCounts: map[string]int32{"CRITICAL": critical, "HIGH": 9}},
		}
	}
	tests := map[string]struct {
		spoil func(*stage)
		want  string
	}{
		"no image":          {func(s *stage) { s.aws.scan = nil }, "is not in the repository"},
		"critical findings": {func(s *stage) { s.aws.scan = scan(ecrtypes.ScanStatusComplete, 2) }, "found 2 critical findings"},
		"scan failed":       {func(s *stage) { s.aws.scan = scan(ecrtypes.ScanStatusFailed, 0) }, "the scan of image " + newDigest + " came to nothing (FAILED)"},
		"scan without end":  {func(s *stage) { s.aws.scan = scan(ecrtypes.ScanStatusInProgress, 0) }, "has not ended after 10m0s"},
		"never scanned":     {func(s *stage) { s.aws.scan = &ecrtypes.ImageDetail{} }, "was not scanned yet"},
		"alarm rings": {
			func(s *stage) { s.aws.alarms["orders-prod-errors-signal"] = cwtypes.StateValueAlarm },
			"alarm orders-prod-errors-signal rings",
		},
		"alarm is gone": {func(s *stage) { clear(s.aws.alarms) }, "alarm orders-prod-errors-signal, on which a deployment is rolled back, does not exist"},
		"no value":      {func(s *stage) { s.aws.noSecret = true }, "has no value"},
		"role is gone":  {func(s *stage) { s.aws.trusts = "" }, "role orders-execution of the tasks does not exist"},
		"role trusts another": {
			func(s *stage) { s.aws.trusts = "ec2.amazonaws.com" }, "role orders-execution does not trust ecs-tasks.amazonaws.com",
		},
		"on its way": {func(s *stage) { s.aws.services[1].Deployments[0].RolloutState = ongoing }, "a deployment of orders-prod:1 is on its way"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "rolling")
			s.aws.services = before()
			tt.spoil(s)
			r, err := s.Release(t.Context(), newDigest)
			require.NoError(t, err)
			assert.Equal(t, release.Refused, r.Verdict)
			assert.Contains(t, r.Cause, tt.want)
			assert.Empty(t, s.pulumi.updates)
			assert.Equal(t, release.Serving{Image: oldDigest, Revision: "orders-prod:1"}, r.Serving)
		})
	}
}

// What no scan has read passes, and is not passed over in silence.
func TestPreflightSaysWhatNobodyHasScanned(t *testing.T) {
	for want, detail := range map[string]ecrtypes.ImageDetail{
		"does not scan an index": {ImageManifestMediaType: aws.String("application/vnd.oci.image.index.v1+json")},
		"cannot read it":         {ImageScanStatus: &ecrtypes.ImageScanStatus{Status: ecrtypes.ScanStatusUnsupportedImage}},
	} {
		s := newStage(t, "rolling")
		s.Options.NoSettle, s.aws.scan = true, &detail
		s.aws.services = append(before(), service(deployment(2, "PRIMARY", complete, 2, 2, 0)))
		_, err := s.Release(t.Context(), newDigest)
		require.NoError(t, err)
		assert.Contains(t, s.told.String(), want)
		assert.Len(t, s.pulumi.updates, 1, "it passes")
	}
	s := newStage(t, "rolling")
	s.Options.NoSettle = true
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", complete, 2, 2, 0)))
	_, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.NotContains(t, s.told.String(), "nobody has looked")
}

func TestPreflightTellsAllAtOnce(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.services, s.aws.scan, s.aws.noSecret = before(), nil, true
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, 1, lines(r.Cause), "two problems, two lines: %s", r.Cause)
}

func TestAFailedUpdateHasNoVerdictAndSaysHowToGoOn(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.services, s.pulumi.err = before(), errors.New("AccessDenied: ecs:RegisterTaskDefinition")
	_, err := s.Release(t.Context(), newDigest)
	require.ErrorContains(t, err, "AccessDenied: ecs:RegisterTaskDefinition")
	require.ErrorContains(t, err, "evenkeel release --stack prod --watch")
}

func TestAnInterruptedReleaseGoesOnByWatch(t *testing.T) {
	s := newStage(t, "rolling")
	begin := s.clock.now
	s.clock.stop = func(now time.Time) bool { return now.Sub(begin) > time.Minute }
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", ongoing, 2, 1, 0)))
	_, err := s.Release(context.Background(), newDigest)
	require.ErrorContains(t, err, "the deployment goes on without being watched; `evenkeel release --stack prod --watch`")

	s.clock.stop = nil
	s.aws.services = []types.Service{
		service(deployment(2, "PRIMARY", ongoing, 2, 1, 0), deployment(1, "ACTIVE", complete, 1, 1, 0)), service(deployment(2, "PRIMARY", complete, 2, 2, 0)),
	}
	r, err := s.Watch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict)
	assert.Equal(t, newDigest, r.Image)
	assert.Len(t, s.pulumi.updates, 1, "watching updates nothing")
	assert.Len(t, s.aws.tags[family+"2"], 1)
}

func TestRollbackReturnsToTheLastGoodImage(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.images[family+"2"], s.aws.images[family+"3"] = thirdDigest, newDigest
	s.pulumi.revision, s.pulumi.outputs["taskDefinitionArn"] = 3, family+"3"
	good := []types.Tag{{Key: aws.String(release.ReleasedTag)}}
	s.aws.tags[family+"1"], s.aws.tags[family+"3"] = good, good
	s.aws.services = []types.Service{
		service(deployment(3, "PRIMARY", complete, 2, 2, 0)), service(deployment(3, "PRIMARY", complete, 2, 2, 0)), service(deployment(4, "PRIMARY", complete, 2, 2, 0)),
	}
	s.aws.alarms["orders-prod-errors-signal"] = cwtypes.StateValueAlarm
	r, err := s.Rollback(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict, "the alarm that rings is why somebody goes back")
	assert.Equal(t, []string{oldDigest}, s.pulumi.updates, "revision 2 never served all traffic")
	assert.Equal(t, release.WithdrawnTag, *s.aws.tags[family+"3"][1].Key)

	s.aws.services = []types.Service{service(deployment(4, "PRIMARY", complete, 2, 2, 0))}
	_, err = s.Rollback(t.Context())
	require.ErrorContains(t, err, "has no", "what was withdrawn does not come back")
	assert.Len(t, s.pulumi.updates, 1)
}

// In an incident somebody names the image, while alarms ring and after a scan that
// has found something since.
func TestRollbackReturnsToANamedImage(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.images[family+"2"], s.pulumi.revision, s.pulumi.outputs["taskDefinitionArn"] = newDigest, 2, family+"2"
	s.aws.services = []types.Service{
		service(deployment(2, "PRIMARY", complete, 2, 2, 0)), service(deployment(2, "PRIMARY", complete, 2, 2, 0)), service(deployment(3, "PRIMARY", complete, 2, 2, 0)),
	}
	s.aws.alarms["orders-prod-errors-signal"] = cwtypes.StateValueAlarm
	s.aws.scan.ImageScanFindingsSummary = &ecrtypes.ImageScanFindingsSummary{FindingSeverityCounts: map[string]int32{"CRITICAL": 1}}
	r, err := s.RollbackTo(t.Context(), oldDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict)
	assert.Equal(t, []string{oldDigest}, s.pulumi.updates)
	require.Len(t, s.aws.tags[family+"2"], 1, "what was left is not gone back to")
	assert.Equal(t, release.WithdrawnTag, *s.aws.tags[family+"2"][0].Key)

	s.aws.scan = nil
	r, err = s.RollbackTo(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Refused, r.Verdict)
	assert.Contains(t, r.Cause, "image "+newDigest+" is not in the repository")
	assert.Len(t, s.pulumi.updates, 1)
}

func TestOutputsOfAnotherProgramAreNamed(t *testing.T) {
	s := newStage(t, "canary")
	delete(s.pulumi.outputs, "testUrl")
	delete(s.pulumi.outputs, "containerName")
	_, err := s.Release(t.Context(), newDigest)
	require.EqualError(t, err, "stack prod lacks the outputs containerName, testUrl: an older version of the program deployed it; run `pulumi up` once with this one")
	clear(s.pulumi.outputs)
	_, err = s.Release(t.Context(), newDigest)
	require.ErrorContains(t, err, "it was never deployed")
}
