package play

import (
	"fmt"
	"strings"
	"time"
)

type phase int

const (
	phaseCreated phase = iota
	phaseInstall
	phaseTest
	phaseTested
	phaseReady
	phaseShift
	phaseShifting
	phaseTerminate
	phaseUndo
)

// installMinutes is how long CodeDeploy waits for the new task set:
// https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-ecs.html
const installMinutes = 60

// step moves a delivery on, after its service's tasks. The order of phases:
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
func (d *Delivery) step(at time.Time) {
	d.Updated = at
	if d.Creator != ByRollback {
		if names := d.world.alarming(d.Region, d.Alarms); len(names) > 0 {
			d.end(DeliveryStopped, "ALARM_ACTIVE", "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, "+
				"and the affected deployments have been stopped. Activated alarms: <"+strings.Join(names, "> <")+">", d.OnAlarm, at)
			return
		}
	}
	switch d.phase {
	case phaseCreated:
		d.install(at)
	case phaseInstall:
		d.installing(at)
	case phaseTest:
		d.test(at)
	case phaseTested:
		d.tested(at)
	case phaseReady:
		d.ready(at)
	case phaseShift:
		d.pass(beforeAllowTraffic, at)
		d.begin(allowTraffic, at)
		d.phase, d.waited = phaseShifting, 0
		d.shift(at)
	case phaseShifting:
		d.waited++
		d.shift(at)
	case phaseTerminate:
		d.terminate(at)
	case phaseUndo:
		d.undo(at)
	}
}

// install makes the new task set, in the other target group. What an earlier
// delivery left behind makes room for it.
func (d *Delivery) install(at time.Time) {
	s := d.Service
	groups, err := d.groups()
	if err != nil {
		d.fail("INVALID_ECS_SERVICE", err.Error(), at)
		return
	}
	for _, set := range s.Sets {
		if set.Status == StatusActive {
			s.drain(set, at)
		}
	}
	d.Status, d.Started, d.phase, d.waited = DeliveryRuns, at, phaseInstall, 0
	d.pass(beforeInstall, at)
	d.begin(install, at)
	d.Green = s.newSet(d.Definition, d.script, 100)
	lb := d.LoadBalancer
	lb.TargetGroup = groups[1]
	d.Green.LoadBalancers, d.Green.ExternalID, d.Green.Shown = []LoadBalancer{lb}, d.ID, d.Shown
	d.Green.Created, d.Green.Updated = at, at
	s.Sets = append([]*Set{d.Green}, s.Sets...)
}

func (d *Delivery) installing(at time.Time) {
	d.waited++
	if d.Service.Steady(d.Green) {
		d.pass(install, at)
		d.pass(afterInstall, at)
		d.phase = phaseTest
		return
	}
	if d.waited >= installMinutes {
		d.fail("TIMEOUT", fmt.Sprintf("The deployment timed out while waiting for the replacement task set to become healthy. "+
			"This time out period is %d minutes.", installMinutes), at)
	}
}

func (d *Delivery) test(at time.Time) {
	d.phase = phaseTested
	if len(d.Test) == 0 {
		d.skip(allowTestTraffic, afterAllowTestTraffic)
		return
	}
	d.begin(allowTestTraffic, at)
	if d.forward(d.Test, 100, at) {
		d.pass(allowTestTraffic, at)
	}
}

func (d *Delivery) tested(at time.Time) {
	if len(d.Test) > 0 {
		d.pass(afterAllowTestTraffic, at)
	}
	d.waited = 0
	if d.ReadyWait >= 0 {
		d.Status, d.phase = DeliveryReady, phaseReady
		return
	}
	d.phase = phaseShift
	d.begin(beforeAllowTraffic, at)
}

// ready waits for Continue. A wait that ends stops the delivery:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html
func (d *Delivery) ready(at time.Time) {
	d.waited++
	if d.waited < d.ReadyWait {
		return
	}
	// AWS names no code for it; its text is ours.
	d.end(DeliveryStopped, "TIMEOUT", fmt.Sprintf("The deployment was not continued within %d minutes.", d.ReadyWait), d.OnStop, at)
}

// shift moves traffic as the configuration says. Alarms ring once users reach
// the new tasks.
func (d *Delivery) shift(at time.Time) {
	if d.Weight > 0 && d.script.outcome == Alarm {
		d.Service.ring(d.Alarms, at)
	}
	weight := d.Routing.at(d.waited)
	if weight == d.Weight {
		return
	}
	if !d.forward(d.Production, weight, at) {
		return
	}
	d.Weight = weight
	if weight < 100 {
		return
	}
	d.pass(allowTraffic, at)
	d.pass(afterAllowTraffic, at)
	d.Service.promote(d.Green, at)
	d.phase, d.waited, d.Waiting = phaseTerminate, 0, at
}

// terminate waits, and ends the old tasks.
func (d *Delivery) terminate(at time.Time) {
	if d.script.outcome == Alarm && len(d.Alarms) > 0 && d.Service.rung == "" {
		d.Service.ring(d.Alarms, at)
		return
	}
	d.waited++
	if d.waited <= d.TerminationWait {
		return
	}
	d.Service.drain(d.Blue, at)
	d.Green.script.outcome = Healthy
	d.Service.calm()
	d.Status, d.Completed = DeliverySucceeded, at
	d.Service.delivery = nil
}

// forward points listeners at both target groups, green with so many percent. It
// tells whether that could be done; if not, the delivery has failed.
func (d *Delivery) forward(listeners []string, green int, at time.Time) bool {
	weights := []Weight{
		{d.Blue.LoadBalancers[0].TargetGroup, 100 - green},
		{d.Green.LoadBalancers[0].TargetGroup, green},
	}
	for _, listener := range listeners {
		if err := d.world.effects.Forward(d.Region, listener, weights); err != nil {
			d.world.report(err)
			d.fail("ELASTIC_LOAD_BALANCING_INVALID", err.Error(), at)
			return false
		}
	}
	return true
}
