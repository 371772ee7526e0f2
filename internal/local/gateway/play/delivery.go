package play

import (
	"fmt"
	"time"
)

// Statuses of a delivery:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
const (
	DeliveryCreated   = "Created"
	DeliveryRuns      = "InProgress"
	DeliveryReady     = "Ready"
	DeliverySucceeded = "Succeeded"
	DeliveryFailed    = "Failed"
	DeliveryStopped   = "Stopped"
)

// AllAtOnce is the configuration that rollbacks use.
const AllAtOnce = "CodeDeployDefault.ECSAllAtOnce"

// Creators of a delivery.
const (
	ByUser     = "user"
	ByRollback = "codeDeployRollback"
)

// Order is what a CodeDeploy deployment is to do.
type Order struct {
	Application, Group, Config, Description, Region string
	Service                                         *Service
	Definition                                      *Definition
	// LoadBalancer is the container and port that the AppSpec names.
	LoadBalancer LoadBalancer
	// TargetGroups are the deployment group's two, by ARN.
	TargetGroups [2]string
	// Production and Test are listeners, by ARN; Test may be empty.
	Production, Test []string
	Routing          Routing
	// ReadyWait is for how many minutes traffic waits for Continue before the
	// delivery is stopped; below 0 it does not wait.
	ReadyWait int
	// TerminationWait is for how many minutes the old tasks are kept.
	TerminationWait int
	// Alarms stop the delivery; none where they are not enabled.
	Alarms []string
	// OnFailure, OnAlarm and OnStop say what is rolled back.
	OnFailure, OnAlarm, OnStop bool
	// Shown is what the new task set shows, as in Settings.
	Shown map[string]any
	// Revision and Info are given back as they are.
	Revision, Info map[string]any
}

// Delivery is a CodeDeploy deployment to ECS.
type Delivery struct {
	Order
	ID, Status, Creator         string
	Created, Started, Completed time.Time
	// Updated is when its target changed last; Waiting when the wait before the old
	// tasks end began.
	Updated, Waiting        time.Time
	ErrorCode, ErrorMessage string
	// RollbackID is the delivery that undoes this one, RollbackOf the one that this
	// one undoes.
	RollbackID, RollbackOf, RollbackMessage string
	Events                                  []Lifecycle
	// Blue served before, Green is to serve; Green is nil until it is made.
	Blue, Green *Set
	// Weight is the share of Green in the traffic, in percent.
	Weight int

	world  *World
	script script
	phase  phase
	waited int
	of     *Delivery
}

// Refusal is an error that CodeDeploy answers with.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(code, format string, args ...any) error {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// Deliver starts a CodeDeploy deployment. The error is a *Refusal.
func (w *World) Deliver(o Order) (*Delivery, error) {
	s := o.Service
	// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
	if s.delivery != nil {
		return nil, refuse("DeploymentLimitExceededException", "The Deployment Group '%s' already has an active Deployment '%s'",
			s.delivery.Group, s.delivery.ID)
	}
	if _, err := o.groups(); err != nil {
		return nil, err
	}
	d := w.newDelivery(o, ByUser, w.scriptOf(o.Definition))
	d.Blue = s.Primary()
	s.begin(d)
	return d, nil
}

// groups orders the target groups: the one that serves and the other.
func (o *Order) groups() ([2]string, error) {
	p := o.Service.Primary()
	if p == nil || len(p.LoadBalancers) == 0 {
		return o.TargetGroups, refuse("InvalidECSServiceException", "The ECS service %s has no primary task set with a load balancer", o.Service.Name)
	}
	switch p.LoadBalancers[0].TargetGroup {
	case o.TargetGroups[0]:
		return o.TargetGroups, nil
	case o.TargetGroups[1]:
		return [2]string{o.TargetGroups[1], o.TargetGroups[0]}, nil
	}
	return o.TargetGroups, refuse("InvalidTargetGroupPairException",
		"The primary task set of ECS service %s is in target group %s, which is not one of the deployment group's", o.Service.Name, p.LoadBalancers[0].TargetGroup)
}

func (w *World) newDelivery(o Order, creator string, sc script) *Delivery {
	now := w.now()
	d := &Delivery{
		Order: o, ID: deliveryID(), Status: DeliveryCreated, Creator: creator, Created: now, Updated: now,
		Events: newLifecycle(), world: w, script: sc,
	}
	w.deliveries[d.ID] = d
	w.order = append(w.order, d.ID)
	return d
}

func (s *Service) begin(d *Delivery) {
	s.delivery = d
	s.next = s.world.now().Add(d.script.step)
}

// Delivery finds a delivery by its id, or nil.
func (w *World) Delivery(id string) *Delivery { return w.deliveries[id] }

// Deliveries are all of them, newest first.
func (w *World) Deliveries() []*Delivery {
	var out []*Delivery
	for i := len(w.order) - 1; i >= 0; i-- {
		out = append(out, w.deliveries[w.order[i]])
	}
	return out
}

// Done says that the delivery has ended.
func (d *Delivery) Done() bool {
	return d.Status == DeliverySucceeded || d.Status == DeliveryFailed || d.Status == DeliveryStopped
}

// Continue ends a wait: READY_WAIT lets traffic move, TERMINATION_WAIT ends the
// old tasks. The error is a *Refusal.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
func (d *Delivery) Continue(wait string) error {
	switch {
	case wait != "READY_WAIT" && wait != "TERMINATION_WAIT":
		return refuse("InvalidDeploymentWaitTypeException", "Deployment wait type %q is invalid, want READY_WAIT or TERMINATION_WAIT", wait)
	case d.Done():
		return refuse("DeploymentAlreadyCompletedException", "Deployment %s is already completed: it is %s", d.ID, d.Status)
	case wait == "READY_WAIT" && d.phase == phaseReady:
		d.Status, d.phase = DeliveryRuns, phaseShift
		d.begin(beforeAllowTraffic, d.world.now())
	case wait == "TERMINATION_WAIT" && d.phase == phaseTerminate:
		d.waited = d.TerminationWait
	default:
		return refuse("DeploymentIsNotInReadyStateException", "Deployment %s is not in the state that %s ends: it is %s", d.ID, wait, d.Status)
	}
	d.Updated = d.world.now()
	return nil
}

// Stop stops a delivery, and rolls it back if that is asked for; nil leaves it to
// the deployment group. The error is a *Refusal.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
func (d *Delivery) Stop(rollback *bool) error {
	if d.Done() {
		return refuse("DeploymentAlreadyCompletedException", "Deployment %s is already completed: it is %s", d.ID, d.Status)
	}
	undo := d.OnStop
	if rollback != nil {
		undo = *rollback
	}
	d.end(DeliveryStopped, "MANUAL_STOP", "The deployment was stopped by a user.", undo, d.world.now())
	return nil
}
