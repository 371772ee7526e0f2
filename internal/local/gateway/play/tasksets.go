package play

import "time"

// stepSets moves the task sets of a service under CodeDeploy: each has the tasks
// of its own scale, started and stopped all at once.
func (s *Service) stepSets(at time.Time) {
	for _, set := range s.Sets {
		want := s.Want(set)
		switch {
		case set.held > 0:
			set.held--
		case set.active() < want:
			s.launch(set, want-set.active(), at)
		}
		s.shrink(set, want, at)
		s.tellStuck(set, at)
		steady := s.Steady(set) && want > 0
		if steady && !set.announced {
			s.tell(at, "%s has reached a steady state.", s.subject(set))
		}
		set.announced = steady
	}
	s.remove(func(set *Set) bool { return set.Status == StatusDraining && len(set.Tasks) == 0 })
	if s.delivery != nil {
		s.delivery.step(at)
	}
}

// drain takes a task set out of service.
func (s *Service) drain(set *Set, at time.Time) {
	set.Status, set.Scale, set.Updated = StatusDraining, 0, at
	s.shrink(set, 0, at)
}

// promote makes a task set the one that serves.
func (s *Service) promote(set *Set, at time.Time) {
	for _, other := range s.Sets {
		if other.Status == StatusPrimary {
			other.Status, other.Updated = StatusActive, at
		}
	}
	set.Status, set.Updated = StatusPrimary, at
}
