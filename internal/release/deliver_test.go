package release_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	cdtypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/release"
)

func delivery(status cdtypes.DeploymentStatus) cdtypes.DeploymentInfo {
	return cdtypes.DeploymentInfo{Status: status}
}

// target is CodeDeploy's one target, with a share of traffic on the new tasks.
func target(event string, state cdtypes.LifecycleEventStatus, green float64) cdtypes.ECSTarget {
	return cdtypes.ECSTarget{
		LifecycleEvents: []cdtypes.LifecycleEvent{{LifecycleEventName: &event, Status: state}},
		TaskSetsInfo: []cdtypes.ECSTaskSet{
			{TaskSetLabel: cdtypes.TargetLabelBlue, TrafficWeight: 100 - green, RunningCount: 2, DesiredCount: 2},
			{TaskSetLabel: cdtypes.TargetLabelGreen, TrafficWeight: green, RunningCount: 2, DesiredCount: 2},
		},
	}
}

// tester answers the smoke test.
func tester(t *testing.T, s *stage, status int) *[]string {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.WriteHeader(status)
		fmt.Fprintln(w, "database unreachable")
	}))
	t.Cleanup(server.Close)
	s.Options.TestURL = server.URL
	return &asked
}

func TestACanaryIsTestedBeforeItGetsTraffic(t *testing.T) {
	s := newStage(t, "canary")
	asked := tester(t, s, http.StatusOK)
	s.aws.services = []types.Service{taskSets(1), taskSets(1), taskSets(1), taskSets(2)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{
		delivery(cdtypes.DeploymentStatusCreated), delivery(cdtypes.DeploymentStatusReady), delivery(cdtypes.DeploymentStatusReady),
		delivery(cdtypes.DeploymentStatusInProgress), delivery(cdtypes.DeploymentStatusInProgress),
	}
	s.aws.targets = []cdtypes.ECSTarget{
		target("Install", cdtypes.LifecycleEventStatusInProgress, 0), target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0),
		target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0),
		target("AllowTraffic", cdtypes.LifecycleEventStatusInProgress, 10), target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 100),
	}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict)
	assert.Equal(t, []string{"/readyz", "/readyz", "/readyz"}, *asked)
	assert.Equal(t, 1, s.aws.continued, "once, however long CodeDeploy takes to notice")
	assert.Contains(t, s.told.String(), "green 10 % of traffic")
	require.Len(t, s.aws.tags[family+"2"], 1)

	require.Len(t, s.aws.created, 1)
	assert.Nil(t, s.aws.created[0].OverrideAlarmConfiguration)
	var spec any
	require.NoError(t, json.Unmarshal([]byte(*s.aws.created[0].Revision.AppSpecContent.Content), &spec))
	pretty, err := json.MarshalIndent(spec, "", "  ")
	require.NoError(t, err)
	golden.Equal(t, "testdata/appspec.json", string(pretty)+"\n")
}

func TestAFailedSmokeTestNeverReachesUsers(t *testing.T) {
	s := newStage(t, "blueGreen")
	tester(t, s, http.StatusServiceUnavailable)
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusReady), delivery(cdtypes.DeploymentStatusStopped)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.Contains(t, r.Cause, "/readyz failed: status 503, want 2xx: database unreachable")
	assert.Zero(t, s.aws.continued)
	require.Len(t, s.aws.halted, 1)
	assert.True(t, *s.aws.halted[0].AutoRollbackEnabled)
	assert.Equal(t, []string{newDigest, oldDigest}, s.pulumi.updates)
	assert.Equal(t, "orders-prod:1", r.Serving.Revision)
}

// dropped answers as a security group does that does not know whoever asks.
type dropped struct{}

func (dropped) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
}

func TestASmokeTestFromOutsideOfTheAllowedRanges(t *testing.T) {
	s := newStage(t, "canary")
	s.HTTP = &http.Client{Transport: dropped{}}
	s.Options.NoSettle = true
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusReady), delivery(cdtypes.DeploymentStatusStopped)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.Contains(t, r.Cause, "dial tcp: i/o timeout; if this machine is none of evenkeel:ingress.allowedCidrs, "+
		"release from one that is, or with --no-smoke-test (in the workflows: the variable PROD_URL is none)")
	assert.Zero(t, s.aws.continued)
}

func TestAnAlarmStopsTheShift(t *testing.T) {
	s := newStage(t, "linear")
	tester(t, s, http.StatusOK)
	s.aws.services = []types.Service{taskSets(1)}
	stopped := delivery(cdtypes.DeploymentStatusStopped)
	stopped.ErrorInformation = &cdtypes.ErrorInformation{Code: cdtypes.ErrorCodeAlarmActive, Message: aws.String("One or more alarms have been activated: orders-prod-errors-signal")}
	stopped.RollbackInfo = &cdtypes.RollbackInfo{RollbackDeploymentId: aws.String("d-2")}
	s.aws.deliveries = []cdtypes.DeploymentInfo{
		delivery(cdtypes.DeploymentStatusReady), delivery(cdtypes.DeploymentStatusInProgress), stopped,
		delivery(cdtypes.DeploymentStatusInProgress), delivery(cdtypes.DeploymentStatusSucceeded),
	}
	s.aws.targets = []cdtypes.ECSTarget{target("AllowTraffic", cdtypes.LifecycleEventStatusInProgress, 20)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.Contains(t, r.Cause, "One or more alarms have been activated: orders-prod-errors-signal")
	assert.Contains(t, s.told.String(), "CodeDeploy goes back by deployment d-2")
}

func TestAllAtOnceWaitsForTheAlarms(t *testing.T) {
	s := newStage(t, "blueGreen")
	tester(t, s, http.StatusOK)
	s.Options.NoSettle = true
	s.aws.services = []types.Service{taskSets(1)}
	failed := delivery(cdtypes.DeploymentStatusStopped)
	failed.ErrorInformation = &cdtypes.ErrorInformation{Message: aws.String("alarms have been activated")}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusInProgress), delivery(cdtypes.DeploymentStatusInProgress), failed}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 100)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict, "all traffic had moved, and the alarm came later")
	assert.Contains(t, s.told.String(), "the rollback alarms get 6m0s to ring")
}

func TestADeploymentThatSucceededWithoutTheImageIsNoSuccess(t *testing.T) {
	s := newStage(t, "canary")
	s.Options.NoSettle = true
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusSucceeded)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 100)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict, "what AWS serves has the last word")
	assert.Contains(t, r.Cause, "orders-prod:1 serves")
	assert.Empty(t, s.aws.tags)
}

func TestTheNextReleaseDoesNotWaitForOldTasks(t *testing.T) {
	for name, tt := range map[string]struct {
		share   float64
		verdict release.Verdict
		letGo   []string
	}{
		"all traffic is moved": {100, release.Succeeded, []string{"d-0"}},
		"some is not":          {10, release.Refused, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "canary")
			tester(t, s, http.StatusOK)
			s.aws.running = []string{"d-0"}
			s.aws.services = []types.Service{taskSets(1), taskSets(1), taskSets(1), taskSets(2)}
			s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusSucceeded)}
			s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, tt.share)}
			r, err := s.Release(t.Context(), newDigest)
			require.NoError(t, err)
			assert.Equal(t, tt.verdict, r.Verdict, r.Cause)
			assert.Equal(t, tt.letGo, s.aws.letGo)
		})
	}
}

func TestRollbackStopsAShiftOnItsWay(t *testing.T) {
	s := newStage(t, "canary")
	s.aws.images[family+"2"], s.pulumi.outputs["taskDefinitionArn"], s.pulumi.revision = newDigest, family+"2", 2
	s.aws.running = []string{"d-1"}
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusInProgress), delivery(cdtypes.DeploymentStatusStopped)}
	s.aws.targets = []cdtypes.ECSTarget{target("AllowTraffic", cdtypes.LifecycleEventStatusInProgress, 10)}
	r, err := s.Rollback(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict, "going back is what was asked for")
	require.Len(t, s.aws.halted, 1)
	assert.Equal(t, []string{oldDigest}, s.pulumi.updates, "Pulumi's state is set back")
}

func TestRollbackToAnImageStopsAShiftFirst(t *testing.T) {
	for image, updates := range map[string][]string{oldDigest: {oldDigest}, thirdDigest: {oldDigest, thirdDigest}} {
		s := newStage(t, "canary")
		s.aws.images[family+"2"], s.pulumi.outputs["taskDefinitionArn"], s.pulumi.revision = newDigest, family+"2", 2
		s.aws.running = []string{"d-1"}
		s.aws.services = []types.Service{taskSets(1)}
		s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusInProgress), delivery(cdtypes.DeploymentStatusStopped)}
		s.aws.targets = []cdtypes.ECSTarget{target("AllowTraffic", cdtypes.LifecycleEventStatusInProgress, 10)}
		s.pulumi.after = func(image string) {
			if image == thirdDigest {
				s.aws.running, s.aws.services = nil, []types.Service{taskSets(1), taskSets(s.pulumi.revision)}
				s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusSucceeded)}
				s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 100)}
			}
		}
		r, err := s.RollbackTo(t.Context(), image)
		require.NoError(t, err)
		assert.Equal(t, release.Succeeded, r.Verdict, r.Cause)
		assert.Equal(t, image, r.Serving.Image)
		require.Len(t, s.aws.halted, 1)
		assert.Equal(t, updates, s.pulumi.updates)
		for _, in := range s.aws.created { // none for the image that the stop has gone back to
			assert.Equal(t, "CodeDeployDefault.ECSAllAtOnce", *in.DeploymentConfigName, "nobody waits for a canary of what was good")
			assert.False(t, in.OverrideAlarmConfiguration.Enabled, "the alarm of what is left would stop it")
		}
		assert.Len(t, s.aws.created, len(updates)-1)
	}
}

// What mends it can be brought while the alarm rings, and not without a word.
func TestAReleaseDespiteAlarms(t *testing.T) {
	s := newStage(t, "canary")
	tester(t, s, http.StatusOK)
	s.aws.alarms["orders-prod-errors-signal"] = cwtypes.StateValueAlarm
	s.aws.services = []types.Service{taskSets(1), taskSets(1), taskSets(1), taskSets(2)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusSucceeded)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 100)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Refused, r.Verdict)
	assert.Contains(t, r.Cause, "or bring what mends it by --despite-alarms")
	assert.Empty(t, s.aws.created)

	s.Options.DespiteAlarms = true
	s.aws.services = []types.Service{taskSets(1), taskSets(1), taskSets(1), taskSets(2)}
	r, err = s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict, r.Cause)
	require.Len(t, s.aws.created, 1)
	assert.False(t, s.aws.created[0].OverrideAlarmConfiguration.Enabled)
	assert.Nil(t, s.aws.created[0].DeploymentConfigName, "it is a canary like any other")
	assert.Contains(t, s.told.String(), "alarm orders-prod-errors-signal rings: no alarm takes the new version back")
}

func TestWatchTestsAndLetsGoWhatAKilledRunLeft(t *testing.T) {
	s := newStage(t, "canary")
	asked := tester(t, s, http.StatusOK)
	s.aws.images[family+"2"], s.pulumi.outputs["taskDefinitionArn"] = newDigest, family+"2"
	s.aws.running = []string{"d-1"}
	s.aws.services = []types.Service{taskSets(1), taskSets(1), taskSets(2)}
	ready := delivery(cdtypes.DeploymentStatusReady) // it is asked what it brings, then followed
	s.aws.deliveries = []cdtypes.DeploymentInfo{ready, ready, ready, delivery(cdtypes.DeploymentStatusSucceeded)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0)}
	r, err := s.Watch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict)
	assert.Len(t, *asked, 3)
	assert.Equal(t, 1, s.aws.continued)
	assert.Empty(t, s.aws.created)
}
