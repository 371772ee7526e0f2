package play

import (
	"math"
	"slices"
	"time"
)

// Statuses of a Set.
const (
	StatusPrimary  = "PRIMARY"
	StatusActive   = "ACTIVE"
	StatusDraining = "DRAINING"
)

// Rollout states of a rolling deployment.
const (
	InProgress = "IN_PROGRESS"
	Completed  = "COMPLETED"
	Failed     = "FAILED"
)

// LoadBalancer is a target group that a service registers its tasks with.
type LoadBalancer struct {
	TargetGroup, Container string
	Port                   int
}

// Settings are what a caller of ECS decides about a service.
type Settings struct {
	Desired       int
	LoadBalancers []LoadBalancer
	// MinHealthy and MaxTotal are in percent of Desired; 0 of MaxTotal is AWS's
	// default, 100 and 200.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
	MinHealthy, MaxTotal int
	// Breaker turns the circuit breaker on, BreakerRollback its rollback.
	Breaker, BreakerRollback bool
	// Alarms are the rollback alarms, none where they are not enabled.
	Alarms        []string
	AlarmRollback bool
	// LaunchType and so on are shown with each set and task, as they were given.
	Shown map[string]any
}

// Service is an ECS service.
type Service struct {
	Settings
	ARN, Name, ClusterARN, Region string
	// CodeDeploy says that CodeDeploy controls its deployments.
	CodeDeploy bool
	// Sets are its deployments, or under CodeDeploy its task sets, newest first.
	Sets []*Set
	// Events are newest first, as DescribeServices has them.
	Events []Event

	world *World
	next  time.Time
	// good is what a failed deployment rolls back to.
	good     *good
	stopped  []*Task
	delivery *Delivery
	// rung is the alarm that a play has set off.
	rung string
}

type good struct {
	id         string
	definition *Definition
}

// Set is a deployment of a service, or under CodeDeploy a task set.
type Set struct {
	ID, Status string
	Definition *Definition
	// State and Reason are the rollout of a deployment; empty for a task set.
	State, Reason    string
	FailedTasks      int
	Created, Updated time.Time
	LoadBalancers    []LoadBalancer
	// ExternalID is the CodeDeploy deployment that made a task set; Scale is in
	// percent of the service's desired count.
	ExternalID string
	Scale      int
	Tasks      []*Task
	// Shown is as in Settings, at the time of the deployment.
	Shown map[string]any

	script script
	// blind says that alarms are ignored, baked for how many steps all was well.
	blind bool
	baked int
	// held is how many steps no task is started.
	held int
	// told says that an event told of a lack of capacity, announced of a steady state.
	told, announced bool
}

// Create plays a new service. Its first deployment starts at once; one of no
// tasks is complete.
func (w *World) Create(s Service, d *Definition) *Service {
	made := &s
	made.world = w
	w.services[s.ARN] = made
	if s.CodeDeploy {
		made.Sets = []*Set{made.newSet(d, w.scriptOf(d), 100)}
		made.Sets[0].Status = StatusPrimary
		if made.Desired > 0 {
			made.wake()
		}
		return made
	}
	made.deploy(d, w.scriptOf(d))
	return made
}

// Delete forgets a service, its tasks and its deployments.
func (w *World) Delete(arn string) {
	if s := w.services[arn]; s != nil && s.delivery != nil {
		s.delivery.end(DeliveryFailed, "INVALID_ECS_SERVICE", "The ECS service "+s.Name+" was deleted.", false, w.now())
	}
	delete(w.services, arn)
}

// Update takes over changed settings, and starts a rolling deployment where d is
// given.
func (s *Service) Update(settings Settings, d *Definition) {
	s.Settings = settings
	if d != nil && !s.CodeDeploy {
		s.deploy(d, s.world.scriptOf(d))
		return
	}
	for _, set := range s.Sets {
		set.Updated = s.world.now()
	}
	s.wake()
}

func (s *Service) newSet(d *Definition, sc script, scale int) *Set {
	now := s.world.now()
	return &Set{
		ID: setID(), Status: StatusActive, Definition: d, Created: now, Updated: now, LoadBalancers: s.LoadBalancers, Scale: scale,
		Shown: s.Shown, script: sc,
	}
}

// Primary is the set that is to serve, or nil.
func (s *Service) Primary() *Set {
	for _, set := range s.Sets {
		if set.Status == StatusPrimary {
			return set
		}
	}
	return nil
}

// Set finds a set by its id, or nil.
func (s *Service) Set(id string) *Set {
	for _, set := range s.Sets {
		if set.ID == id {
			return set
		}
	}
	return nil
}

// AllTasks are the tasks of every set and those that have stopped.
func (s *Service) AllTasks() []*Task {
	var out []*Task
	for _, set := range s.Sets {
		out = append(out, set.Tasks...)
	}
	return append(out, s.stopped...)
}

// Count is how many tasks run and how many are pending, over all sets.
func (s *Service) Count() (running, pending int) {
	for _, set := range s.Sets {
		r, p := set.Count()
		running, pending = running+r, pending+p
	}
	return running, pending
}

// Count is how many of the set's tasks run and how many are pending.
func (s *Set) Count() (running, pending int) {
	for _, t := range s.Tasks {
		switch {
		case t.Stopping():
		case t.Status == Running:
			running++
		default:
			pending++
		}
	}
	return running, pending
}

// active is how many tasks are not on their way out.
func (s *Set) active() int {
	running, pending := s.Count()
	return running + pending
}

func (s *Set) healthy() int {
	n := 0
	for _, t := range s.Tasks {
		if t.Healthy() {
			n++
		}
	}
	return n
}

// Want is how many tasks the set is to have, rounded up as ECS does:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
func (s *Service) Want(set *Set) int {
	if !s.CodeDeploy {
		if set.Status == StatusPrimary {
			return s.Desired
		}
		return 0
	}
	return int(math.Ceil(float64(s.Desired) * float64(set.Scale) / 100))
}

// Steady says that a set has exactly the tasks that it is to have, all healthy.
func (s *Service) Steady(set *Set) bool {
	want := s.Want(set)
	return set.healthy() == want && len(set.Tasks) == want
}

// remove drops sets that have no tasks left.
func (s *Service) remove(gone func(*Set) bool) { s.Sets = slices.DeleteFunc(s.Sets, gone) }
