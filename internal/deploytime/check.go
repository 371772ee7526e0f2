package deploytime

import (
	"fmt"
	"slices"
	"time"
)

// Check lists what would make deployments lose requests, or never end: each
// line names the values that contradict each other. Sorted.
func (v Values) Check(app App) []string {
	var out []string
	rule := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	s := Text
	// Deregistration and SIGTERM may come at about the same time.
	rule(app.Drain > v.Deregistration, "the application drains for %s, want more than the deregistration delay (%s): requests still come until then",
		s(app.Drain), s(v.Deregistration))
	rule(v.StopTimeout > app.Drain+app.Shutdown, "the stop timeout is %s, want more than the application's drain and shutdown (%s): it would be killed",
		s(v.StopTimeout), s(app.Drain+app.Shutdown))
	rule(v.StopTimeout >= v.Deregistration, "the stop timeout is %s, want at least the deregistration delay (%s)", s(v.StopTimeout), s(v.Deregistration))
	rule(v.StopTimeout <= 2*time.Minute, "the stop timeout is %s, want at most 120 s, Fargate's limit", s(v.StopTimeout))
	rule(app.KeepAlive > v.IdleTimeout, "the application keeps idle connections for %s, want more than the load balancer's %s: it would answer 502",
		s(app.KeepAlive), s(v.IdleTimeout))
	rule(v.Target.Timeout < v.Target.Interval, "the health check's timeout is %s, want less than its interval (%s)", s(v.Target.Timeout), s(v.Target.Interval))
	start := app.Start.High + v.Target.Interval
	rule(v.Grace >= start, "the grace period is %s, want at least a slow start and one check (%s): a task would be stopped before it is ready", s(v.Grace), s(start))
	if v.Container.Interval > 0 {
		rule(v.Container.Timeout < v.Container.Interval, "the container check's timeout is %s, want less than its interval (%s)",
			s(v.Container.Timeout), s(v.Container.Interval))
		patience := v.Container.StartPeriod + time.Duration(v.Container.Retries)*v.Container.Interval
		rule(patience >= app.Start.High, "the container check gives up after %s, want at least a slow start (%s)", s(patience), s(app.Start.High))
	}
	if v.Strategy == Rolling {
		_, err := v.batches(v.Tasks)
		rule(err == nil, "%v", err)
		rule(v.MinimumHealthyPercent >= 100, "at least %d %% of the tasks keep running, want 100: a deployment would take away capacity", v.MinimumHealthyPercent)
	} else {
		// An alarm that rings when the old tasks are gone has nothing to go back to.
		rings := v.slowestAlarm().High
		rule(v.Termination >= rings, "old tasks are terminated after %s, want at least the time in which an alarm rings (%s): until then going back takes seconds",
			s(v.Termination), s(rings))
		rule(v.Strategy != Canary || v.ShiftEvery >= rings, "a canary lasts %s, want at least the time in which an alarm rings (%s): before that it shows nothing",
			s(v.ShiftEvery), s(rings))
	}
	rule(len(v.Alarms) > 0, "no alarm rolls a deployment back")
	slices.Sort(out)
	return out
}
