package play

import (
	"fmt"
	"strings"
	"time"
)

// Statuses of a task:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
const (
	Provisioning = "PROVISIONING"
	Pending      = "PENDING"
	Running      = "RUNNING"
	Deactivating = "DEACTIVATING"
	Stopped      = "STOPPED"
)

// Task is one task of a service.
type Task struct {
	ID, ARN string
	// StartedBy is the id of its deployment or task set.
	StartedBy  string
	Service    *Service
	Definition *Definition
	// Status is what it is, see the constants.
	Status                                  string
	Created, Started, StoppingAt, StoppedAt time.Time
	// StopCode, Reason and Exit say why it stopped; Exit is of every container.
	StopCode, Reason string
	Exit             int
	// Address is what target groups know it by.
	Address string
	// Target is how a load balancer finds it: "", initial, healthy, unhealthy or
	// draining.
	Target string
	// Shown is as in Settings.
	Shown         map[string]any
	LoadBalancers []LoadBalancer

	outcome Outcome
	checks  int
}

// Stopping says that the task is to stop, or has.
func (t *Task) Stopping() bool { return t.Status == Deactivating || t.Status == Stopped }

// Healthy says that the task runs and passes every check that it has.
func (t *Task) Healthy() bool { return t.Status == Running && t.Target == targetHealthy }

// States of a target:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
const (
	targetInitial   = "initial"
	targetHealthy   = "healthy"
	targetUnhealthy = "unhealthy"
	targetDraining  = "draining"
)

// Stop codes:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
const (
	exited      = "EssentialContainerExited"
	byScheduler = "ServiceSchedulerInitiated"
	byUser      = "UserInitiated"
)

// FailedContainerChecks is why a task stops whose container's own check fails.
const FailedContainerChecks = "Task failed container health checks"

// failedChecks is how many checks in a row a load balancer needs to call a target
// unhealthy; a check takes a step.
const failedChecks = 2

// launch starts n tasks of a set.
func (s *Service) launch(set *Set, n int, at time.Time) {
	var names []string
	for range n {
		t := &Task{
			ID: taskID(), StartedBy: set.ID, Service: s, Definition: set.Definition, Status: Provisioning, Created: at,
			Address: s.world.address(), Shown: set.Shown, LoadBalancers: set.LoadBalancers, outcome: set.script.outcome,
		}
		cluster := s.ClusterARN[strings.LastIndexByte(s.ClusterARN, '/')+1:]
		t.ARN = strings.SplitN(s.ARN, ":service/", 2)[0] + ":task/" + cluster + "/" + t.ID
		set.Tasks = append(set.Tasks, t)
		names = append(names, "(task "+t.ID+")")
	}
	if n == 0 || set.script.outcome == Stuck {
		return
	}
	s.tell(at, "%s has started %d tasks: %s.", s.subject(set), n, strings.Join(names, " "))
}

// move takes a task a step further.
func (s *Service) move(set *Set, t *Task, at time.Time) {
	switch t.Status {
	case Provisioning:
		t.Status = Pending
	case Pending:
		if t.outcome == Stuck {
			return
		}
		t.Status, t.Started, t.Target = Running, at, targetInitial
		s.tellTargets(set, at, "registered", 1)
	case Running:
		s.check(set, t, at)
	case Deactivating:
		t.Status, t.StoppedAt, t.Target = Stopped, at, ""
		s.stopped = append([]*Task{t}, s.stopped...)
		s.stopped = s.stopped[:min(len(s.stopped), keptTasks)]
	}
}

// keptTasks is how many stopped tasks are kept; AWS keeps them for an hour at
// least.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
const keptTasks = 100

// check looks at a running task.
func (s *Service) check(set *Set, t *Task, at time.Time) {
	switch t.outcome {
	case Crash:
		t.Exit = 1
		s.stop(t, exited, "Essential container in task exited", at)
		s.fail(set)
	case Unhealthy:
		t.checks++
		if t.checks < failedChecks {
			return
		}
		if t.Target == targetInitial {
			t.Target = targetUnhealthy
			for _, lb := range set.LoadBalancers {
				s.tell(at, "%s (task %s) (port %d) is unhealthy in (target-group %s) due to (reason Health checks failed).", s.subject(nil), t.ID, lb.Port, lb.TargetGroup)
			}
			return
		}
		reason := FailedContainerChecks
		if len(set.LoadBalancers) > 0 {
			reason = fmt.Sprintf("Task failed ELB health checks in (target-group %s)", set.LoadBalancers[0].TargetGroup)
		}
		s.stop(t, byScheduler, reason, at)
		s.fail(set)
	default:
		t.Target = targetHealthy
	}
}

func (s *Service) fail(set *Set) {
	set.FailedTasks++
	// ECS waits longer between restarts of tasks that fail again and again:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
	if breaker := s.Breaker && set.State == InProgress; !breaker {
		set.held = min(set.FailedTasks, 60)
	}
}

// stop begins to stop a task; a step later it has stopped.
func (s *Service) stop(t *Task, code, reason string, at time.Time) {
	if t.Stopping() {
		return
	}
	t.StopCode, t.Reason, t.StoppingAt = code, reason, at
	if t.Target != "" {
		t.Target = targetDraining
	}
	t.Status = Deactivating
}

// StopTask stops a task on a caller's behalf; the service replaces it.
func (t *Task) StopTask(reason string) {
	if reason == "" {
		reason = "Task stopped by user"
	}
	t.Service.stop(t, byUser, reason, t.Service.world.now())
	t.Service.wake()
}
