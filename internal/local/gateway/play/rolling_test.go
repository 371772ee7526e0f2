package play_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway/play"
)

func TestHealthyDeploymentReplacesEveryTask(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(2), false)
	first := s.Primary().ID
	s.Update(s.Settings, revision(2))
	p := s.Primary()
	assert.NotEqual(t, first, p.ID)
	assert.Equal(t, "ECS deployment "+p.ID+" in progress.", p.Reason)
	assert.Equal(t, play.StatusActive, s.Set(first).Status)
	var seen []string
	w.until("the second deployment completes", func() bool {
		running, pending := s.Count()
		healthy := 0
		for _, task := range s.AllTasks() {
			if task.Healthy() {
				healthy++
			}
		}
		assert.GreaterOrEqual(t, healthy, 2, "minimumHealthyPercent 100")
		assert.LessOrEqual(t, running+pending, 4, "maximumPercent 200")
		newRunning, newPending := p.Count()
		seen = append(seen, fmt.Sprintf("%d+%d", newRunning, newPending))
		return p.State == play.Completed
	})
	assert.Contains(t, seen, "0+2", "tasks are pending before they run")
	serving(t, s, 2)
	assert.Len(t, s.Sets, 1)
	log := strings.Join(messages(s), "\n")
	assert.Contains(t, log, "(service web) has started 2 tasks: (task ")
	assert.Contains(t, log, "(service web) registered 1 targets in (target-group "+blueTG+")")
	assert.Contains(t, log, "(service web) has begun draining connections on 2 tasks.")
	assert.Contains(t, log, "(service web) has stopped 2 running tasks:")
	assert.Contains(t, log, "(service web) (deployment "+p.ID+") deployment completed.")
	assert.True(t, strings.HasSuffix(log, "(service web) has reached a steady state."))
	for _, task := range s.AllTasks() {
		if task.Status == play.Stopped {
			assert.Equal(t, "Scaling activity initiated by (deployment "+first+")", task.Reason)
			assert.Equal(t, "ServiceSchedulerInitiated", task.StopCode)
		}
	}
}

func TestNoTasksCompleteAtOnceAndScalingWorks(t *testing.T) {
	w := newStage(t)
	s := w.Create(play.Service{Settings: settings(0), ARN: prefix + "service/c/web", Name: "web", ClusterARN: prefix + "cluster/c"}, revision(1))
	assert.Equal(t, play.Completed, s.Primary().State)
	s.Update(settings(3), nil)
	w.until("3 run", func() bool { return s.Steady(s.Primary()) })
	serving(t, s, 1)
	s.Update(settings(1), nil)
	w.until("1 runs", func() bool { return s.Steady(s.Primary()) })
	serving(t, s, 1)
	s.Update(settings(0), nil)
	w.until("none runs", func() bool { return len(s.Primary().Tasks) == 0 })
	s.Update(settings(0), revision(2))
	assert.Equal(t, play.Completed, s.Primary().State, "nothing is to be started")
}

func TestLimitsHoldWithFewerTasks(t *testing.T) {
	w := newStage(t)
	narrow := settings(4)
	narrow.MinHealthy, narrow.MaxTotal = 50, 100
	s := w.service(narrow, false)
	s.Update(narrow, revision(2))
	w.until("it completes", func() bool {
		running, pending := s.Count()
		assert.LessOrEqual(t, running+pending, 4)
		healthy := 0
		for _, task := range s.AllTasks() {
			if task.Healthy() {
				healthy++
			}
		}
		assert.GreaterOrEqual(t, healthy, 2)
		return s.Primary().State == play.Completed
	})
	serving(t, s, 2)
}

func TestFailingTasksOpenTheBreaker(t *testing.T) {
	for outcome, why := range map[play.Outcome]struct{ code, reason string }{
		play.Crash:     {"EssentialContainerExited", "Essential container in task exited"},
		play.Unhealthy: {"ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group " + blueTG + ")"},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			w := newStage(t)
			s := w.service(settings(2), false)
			good := s.Primary().ID
			w.plays(2, outcome)
			s.Update(s.Settings, revision(2))
			bad := s.Primary()
			w.until("it fails", func() bool { return bad.State == play.Failed })
			assert.GreaterOrEqual(t, bad.FailedTasks, 3)
			assert.Equal(t, "ECS deployment circuit breaker: tasks failed to start.", bad.Reason)
			back := s.Primary()
			assert.Equal(t, good, back.ID, "as AWS has it: the deployment that it goes back to")
			assert.Equal(t, "ECS deployment circuit breaker: rolling back to deploymentId "+good+".", back.Reason)
			running, _ := back.Count()
			assert.Equal(t, 2, running, "a rollback has the tasks that still run")
			w.until("the rollback completes", func() bool { return back.State == play.Completed })
			serving(t, s, 1)
			log := strings.Join(messages(s), "\n")
			assert.Contains(t, log, "(service web) (deployment "+bad.ID+") deployment failed: tasks failed to start.")
			assert.Contains(t, log, "(service web) rolling back to deployment "+good+".")
			assert.Equal(t, 2, strings.Count(log, "(service web) (deployment "+good+") deployment completed."), "it completes once more")
			stopped := 0
			for _, task := range s.AllTasks() {
				if task.StopCode == why.code && task.Reason == why.reason {
					stopped++
					assert.Equal(t, outcome == play.Crash, task.Exit == 1)
				}
			}
			assert.GreaterOrEqual(t, stopped, 3)
		})
	}
}

func TestBreakerThreshold(t *testing.T) {
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
	for desired, want := range map[int]int{1: 3, 6: 3, 7: 4, 10: 5, 25: 13} {
		w := newStage(t)
		s := w.service(settings(desired), false)
		w.plays(2, play.Crash)
		s.Update(s.Settings, revision(2))
		bad := s.Primary()
		for bad.State == play.InProgress {
			assert.Less(t, bad.FailedTasks, want, "%d tasks", desired)
			w.steps(1)
			if bad.State == play.Failed {
				assert.GreaterOrEqual(t, bad.FailedTasks, want, "%d tasks", desired)
			}
		}
	}
}

func TestFirstDeploymentHasNothingToRollBackTo(t *testing.T) {
	w := newStage(t)
	w.plays(1, play.Crash)
	s := w.Create(play.Service{Settings: settings(1), ARN: prefix + "service/c/web", Name: "web", ClusterARN: prefix + "cluster/c"}, revision(1))
	w.until("it fails", func() bool { return s.Primary().State == play.Failed })
	w.steps(20)
	assert.Len(t, s.Sets, 1)
	assert.Empty(t, s.Primary().Tasks, "a failed deployment starts no tasks")
	assert.NotContains(t, strings.Join(messages(s), "\n"), "rolling back")
}

func TestWithoutRollbackTheOldTasksStay(t *testing.T) {
	w := newStage(t)
	with := settings(2)
	with.BreakerRollback = false
	s := w.service(with, false)
	old := s.Primary()
	w.plays(2, play.Crash)
	s.Update(with, revision(2))
	w.until("it fails", func() bool { return s.Primary().State == play.Failed })
	w.steps(20)
	running, _ := old.Count()
	assert.Equal(t, 2, running)
	assert.Equal(t, play.Failed, s.Primary().State)
	assert.Equal(t, revision(2).ARN, s.Primary().Definition.ARN)
}

func TestWithoutBreakerItTriesForEver(t *testing.T) {
	w := newStage(t)
	with := settings(1)
	with.Breaker = false
	s := w.service(with, false)
	w.plays(2, play.Crash)
	s.Update(with, revision(2))
	w.steps(100)
	failed := s.Primary().FailedTasks
	assert.Greater(t, failed, 3)
	assert.Equal(t, play.InProgress, s.Primary().State)
	w.now = w.now.Add(24 * time.Hour)
	begin := time.Now()
	w.Advance()
	assert.Less(t, time.Since(begin), 5*time.Second, "a day's pause is caught up with quickly")
	assert.Greater(t, s.Primary().FailedTasks, failed)
}

func TestAlarmRollsBack(t *testing.T) {
	w := newStage(t)
	with := settings(2)
	with.Alarms, with.AlarmRollback = []string{"errors", "latency"}, true
	s := w.service(with, false)
	good := s.Primary().ID
	w.plays(2, play.Alarm)
	s.Update(with, revision(2))
	bad := s.Primary()
	w.until("the alarm rings", func() bool { return w.ringing["errors"] })
	assert.Equal(t, play.InProgress, bad.State, "ECS learns of it at its next look")
	w.until("it fails", func() bool { return bad.State == play.Failed })
	assert.False(t, w.ringing["latency"])
	back := s.Primary()
	w.until("the rollback completes", func() bool { return back.State == play.Completed })
	serving(t, s, 1)
	assert.False(t, w.ringing["errors"], "what set it off is gone")
	log := strings.Join(messages(s), "\n")
	assert.Contains(t, log, "(service web) (deployment "+bad.ID+") deployment failed: alarm detected.")
	assert.Contains(t, log, "(service web) rolling back to deployment "+good+".")
	assert.Empty(t, w.reported)
}

func TestAnAlarmThatRingsAlreadyIsIgnored(t *testing.T) {
	w := newStage(t)
	with := settings(1)
	with.Alarms, with.AlarmRollback = []string{"errors"}, true
	s := w.service(with, false)
	w.ringing["errors"] = true
	s.Update(with, revision(2))
	w.until("it completes", func() bool { return s.Primary().State == play.Completed })
	serving(t, s, 2)
}

func TestAnAlarmFromOutsideFailsAHealthyDeployment(t *testing.T) {
	w := newStage(t)
	with := settings(1)
	with.Alarms, with.AlarmRollback = []string{"errors"}, true
	s := w.service(with, false)
	s.Update(with, revision(2))
	w.steps(3)
	w.ringing["errors"] = true
	w.until("the rollback completes", func() bool { return s.Primary().State == play.Completed })
	serving(t, s, 1)
	assert.True(t, w.ringing["errors"], "only who set it off ends it")
}

func TestStuckStaysInProgress(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(2), false)
	w.plays(2, play.Stuck)
	s.Update(s.Settings, revision(2))
	w.steps(150)
	p := s.Primary()
	assert.Equal(t, play.InProgress, p.State)
	_, pending := p.Count()
	assert.Equal(t, 2, pending)
	running, _ := s.Count()
	assert.Equal(t, 2, running, "the old tasks serve on")
	log := strings.Join(messages(s), "\n")
	assert.Equal(t, 1, strings.Count(log, "was unable to place a task. Reason: Capacity is unavailable at this time."))
	assert.Contains(t, log, "(service web) is unable to consistently start tasks successfully.")

	s.Update(s.Settings, revision(3))
	w.until("a later deployment gets through", func() bool { return s.Primary().State == play.Completed })
	serving(t, s, 3)
}

func TestStoppedTaskIsReplaced(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(2), false)
	task := s.Primary().Tasks[0]
	task.StopTask("")
	w.until("another runs", func() bool { return s.Steady(s.Primary()) && task.Status == play.Stopped })
	assert.Equal(t, "UserInitiated", task.StopCode)
	serving(t, s, 2-1)
	assert.Same(t, task, w.Task(task.ARN), "it can still be described")
}

func TestPlayIsValidated(t *testing.T) {
	w := newStage(t)
	for want, p := range map[string]play.Play{
		`play: outcome: is "fine", want one of healthy, crash, unhealthy, alarm, stuck`: {Outcome: "fine"},
		`play: stepMs: is -1, want 1 to 60000`:                                          {StepMS: -1},
		`play: image: is "v1", want a digest such as "sha256:<64 hexadecimal digits>", or "" for every image; stepMs: is 70000, want 1 to 60000`: {
			Image: "v1", StepMS: 70000,
		},
	} {
		require.EqualError(t, w.Set(p), want)
	}
	assert.Equal(t, []play.Play{{Outcome: play.Healthy, StepMS: 300}}, w.Plays())
	w.plays(2, play.Crash)
	require.NoError(t, w.Set(play.Play{Outcome: play.Stuck}))
	assert.Equal(t, []play.Play{{Outcome: play.Stuck, StepMS: 300}, {Image: image("2"), Outcome: play.Crash, StepMS: 100}}, w.Plays())
}
