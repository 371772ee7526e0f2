package deploytime

import (
	"fmt"
	"time"
)

// Failure is a way in which a deployment fails.
type Failure string

// The failures, by the names of the emulator's plays.
const (
	// Crash is a process that ends right after its start.
	Crash Failure = "crash"
	// Unhealthy is one that runs and answers no check.
	Unhealthy Failure = "unhealthy"
	// AlarmRings is one that answers the checks, and users badly.
	AlarmRings Failure = "alarm"
)

// Failures lists them.
func Failures() []Failure { return []Failure{Crash, Unhealthy, AlarmRings} }

// Threshold is how many failed tasks make the circuit breaker roll a deployment
// of n back.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func Threshold(n int) int { return min(max((n+1)/2, 3), 200) }

// throttling is how long ECS waits between tasks that fail: not at first, then
// longer and longer.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
var throttling = estimate{seconds(0, 10, 60), "estimate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html"}

// Failing is a deployment of n tasks that fails, until the old version serves
// everybody again.
func (v Values) Failing(n int, f Failure, app App) (Plan, error) {
	if f == AlarmRings {
		return v.ringing(n, app)
	}
	var p Plan
	if v.Strategy != Rolling {
		v.neverReady(&p, f)
		return p, nil
	}
	batches, err := v.batches(n)
	if err != nil {
		return p, err
	}
	atOnce, stopped := batches[0].start, 0
	if atOnce == 0 {
		// Old tasks have to go before new ones can start.
		stopped = batches[0].stop
		v.stopping(&p, count(stopped, "old task"), app)
		atOnce = batches[1].start
	}
	rounds := (Threshold(n) + atOnce - 1) / atOnce
	p.add(fmt.Sprintf("%s fail, %d at a time: the circuit breaker's threshold", count(Threshold(n), "task"), atOnce),
		v.failedTask(f).Times(rounds).Plus(throttling.takes.Times(rounds-1)),
		"`service.healthGraceSeconds`, `ingress.healthCheck`; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html")
	p.add("ECS goes back to the last good revision", scheduling.takes, scheduling.source)
	if stopped > 0 {
		v.starting(&p, count(stopped, "old task")+" again", app)
	}
	return p, nil
}

// failedTask is how long one task takes to be counted as failed.
func (v Values) failedTask(f Failure) Span {
	started := scheduling.takes.Plus(provisioning.takes, pulling.takes)
	if f == Crash {
		return started.Plus(seconds(1, 2, 10), stopping.takes)
	}
	// Checks that fail during the grace period do not count. Whichever of the two
	// fails first decides.
	found := v.Target.failing()
	if c := v.Container.failing(); v.Container.Interval > 0 {
		found = Span{min(found.Low, c.Low), min(found.Expected, c.Expected), max(found.High, c.High)}
	}
	return started.Plus(found.Or(exactly(v.Grace)), scheduling.takes)
}

// neverReady is a replacement set of CodeDeploy's that never gets healthy:
// traffic never moves, and nothing has to be undone.
func (v Values) neverReady(p *Plan, f Failure) {
	p.add("CodeDeploy starts the deployment", preparing.takes, preparing.source)
	p.add("New tasks fail; users notice nothing. CodeDeploy gives up after an hour, `evenkeel release` when tasks fail again and again",
		Span{v.failedTask(f).Times(3).Low, v.failedTask(f).Times(3).Expected, time.Hour},
		"https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html")
}

// ringing is a deployment that an alarm ends.
func (v Values) ringing(n int, app App) (Plan, error) {
	var p Plan
	if len(v.Alarms) == 0 {
		return p, fmt.Errorf("stack %s rolls back on no alarm", v.Stack)
	}
	p.add("New tasks answer users badly, until an alarm rings", v.slowestAlarm(), "the alarms' periods; "+publishing.source)
	if v.Strategy != Rolling {
		p.add("CodeDeploy moves the traffic back to the old tasks", rerouting.takes, rerouting.source)
		return p, nil
	}
	p.add("ECS asks for the alarms' states, and goes back", scheduling.takes, scheduling.source)
	back, err := v.batches(n)
	if err != nil {
		return p, err
	}
	for _, b := range back {
		if b.start > 0 {
			v.starting(&p, count(b.start, "task")+" of the last good revision", app)
		}
	}
	return p, nil
}

// slowestAlarm is how long it takes until the last of the alarms rings.
func (v Values) slowestAlarm() Span {
	var out Span
	for _, a := range v.Alarms {
		out = out.Or(a.ringing())
	}
	return out
}

// Exposed is the share of the traffic, in percent, that a new version has by the
// time an alarm is expected to ring.
func (v Values) Exposed() int {
	rings := v.slowestAlarm().Expected
	switch {
	case v.Strategy == Canary && v.ShiftEvery >= rings:
		return v.ShiftPercent
	case v.Strategy == Linear:
		return min(100, v.ShiftPercent*(1+int(rings/v.ShiftEvery)))
	}
	return 100
}
