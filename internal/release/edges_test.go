package release_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	cdtypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/release"
)

// scripted stands before the fake account where a test needs another answer.
type scripted struct {
	*fakeAWS
	service func() error                                    // before each DescribeServices
	list    func(*string) *codedeploy.ListDeploymentsOutput // by the token of a page
	info    func(id string) cdtypes.DeploymentInfo
}

func (s scripted) GetDeployment(ctx context.Context, in *codedeploy.GetDeploymentInput, o ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentOutput, error) {
	if s.info == nil {
		return s.fakeAWS.GetDeployment(ctx, in, o...)
	}
	d := s.info(*in.DeploymentId)
	d.DeploymentId = in.DeploymentId
	return &codedeploy.GetDeploymentOutput{DeploymentInfo: &d}, nil
}

// brings describes a deployment of a revision as GetDeployment does: the AppSpec by
// its SHA-256, without its content.
func brings(revision string) *cdtypes.RevisionLocation {
	return &cdtypes.RevisionLocation{
		RevisionType: cdtypes.RevisionLocationTypeAppSpecContent, AppSpecContent: &cdtypes.AppSpecContent{Sha256: aws.String(family + revision)},
	}
}

func (s scripted) DescribeServices(ctx context.Context, in *ecs.DescribeServicesInput, o ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	if s.service != nil {
		if err := s.service(); err != nil {
			return nil, err
		}
	}
	return s.fakeAWS.DescribeServices(ctx, in, o...)
}

func (s scripted) ListDeployments(ctx context.Context, in *codedeploy.ListDeploymentsInput, o ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentsOutput, error) {
	if s.list != nil && len(in.IncludeOnlyStatuses) == 0 {
		return s.list(in.NextToken), nil
	}
	return s.fakeAWS.ListDeployments(ctx, in, o...)
}

func (s *stage) script(with scripted) {
	with.fakeAWS = s.aws
	s.Connect = func(context.Context, string) (release.Clients, error) {
		return release.Clients{ECS: with, CodeDeploy: with, ECR: with, CloudWatch: with, Secrets: with, IAM: with}, nil
	}
}

// onItsWay is a stack whose revision 2 is being brought to users by d-1.
func onItsWay(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, "canary")
	s.aws.images[family+"2"], s.pulumi.outputs["taskDefinitionArn"], s.pulumi.revision = newDigest, family+"2", 2
	s.aws.running = []string{"d-1"}
	return s
}

func TestTheRevisionThatServesMustHaveTheImage(t *testing.T) {
	s := newStage(t, "rolling")
	s.Options.NoSettle = true
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", complete, 2, 2, 0)))
	s.pulumi.after = func(string) { s.aws.images[family+"2"] = oldDigest } // a program that ignores the image
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.NotEqual(t, release.Succeeded, r.Verdict, "a deployment of another image went well")
	assert.Contains(t, r.Cause, oldDigest)
	assert.Empty(t, s.aws.tags)
}

func TestAnImageThatNoTaskRunsServesNobody(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", complete, 0, 0, 0)))
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Stuck, r.Verdict)
	assert.Equal(t, "orders-prod:2 is deployed, and no task of it runs: it serves nobody", r.Cause)
	assert.Contains(t, r.Next, "--watch")
	assert.Empty(t, s.aws.tags, "it was never seen to serve")
	assert.Equal(t, []string{newDigest}, s.pulumi.updates)
}

func TestAnAlarmThatIsSilentAgainIsStillTheCause(t *testing.T) {
	s := newStage(t, "rolling")
	s.Options.NoSettle = true
	given := deployment(2, "ACTIVE", failed, 0, 0, 0)
	given.RolloutStateReason = aws.String("ECS deployment failed: alarm detected.")
	s.aws.services = append(before(),
		service(deployment(2, "PRIMARY", ongoing, 2, 2, 0), deployment(1, "ACTIVE", complete, 2, 2, 0)),
		service(deployment(2, "PRIMARY", ongoing, 2, 2, 0), deployment(1, "ACTIVE", complete, 2, 2, 0)),
		service(deployment(1, "PRIMARY", ongoing, 2, 2, 0), given),
		service(deployment(1, "PRIMARY", complete, 2, 2, 0)),
	)
	asked := 0
	s.script(scripted{service: func() error {
		state := cwtypes.StateValueOk
		if asked++; asked == 4 { // for one look only, while both versions run
			state = cwtypes.StateValueAlarm
		}
		s.aws.alarms["orders-prod-errors-signal"] = state
		return nil
	}})
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.Contains(t, r.Cause, "alarm orders-prod-errors-signal rang")
	assert.Contains(t, s.told.String(), "alarm orders-prod-errors-signal rings")
	assert.Contains(t, s.told.String(), "alarm orders-prod-errors-signal is silent again")
}

func TestTheWayBackHasItsOwnTime(t *testing.T) {
	s := newStage(t, "rolling")
	s.Options.Timeout = time.Minute
	late := s.clock.now.Add(55 * time.Second)
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", ongoing, 2, 0, 0)))
	s.script(scripted{service: func() error {
		if s.clock.now.After(late) && len(s.pulumi.updates) == 1 {
			s.aws.services = []types.Service{service(deployment(1, "PRIMARY", complete, 2, 2, 0))}
		}
		return nil
	}})
	s.pulumi.after = func(image string) {
		if image == oldDigest {
			going := service(deployment(3, "PRIMARY", ongoing, 2, 1, 0), deployment(1, "ACTIVE", complete, 2, 2, 0))
			s.aws.services = []types.Service{going, going, going, going, going, service(deployment(3, "PRIMARY", complete, 2, 2, 0))}
		}
	}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.Equal(t, "look at the cause; the stack is as it was before", r.Next)
}

func TestAnErrorWhileFollowingSaysHowToGoOn(t *testing.T) {
	s := newStage(t, "rolling")
	s.aws.services = append(before(), service(deployment(2, "PRIMARY", ongoing, 2, 1, 0)))
	asked := 0
	s.script(scripted{service: func() error {
		if asked++; asked > 3 {
			return errors.New("dial tcp: no route to host")
		}
		return nil
	}})
	_, err := s.Release(t.Context(), newDigest)
	require.ErrorContains(t, err, "no route to host")
	require.ErrorContains(t, err, "`evenkeel release --stack prod --watch` follows it again")
}

func TestAnInterruptedSmokeTestStopsNothing(t *testing.T) {
	s := newStage(t, "canary")
	ctx, interrupt := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		interrupt() // Ctrl-C while the first answer is on its way
		w.WriteHeader(http.StatusOK)
	}))
	defer server.Close()
	s.Options.TestURL = server.URL
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusReady)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0)}
	_, err := s.Release(ctx, newDigest)
	require.ErrorContains(t, err, "`evenkeel release --stack prod --watch` follows it again")
	assert.Empty(t, s.aws.halted, "the deployment goes on")
	assert.NotContains(t, s.told.String(), "stopping")
}

func TestTheSmokeTestStaysAtTheTestListener(t *testing.T) {
	production := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer production.Close()
	s := newStage(t, "canary")
	s.HTTP = nil // the one that releases use
	server := httptest.NewServer(http.RedirectHandler(production.URL, http.StatusFound))
	defer server.Close()
	s.Options.TestURL, s.Options.NoSettle = server.URL, true
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusReady), delivery(cdtypes.DeploymentStatusStopped)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTestTraffic", cdtypes.LifecycleEventStatusSucceeded, 0)}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict, "the old tasks' answer says nothing about the new ones")
	assert.Contains(t, r.Cause, "status 302, want 2xx")
}

// A release that served all traffic and is taken back while CodeDeploy keeps the
// old tasks must not be what the next rollback goes to.
func TestWhatIsTakenBackWithinTheTerminationWaitIsWithdrawn(t *testing.T) {
	s := onItsWay(t)
	s.aws.tags[family+"1"] = []types.Tag{{Key: aws.String(release.ReleasedTag)}}
	s.aws.tags[family+"2"] = []types.Tag{{Key: aws.String(release.ReleasedTag)}}
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusInProgress), delivery(cdtypes.DeploymentStatusStopped)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 0)}
	r, err := s.Rollback(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.Succeeded, r.Verdict)
	require.Len(t, s.aws.tags[family+"2"], 2)
	assert.Equal(t, release.WithdrawnTag, *s.aws.tags[family+"2"][1].Key)

	s.aws.running = nil
	_, err = s.Rollback(t.Context())
	require.ErrorContains(t, err, "has no release to go back to")
}

// CodeDeploy's own way back is a deployment, too. To stop it would leave users on
// the version that failed.
func TestTheWayBackIsFollowedAndNeverStopped(t *testing.T) {
	stopped := delivery(cdtypes.DeploymentStatusStopped)
	stopped.ErrorInformation = &cdtypes.ErrorInformation{Message: aws.String("One or more alarms have been activated: orders-prod-errors-signal")}
	stopped.RollbackInfo = &cdtypes.RollbackInfo{RollbackDeploymentId: aws.String("d-2")}
	going := delivery(cdtypes.DeploymentStatusInProgress)
	going.RollbackInfo = &cdtypes.RollbackInfo{RollbackTriggeringDeploymentId: aws.String("d-1")}
	for name, tt := range map[string]struct {
		run     func(*stage) (*release.Report, error)
		verdict release.Verdict
	}{
		"--rollback": {func(s *stage) (*release.Report, error) { return s.Rollback(t.Context()) }, release.Succeeded},
		"--watch":    {func(s *stage) (*release.Report, error) { return s.Watch(t.Context()) }, release.RolledBack},
	} {
		t.Run(name, func(t *testing.T) {
			s := onItsWay(t)
			s.aws.running = []string{"d-2"}
			s.aws.services = []types.Service{taskSets(1)}
			looks := 0
			s.script(scripted{info: func(id string) cdtypes.DeploymentInfo {
				if id == "d-1" {
					return stopped
				}
				if looks++; looks > 4 {
					return delivery(cdtypes.DeploymentStatusSucceeded)
				}
				return going
			}})
			s.aws.targets = []cdtypes.ECSTarget{target("AllowTraffic", cdtypes.LifecycleEventStatusInProgress, 10)}
			r, err := tt.run(s)
			require.NoError(t, err)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Empty(t, s.aws.halted)
			assert.Contains(t, r.Cause, "One or more alarms have been activated: orders-prod-errors-signal")
			assert.Equal(t, oldDigest, r.Serving.Image)
		})
	}
}

// stays is a CodeDeploy that does not let go of old tasks when told to.
type stays struct{ scripted }

func (s stays) ContinueDeployment(context.Context, *codedeploy.ContinueDeploymentInput, ...func(*codedeploy.Options)) (*codedeploy.ContinueDeploymentOutput, error) {
	return &codedeploy.ContinueDeploymentOutput{}, nil
}

func TestAnOldDeploymentThatDoesNotEndIsNotTakenForTheNewOne(t *testing.T) {
	s := newStage(t, "canary")
	s.Options.Timeout = 5 * time.Minute
	s.aws.running = []string{"d-0"}
	s.aws.services = []types.Service{taskSets(1)}
	s.aws.deliveries = []cdtypes.DeploymentInfo{delivery(cdtypes.DeploymentStatusInProgress)}
	s.aws.targets = []cdtypes.ECSTarget{target("AfterAllowTraffic", cdtypes.LifecycleEventStatusSucceeded, 100)}
	with := stays{scripted{fakeAWS: s.aws}}
	s.Connect = func(context.Context, string) (release.Clients, error) {
		return release.Clients{ECS: s.aws, CodeDeploy: with, ECR: s.aws, CloudWatch: s.aws, Secrets: s.aws, IAM: s.aws}, nil
	}
	r, err := s.Release(t.Context(), newDigest)
	require.NoError(t, err)
	assert.Equal(t, release.Stuck, r.Verdict)
	assert.Contains(t, r.Cause, "deployment d-0 has not ended after 5m0s")
	assert.Empty(t, s.aws.created)
	assert.GreaterOrEqual(t, lines(s.told.String()), 7, "a line a minute shows that it lives:\n%s", s.told)
}

// ECS has registered and rolled back a revision before the killed run's Pulumi
// could write down that it exists.
func TestWatchFindsARevisionThatPulumiDoesNotKnow(t *testing.T) {
	s := newStage(t, "rolling")
	s.Options.NoSettle = true
	s.aws.images[family+"2"] = newDigest
	s.aws.services = []types.Service{service(deployment(1, "PRIMARY", complete, 2, 2, 0))}
	r, err := s.Watch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict, "the old version is steady, and is not what was asked for")
	assert.Equal(t, newDigest, r.Image)
	assert.Equal(t, oldDigest, r.Serving.Image)
}

func TestWatchFindsTheLastDeploymentOnAnyPage(t *testing.T) {
	s := onItsWay(t)
	s.Options.NoSettle = true
	s.aws.running = nil
	s.aws.services = []types.Service{taskSets(1)}
	old, last := delivery(cdtypes.DeploymentStatusSucceeded), delivery(cdtypes.DeploymentStatusFailed)
	old.CreateTime, last.CreateTime = aws.Time(s.clock.now.Add(-time.Hour)), aws.Time(s.clock.now)
	last.ErrorInformation = &cdtypes.ErrorInformation{Message: aws.String("The task set did not become steady")}
	last.Revision = brings("2")
	s.aws.deliveries = []cdtypes.DeploymentInfo{old, last}
	s.script(scripted{list: func(token *string) *codedeploy.ListDeploymentsOutput {
		if token == nil {
			return &codedeploy.ListDeploymentsOutput{Deployments: []string{"d-0"}, NextToken: aws.String("more")}
		}
		return &codedeploy.ListDeploymentsOutput{Deployments: []string{"d-1"}}
	}})
	r, err := s.Watch(t.Context())
	require.NoError(t, err)
	assert.Equal(t, release.RolledBack, r.Verdict)
	assert.Contains(t, r.Cause, "The task set did not become steady")
}

// After a rollback that was settled Pulumi's newest revision was never deployed.
// What the last deployment came to is still the answer.
func TestWatchAfterASettledRollbackSaysWhatHappened(t *testing.T) {
	for name, tt := range map[string]struct {
		third   string
		verdict release.Verdict
		err     string
	}{
		"settled":         {oldDigest, release.RolledBack, ""},
		"an image behind": {"sha256:3333333333333333333333333333333333333333333333333333333333333333", "", "its deployment never began"},
	} {
		t.Run(name, func(t *testing.T) {
			s := onItsWay(t)
			s.aws.images[family+"3"], s.pulumi.outputs["taskDefinitionArn"] = tt.third, family+"3"
			s.aws.running = nil
			s.aws.services = []types.Service{taskSets(1)}
			last := delivery(cdtypes.DeploymentStatusFailed)
			last.ErrorInformation, last.Revision = &cdtypes.ErrorInformation{Message: aws.String("not steady")}, brings("2")
			s.aws.deliveries = []cdtypes.DeploymentInfo{last}
			s.script(scripted{list: func(*string) *codedeploy.ListDeploymentsOutput {
				return &codedeploy.ListDeploymentsOutput{Deployments: []string{"d-1"}}
			}})
			r, err := s.Watch(t.Context())
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Equal(t, newDigest, r.Image)
			assert.Equal(t, "look at the cause; the stack is as it was before", r.Next)
			assert.Empty(t, s.pulumi.updates, "it is settled already")
		})
	}
}

func TestACheckThatIsInterruptedHasChangedNothing(t *testing.T) {
	s := newStage(t, "rolling")
	ctx, interrupt := context.WithCancel(t.Context())
	s.aws.services = before()
	s.aws.scan.ImageScanStatus.Status = "IN_PROGRESS"
	s.clock.stop = func(time.Time) bool { interrupt(); return true }
	_, err := s.Release(ctx, newDigest)
	require.EqualError(t, err, "interrupted: nothing was changed")
	assert.Empty(t, s.pulumi.updates)
}
