package play

import (
	"fmt"
	"strings"
	"time"
)

// threshold is after how many failed tasks the circuit breaker opens: half the
// desired count, but 3 at least and 200 at most.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func threshold(desired int) int { return min(max((desired+1)/2, 3), 200) }

// judge fails a deployment for its tasks or its alarms; either may be first.
func (s *Service) judge(p *Set, at time.Time) {
	if p.State != InProgress {
		return
	}
	if s.Breaker && p.FailedTasks >= threshold(s.Desired) {
		s.failed(p, at, "circuit breaker", "tasks failed to start", s.BreakerRollback)
		return
	}
	if p.blind {
		return
	}
	if names := s.alarming(); len(names) > 0 {
		s.failed(p, at, "alarm", "alarm detected", s.AlarmRollback)
	}
}

// failed ends a deployment, and starts the one that undoes it where that is
// asked for and something to return to exists. The events' texts were seen on
// AWS, as was the reason of a circuit breaker; the reason of an alarm is made
// after it.
func (s *Service) failed(p *Set, at time.Time, by, why string, rollback bool) {
	p.State, p.Reason, p.Updated = Failed, fmt.Sprintf("ECS deployment %s: %s.", by, why), at
	s.tell(at, "%s (deployment %s) deployment failed: %s.", s.subject(nil), p.ID, why)
	if !rollback || s.good == nil {
		for _, t := range p.Tasks {
			if !t.Healthy() {
				s.stop(t, byScheduler, fmt.Sprintf("Scaling activity initiated by (deployment %s)", p.ID), at)
			}
		}
		return
	}
	to := s.good
	s.tell(at, "%s rolling back to deployment %s.", s.subject(nil), to.id)
	// AWS's way back has the id of the deployment that it goes back to, as users
	// have recorded it: internal/release/testdata/aws/rolling-breaker.json.
	back := s.newSet(to.definition, script{Healthy, p.script.step}, 100)
	back.ID = to.id
	s.put(back)
	back.Reason = fmt.Sprintf("ECS deployment %s: rolling back to deploymentId %s.", by, to.id)
	// The alarm still rings, for what is being undone.
	back.blind = true
	back.Created, back.Updated = at, at
	s.adopt(back)
}

// adopt gives a rollback the tasks of its task definition that still run, which
// is how AWS's rollback has running tasks from its first moment.
func (s *Service) adopt(back *Set) {
	for _, set := range s.Sets {
		if set == back || set.State != Completed || set.Definition.ARN != back.Definition.ARN {
			continue
		}
		for _, t := range set.Tasks {
			t.StartedBy = back.ID
		}
		back.Tasks, set.Tasks = append(back.Tasks, set.Tasks...), nil
	}
	s.remove(func(set *Set) bool { return set != back && set.State == Completed && len(set.Tasks) == 0 })
}

func (s *Service) alarming() []string { return s.world.alarming(s.Region, s.Alarms) }

func (w *World) alarming(region string, names []string) []string {
	if len(names) == 0 {
		return nil
	}
	key := region + " " + strings.Join(names, " ")
	ringing, asked := w.ringing[key]
	if asked {
		return ringing
	}
	ringing, err := w.effects.Alarming(region, names)
	if err != nil {
		w.report(fmt.Errorf("play: ask alarms %s: %w", strings.Join(names, ", "), err))
	}
	if w.ringing != nil {
		w.ringing[key] = ringing
	}
	return ringing
}

func (w *World) setAlarm(region, name, state, reason string) {
	clear(w.ringing)
	if err := w.effects.SetAlarm(region, name, state, reason); err != nil {
		w.report(fmt.Errorf("play: set alarm %s to %s: %w", name, state, err))
	}
}

// ring sets off the first alarm, once a service.
func (s *Service) ring(alarms []string, at time.Time) {
	if s.rung != "" || len(alarms) == 0 {
		return
	}
	s.rung = alarms[0]
	s.world.setAlarm(s.Region, s.rung, "ALARM", fmt.Sprintf("Threshold Crossed: played for service %s at %s", s.Name, at.UTC().Format(time.RFC3339)))
}

// calm ends the alarm that was set off, once what set it off is gone.
func (s *Service) calm() {
	if s.rung != "" {
		s.world.setAlarm(s.Region, s.rung, "OK", "played: what set it off serves no more")
	}
	s.rung = ""
}
