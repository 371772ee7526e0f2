package play

import (
	"fmt"
	"math"
	"time"
)

// deploy starts a rolling deployment. The ones before it are replaced.
func (s *Service) deploy(d *Definition, sc script) *Set { return s.put(s.newSet(d, sc, 100)) }

// put makes a set the primary deployment.
func (s *Service) put(set *Set) *Set {
	for _, old := range s.Sets {
		old.Status = StatusActive
	}
	set.Status, set.State, set.Reason = StatusPrimary, InProgress, fmt.Sprintf("ECS deployment %s in progress.", set.ID)
	s.Sets = append([]*Set{set}, s.Sets...)
	s.forget()
	// Alarms that ring already are not watched during the whole deployment:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
	set.blind = len(s.Alarms) == 0 || len(s.alarming()) > 0
	if s.Desired == 0 && s.tasks() == 0 {
		s.complete(set, s.world.now())
		return set
	}
	s.wake()
	return set
}

// forget drops older deployments without tasks. One that has failed is shown
// until the next one completes.
func (s *Service) forget() {
	s.remove(func(set *Set) bool { return set.Status == StatusActive && len(set.Tasks) == 0 && set.State != Failed })
}

func (s *Service) tasks() int {
	n := 0
	for _, set := range s.Sets {
		n += len(set.Tasks)
	}
	return n
}

func (s *Service) step(at time.Time) {
	for _, set := range s.Sets {
		for _, t := range append([]*Task{}, set.Tasks...) {
			s.move(set, t, at)
		}
		set.drop()
	}
	if s.CodeDeploy {
		s.stepSets(at)
		return
	}
	p := s.Primary()
	if p == nil {
		return
	}
	s.judge(p, at)
	p = s.Primary()
	s.forget()
	s.start(p, at)
	s.replace(p, at)
	s.tellStuck(p, at)
	s.finish(p, at)
}

// drop forgets the tasks that have stopped.
func (s *Set) drop() {
	kept := s.Tasks[:0]
	for _, t := range s.Tasks {
		if t.Status != Stopped {
			kept = append(kept, t)
		}
	}
	s.Tasks = kept
}

// limits are how many tasks must be healthy and how many may run at once. The
// upper one is rounded down, the lower one up:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (s *Service) limits() (least, most int) {
	low, high := s.MinHealthy, s.MaxTotal
	if high == 0 {
		low, high = 100, 200
	}
	least = int(math.Ceil(float64(s.Desired) * float64(low) / 100))
	return least, s.Desired * high / 100
}

// start launches tasks of the primary deployment as far as the limit allows. A
// failed deployment launches none.
func (s *Service) start(p *Set, at time.Time) {
	if p.held > 0 {
		p.held--
		return
	}
	if p.State == Failed {
		return
	}
	_, most := s.limits()
	all := 0
	for _, set := range s.Sets {
		all += set.active()
	}
	s.launch(p, max(0, min(s.Desired-p.active(), most-all)), at)
}

// replace stops what is too much: surplus tasks of the primary deployment, and
// those of older ones as far as enough healthy ones stay.
func (s *Service) replace(p *Set, at time.Time) {
	s.shrink(p, s.Desired, at)
	if p.State == Failed {
		return
	}
	least, _ := s.limits()
	spare := -least
	for _, set := range s.Sets {
		spare += set.healthy()
	}
	for _, set := range s.Sets {
		if set == p {
			continue
		}
		var stopping []*Task
		for _, t := range set.Tasks {
			if t.Stopping() || t.Healthy() && spare <= 0 {
				continue
			}
			if t.Healthy() {
				spare--
			}
			stopping = append(stopping, t)
		}
		s.stopAll(set, stopping, at)
	}
}

// shrink stops tasks of a set above a number, the ones that are not healthy first.
func (s *Service) shrink(set *Set, want int, at time.Time) {
	surplus := set.active() - want
	var stopping []*Task
	for _, sick := range []bool{true, false} {
		for _, t := range set.Tasks {
			if surplus > 0 && !t.Stopping() && t.Healthy() != sick {
				stopping = append(stopping, t)
				surplus--
			}
		}
	}
	s.stopAll(set, stopping, at)
}

func (s *Service) stopAll(set *Set, tasks []*Task, at time.Time) {
	for _, t := range tasks {
		s.stop(t, byScheduler, fmt.Sprintf("Scaling activity initiated by (deployment %s)", set.ID), at)
	}
	s.tellStopping(set, at, tasks)
}

// bakeSteps is how long all tasks must have been healthy, and the alarms quiet.
// ECS computes the time from the alarms' periods:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
const bakeSteps = 3

// finish completes a deployment whose tasks all run, alone, for some time, and
// whose alarms stayed quiet.
func (s *Service) finish(p *Set, at time.Time) {
	if p.State != InProgress || !s.Steady(p) || s.tasks() != len(p.Tasks) {
		return
	}
	p.baked++
	if !p.blind && p.script.outcome == Alarm {
		s.ring(s.Alarms, at)
	}
	if p.baked > bakeSteps {
		s.complete(p, at)
	}
}

func (s *Service) complete(p *Set, at time.Time) {
	p.State, p.Reason, p.Updated = Completed, fmt.Sprintf("ECS deployment %s completed.", p.ID), at
	s.Sets = []*Set{p}
	s.good = &good{p.ID, p.Definition}
	s.calm()
	// What has been completed stays healthy: tasks that are added or replaced later
	// are like those that run.
	p.script.outcome = Healthy
	s.tell(at, "%s (deployment %s) deployment completed.", s.subject(nil), p.ID)
	s.tell(at, "%s has reached a steady state.", s.subject(nil))
}

// settled says that no step would change anything until a caller does.
func (s *Service) settled() bool {
	if s.delivery != nil {
		return false
	}
	p := s.Primary()
	failed := p != nil && p.State == Failed
	for _, set := range s.Sets {
		switch want := s.Want(set); {
		case set.State == InProgress && set.script.outcome != Stuck, set.Status == StatusDraining:
			return false
		case failed:
			// Nothing is started or stopped any more.
			if set.healthy() != len(set.Tasks) {
				return false
			}
		case set.script.outcome == Stuck && set.told:
			if !stuckAlready(set, want) {
				return false
			}
		case s.CodeDeploy || set == p:
			if !s.Steady(set) {
				return false
			}
		}
	}
	return true
}

// stuckAlready says that as many tasks are pending for good as are wanted.
func stuckAlready(set *Set, want int) bool {
	for _, t := range set.Tasks {
		if t.Status != Pending {
			return false
		}
	}
	return len(set.Tasks) == want
}
