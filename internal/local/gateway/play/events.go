package play

import (
	"fmt"
	"slices"
	"time"
)

// Event is a message of a service. The texts are AWS's:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
type Event struct {
	ID, Message string
	At          time.Time
}

// keptEvents is how many DescribeServices gives:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
const keptEvents = 100

func (s *Service) tell(at time.Time, format string, args ...any) {
	id := taskID()
	id = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	s.Events = slices.Insert(s.Events, 0, Event{ID: id, Message: fmt.Sprintf(format, args...), At: at})
	s.Events = s.Events[:min(len(s.Events), keptEvents)]
}

// subject begins an event's text.
func (s *Service) subject(set *Set) string {
	if s.CodeDeploy && set != nil {
		return fmt.Sprintf("(service %s, taskSet %s)", s.Name, set.ID)
	}
	return fmt.Sprintf("(service %s)", s.Name)
}

func (s *Service) tellTargets(set *Set, at time.Time, what string, n int) {
	for _, lb := range set.LoadBalancers {
		s.tell(at, "%s %s %d targets in (target-group %s)", s.subject(set), what, n, lb.TargetGroup)
	}
}

// tellStopping tells of tasks that are stopped because others replace them.
func (s *Service) tellStopping(set *Set, at time.Time, tasks []*Task) {
	if len(tasks) == 0 {
		return
	}
	names := ""
	for _, t := range tasks {
		names += " (task " + t.ID + ")"
	}
	if len(set.LoadBalancers) > 0 {
		s.tell(at, "%s has begun draining connections on %d tasks.", s.subject(set), len(tasks))
		s.tellTargets(set, at, "deregistered", len(tasks))
	}
	s.tell(at, "%s has stopped %d running tasks:%s.", s.subject(set), len(tasks), names)
}

// tellStuck tells once that tasks cannot be placed.
func (s *Service) tellStuck(set *Set, at time.Time) {
	if set.script.outcome != Stuck || set.told || len(set.Tasks) == 0 {
		return
	}
	set.told = true
	s.tell(at, "%s was unable to place a task. Reason: Capacity is unavailable at this time. "+
		"Please try again later or in a different availability zone.", s.subject(set))
	s.tell(at, "%s is unable to consistently start tasks successfully.", s.subject(set))
}
