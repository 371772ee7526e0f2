package play

import "time"

// Names of lifecycle events, in their order:
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
const (
	beforeInstall         = "BeforeInstall"
	install               = "Install"
	afterInstall          = "AfterInstall"
	allowTestTraffic      = "AllowTestTraffic"
	afterAllowTestTraffic = "AfterAllowTestTraffic"
	beforeAllowTraffic    = "BeforeAllowTraffic"
	allowTraffic          = "AllowTraffic"
	afterAllowTraffic     = "AfterAllowTraffic"
)

// Statuses of a lifecycle event:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_LifecycleEvent.html
const (
	eventPending   = "Pending"
	eventRuns      = "InProgress"
	eventSucceeded = "Succeeded"
	eventFailed    = "Failed"
	eventSkipped   = "Skipped"
)

// Lifecycle is a lifecycle event of a delivery.
type Lifecycle struct {
	Name, Status string
	Start, End   time.Time
}

func newLifecycle() []Lifecycle {
	var out []Lifecycle
	for _, name := range []string{
		beforeInstall, install, afterInstall, allowTestTraffic, afterAllowTestTraffic, beforeAllowTraffic, allowTraffic, afterAllowTraffic,
	} {
		out = append(out, Lifecycle{Name: name, Status: eventPending})
	}
	return out
}

func (d *Delivery) event(name string) *Lifecycle {
	for i := range d.Events {
		if d.Events[i].Name == name {
			return &d.Events[i]
		}
	}
	return &Lifecycle{}
}

func (d *Delivery) begin(name string, at time.Time) {
	e := d.event(name)
	e.Status, e.Start = eventRuns, at
}

func (d *Delivery) pass(name string, at time.Time) {
	e := d.event(name)
	if e.Start.IsZero() {
		e.Start = at
	}
	e.Status, e.End = eventSucceeded, at
}

func (d *Delivery) skip(names ...string) {
	for _, name := range names {
		d.event(name).Status = eventSkipped
	}
}

// breakOff fails the event that runs and skips the ones after it.
func (d *Delivery) breakOff(at time.Time) {
	for i := range d.Events {
		switch e := &d.Events[i]; e.Status {
		case eventRuns:
			e.Status, e.End = eventFailed, at
		case eventPending:
			e.Status = eventSkipped
		}
	}
}
