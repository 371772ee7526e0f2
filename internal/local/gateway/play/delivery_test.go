package play_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway/play"
)

// order asks for revision 2, with everything that a deployment can have.
func order(s *play.Service, change func(*play.Order)) play.Order {
	o := play.Order{
		Application: "web", Group: "web", Config: play.AllAtOnce, Region: region, Service: s, Definition: revision(2),
		LoadBalancer: play.LoadBalancer{Container: "app", Port: 8080}, TargetGroups: [2]string{greenTG, blueTG},
		Production: []string{"prod"}, Test: []string{"test"}, Routing: play.Routing{Kind: play.RouteAtOnce}, ReadyWait: 30, TerminationWait: 4,
		Alarms: []string{"errors", "latency"}, OnFailure: true, OnAlarm: true, Revision: map[string]any{"revisionType": "AppSpecContent"},
	}
	if change != nil {
		change(&o)
	}
	return o
}

func (s *stage) deliver(o play.Order) *play.Delivery {
	s.t.Helper()
	d, err := s.Deliver(o)
	require.NoError(s.t, err)
	assert.Regexp(s.t, `^d-[A-Z0-9]{9}$`, d.ID)
	assert.Equal(s.t, play.DeliveryCreated, d.Status)
	return d
}

func (s *stage) comesTo(d *play.Delivery, status string) {
	s.t.Helper()
	s.until(d.ID+" is "+status, func() bool { return d.Status == status })
}

func events(d *play.Delivery) string {
	var out []string
	for _, e := range d.Events {
		out = append(out, e.Name+" "+e.Status)
	}
	return strings.Join(out, ", ")
}

func refusal(t *testing.T, err error, code string) {
	t.Helper()
	var r *play.Refusal
	require.ErrorAs(t, err, &r)
	assert.Equal(t, code, r.Code)
}

func TestBlueGreenWaitsShiftsAndEndsTheOld(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(2), true)
	blue := s.Primary()
	d := w.deliver(order(s, nil))
	w.comesTo(d, play.DeliveryRuns)
	w.comesTo(d, play.DeliveryReady)
	assert.Equal(t, map[string]int{"test": 100}, w.listeners, "only the test listener has moved")
	assert.Equal(t, 0, d.Weight)
	assert.Same(t, blue, s.Primary())
	running, _ := s.Count()
	assert.Equal(t, 4, running, "both task sets run")
	assert.Equal(t, d.ID, d.Green.ExternalID)
	assert.Equal(t, greenTG, d.Green.LoadBalancers[0].TargetGroup)
	refusal(t, d.Continue("TERMINATION_WAIT"), "DeploymentIsNotInReadyStateException")
	refusal(t, d.Continue("LONGER"), "InvalidDeploymentWaitTypeException")
	require.NoError(t, d.Continue("READY_WAIT"))
	refusal(t, d.Continue("READY_WAIT"), "DeploymentIsNotInReadyStateException")
	w.until("green serves", func() bool { return s.Primary() == d.Green })
	assert.Equal(t, map[string]int{"test": 100, "prod": 100}, w.listeners)
	assert.Equal(t, play.DeliveryRuns, d.Status, "the old tasks still run")
	assert.Equal(t, play.StatusActive, blue.Status)
	w.steps(4)
	assert.Equal(t, play.DeliveryRuns, d.Status, "for four minutes")
	w.steps(1)
	assert.Equal(t, play.DeliverySucceeded, d.Status)
	w.until("blue is gone", func() bool { return len(s.Sets) == 1 })
	serving(t, s, 2)
	assert.NotContains(t, events(d), "Skipped")
	assert.Equal(t, 8, strings.Count(events(d), "Succeeded"))
	refusal(t, d.Stop(nil), "DeploymentAlreadyCompletedException")
	refusal(t, d.Continue("READY_WAIT"), "DeploymentAlreadyCompletedException")

	back := w.deliver(order(s, func(o *play.Order) { o.Definition = revision(3) }))
	w.comesTo(back, play.DeliveryReady)
	assert.Equal(t, 0, w.listeners["test"], "the next one takes the other target group")
	assert.Equal(t, blueTG, back.Green.LoadBalancers[0].TargetGroup)
}

func TestTerminationWaitCanBeEnded(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	d := w.deliver(order(s, func(o *play.Order) { o.ReadyWait, o.TerminationWait = -1, 1000 }))
	w.until("green serves", func() bool { return s.Primary() == d.Green })
	w.steps(10)
	assert.Equal(t, play.DeliveryRuns, d.Status)
	require.NoError(t, d.Continue("TERMINATION_WAIT"))
	w.steps(1)
	assert.Equal(t, play.DeliverySucceeded, d.Status)
}

func TestTrafficMovesAsTheConfigurationSays(t *testing.T) {
	linear, _ := play.Predefined("CodeDeployDefault.ECSLinear10PercentEvery1Minutes")
	for name, tt := range map[string]struct {
		routing play.Routing
		want    map[int]int // percent by minute after the first move
	}{
		"canary": {play.Routing{Kind: play.RouteCanary, Percent: 5, Minutes: 10}, map[int]int{0: 5, 9: 5, 10: 100}},
		"linear": {play.Routing{Kind: play.RouteLinear, Percent: 30, Minutes: 2}, map[int]int{0: 30, 1: 30, 2: 60, 4: 90, 6: 100}},
		"AWS's":  {linear, map[int]int{0: 10, 1: 20, 8: 90, 9: 100}},
		"all":    {play.Routing{Kind: play.RouteAtOnce}, map[int]int{0: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newStage(t)
			s := w.service(settings(1), true)
			d := w.deliver(order(s, func(o *play.Order) { o.ReadyWait, o.Routing = -1, tt.routing }))
			w.until("traffic moves", func() bool { return d.Weight > 0 })
			for minute := 0; minute <= 10; minute++ {
				if want, ok := tt.want[minute]; ok {
					assert.Equal(t, want, d.Weight, "minute %d", minute)
					assert.Equal(t, want, w.listeners["prod"], "minute %d", minute)
				}
				w.steps(1)
			}
			w.comesTo(d, play.DeliverySucceeded)
		})
	}
}

func TestWaitThatEndsStopsTheDeployment(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	d := w.deliver(order(s, func(o *play.Order) { o.ReadyWait = 5 }))
	w.comesTo(d, play.DeliveryReady)
	w.steps(4)
	assert.Equal(t, play.DeliveryReady, d.Status)
	w.steps(1)
	assert.Equal(t, play.DeliveryStopped, d.Status)
	assert.Equal(t, "TIMEOUT", d.ErrorCode)
	assert.Empty(t, d.RollbackID)
	assert.Equal(t, revision(1).ARN, s.Primary().Definition.ARN)
	left := d.Green
	next := w.deliver(order(s, nil))
	w.comesTo(next, play.DeliveryReady)
	assert.Nil(t, s.Set(left.ID), "what was left behind makes room")
}

func TestTasksThatNeverRunTimeOut(t *testing.T) {
	for _, outcome := range []play.Outcome{play.Crash, play.Unhealthy, play.Stuck} {
		t.Run(string(outcome), func(t *testing.T) {
			w := newStage(t)
			s := w.service(settings(2), true)
			w.plays(2, outcome)
			d := w.deliver(order(s, nil))
			w.steps(60)
			assert.Equal(t, play.DeliveryRuns, d.Status, "CodeDeploy waits for an hour")
			w.steps(1)
			assert.Equal(t, play.DeliveryFailed, d.Status)
			assert.Contains(t, d.ErrorMessage, "timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.")
			assert.Equal(t, "BeforeInstall Succeeded, Install Failed, AfterInstall Skipped, AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, "+
				"BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped", events(d))
			back := w.Delivery(d.RollbackID)
			require.NotNil(t, back)
			w.comesTo(back, play.DeliverySucceeded)
			w.until("green is gone", func() bool { return len(s.Sets) == 1 })
			serving(t, s, 1)
		})
	}
}

func TestAlarmStopsAndRollsBack(t *testing.T) {
	for name, change := range map[string]func(*play.Order){
		"while shifting":            func(o *play.Order) { o.Routing = play.Routing{Kind: play.RouteCanary, Percent: 10, Minutes: 5} },
		"while the old tasks end":   nil,
		"while traffic waits: none": func(o *play.Order) { o.ReadyWait = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newStage(t)
			s := w.service(settings(2), true)
			w.plays(2, play.Alarm)
			d := w.deliver(order(s, change))
			w.comesTo(d, play.DeliveryReady)
			if strings.HasSuffix(name, "none") {
				w.comesTo(d, play.DeliveryStopped)
				assert.Empty(t, w.ringing, "no user has reached the new tasks")
				return
			}
			require.NoError(t, d.Continue("READY_WAIT"))
			w.comesTo(d, play.DeliveryStopped)
			assert.Equal(t, "ALARM_ACTIVE", d.ErrorCode)
			assert.True(t, strings.HasSuffix(d.ErrorMessage, "Activated alarms: <errors>"), d.ErrorMessage)
			back := w.Delivery(d.RollbackID)
			require.NotNil(t, back)
			assert.Equal(t, d.ID, back.RollbackOf)
			assert.Equal(t, play.ByRollback, back.Creator)
			assert.Equal(t, play.AllAtOnce, back.Config)
			assert.Contains(t, fmt.Sprint(back.Revision), revision(1).ARN)
			assert.Equal(t, fmt.Sprintf("Deployment %s terminated. Automatic rollback is triggered with a DeploymentId %s.", d.ID, back.ID), d.RollbackMessage)
			_, err := w.Deliver(order(s, nil))
			refusal(t, err, "DeploymentLimitExceededException")
			w.comesTo(back, play.DeliverySucceeded)
			assert.Equal(t, map[string]int{"test": 0, "prod": 0}, w.listeners)
			assert.False(t, w.ringing["errors"])
			w.until("green is gone", func() bool { return len(s.Sets) == 1 })
			serving(t, s, 1)
			assert.Equal(t, []*play.Delivery{back, d}, w.Deliveries())
		})
	}
}

func TestAlarmThatRingsAlreadyStopsAtOnce(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	w.ringing["latency"] = true
	d := w.deliver(order(s, nil))
	w.steps(1)
	assert.Equal(t, play.DeliveryStopped, d.Status)
	assert.Contains(t, d.ErrorMessage, "<latency>")
	assert.Empty(t, d.RollbackID, "there is nothing to undo")
	serving(t, s, 1)
}

func TestStopWithAndWithoutRollback(t *testing.T) {
	yes, no := true, false
	for name, tt := range map[string]struct {
		onStop   bool
		rollback *bool
		want     bool
	}{
		"group says no": {false, nil, false}, "group says yes": {true, nil, true},
		"asked for": {false, &yes, true}, "declined": {true, &no, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newStage(t)
			s := w.service(settings(1), true)
			d := w.deliver(order(s, func(o *play.Order) { o.OnStop = tt.onStop }))
			w.comesTo(d, play.DeliveryReady)
			require.NoError(t, d.Stop(tt.rollback))
			assert.Equal(t, play.DeliveryStopped, d.Status)
			assert.Equal(t, "MANUAL_STOP", d.ErrorCode)
			assert.Equal(t, tt.want, d.RollbackID != "")
			w.steps(10)
			assert.Equal(t, tt.want, len(s.Sets) == 1)
			assert.Equal(t, revision(1).ARN, s.Primary().Definition.ARN)
		})
	}
}

func TestListenerThatIsGoneFailsTheDeployment(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	d := w.deliver(order(s, nil))
	w.comesTo(d, play.DeliveryReady)
	require.NoError(t, d.Continue("READY_WAIT"))
	w.broken = errBroken
	w.comesTo(d, play.DeliveryFailed)
	assert.Equal(t, "ELASTIC_LOAD_BALANCING_INVALID", d.ErrorCode)
	assert.ErrorIs(t, w.reported[0], errBroken)
	w.until("the rollback has ended too", func() bool { return w.Delivery(d.RollbackID).Done() })
	assert.Equal(t, play.DeliveryFailed, w.Delivery(d.RollbackID).Status)
}

func TestWithoutTestListenerThoseEventsAreSkipped(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	d := w.deliver(order(s, func(o *play.Order) { o.Test, o.ReadyWait = nil, -1 }))
	w.comesTo(d, play.DeliverySucceeded)
	assert.Contains(t, events(d), "AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, BeforeAllowTraffic Succeeded")
}

func TestDeliveryIsRefusedWhereTheServiceDoesNotFit(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	_, err := w.Deliver(order(s, func(o *play.Order) { o.TargetGroups = [2]string{greenTG, greenTG} }))
	refusal(t, err, "InvalidTargetGroupPairException")
	s.Primary().LoadBalancers = nil
	_, err = w.Deliver(order(s, nil))
	refusal(t, err, "InvalidECSServiceException")
	assert.Empty(t, w.Deliveries())
}

func TestDeletingTheServiceFailsItsDelivery(t *testing.T) {
	w := newStage(t)
	s := w.service(settings(1), true)
	d := w.deliver(order(s, nil))
	w.steps(2)
	w.Delete(s.ARN)
	assert.Equal(t, play.DeliveryFailed, d.Status)
	assert.Nil(t, w.Service(s.ARN))
	w.steps(5)
}
