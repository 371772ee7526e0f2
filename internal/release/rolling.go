package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// grace is how long ECS may take to begin a deployment, or the rollback of one
// that failed.
const grace = 2 * time.Minute

// rollingRun follows one deployment of ECS's own kind.
type rollingRun struct {
	*run
	target string // the revision's ARN

	since  time.Time // when the revision was registered, by AWS's clock
	seen   bool      // ECS had a deployment of it
	failed time.Time // when ECS gave it up
	why    trouble
}

// roll follows ECS's deployment of a revision to its end.
func (r *run) roll(ctx context.Context, target string) (*ending, error) {
	definition, _, err := r.definition(ctx, target)
	if err != nil {
		return nil, err
	}
	f := &rollingRun{run: r, target: target, since: aws.ToTime(definition.RegisteredAt)}
	begin := r.Clock.Now()
	for {
		s, err := r.service(ctx)
		if err != nil {
			return nil, err
		}
		f.tellEvents(s)
		if err := f.listen(ctx, &f.why); err != nil {
			return nil, err
		}
		if e, err := f.look(ctx, s, r.Clock.Now().Sub(begin)); e != nil || err != nil {
			return e, err
		}
		more, err := r.wait(ctx)
		if err != nil {
			return nil, err
		}
		if !more {
			return f.stuck(ctx, s)
		}
	}
}

// look judges a state of the service; nil while it is open.
func (f *rollingRun) look(ctx context.Context, s *types.Service, waited time.Duration) (*ending, error) {
	primary, ours := f.find(s)
	f.tell(s)
	if ours != nil {
		f.seen = true
		if ours.FailedTasks > 0 || ours.RolloutState == types.DeploymentRolloutStateFailed {
			if err := f.diagnose(ctx, f.target, &f.why); err != nil {
				return nil, err
			}
		}
		if ours.RolloutState == types.DeploymentRolloutStateFailed && f.failed.IsZero() {
			f.failed = f.Clock.Now()
			f.why.verdict = aws.ToString(ours.RolloutStateReason)
			f.told.say("ECS gives %s up: %s", shortRevision(f.target), f.why.verdict)
		}
	}
	switch {
	case primary == nil:
		return nil, nil
	case primary == ours && ours.DesiredCount == 0 && waited < grace:
		return nil, nil // autoscaling may not have raised the count yet
	case primary == ours && ours.RolloutState == types.DeploymentRolloutStateCompleted && ours.RunningCount >= ours.DesiredCount:
		return f.succeeded(ours), nil
	case primary == ours && !f.failed.IsZero() && f.Clock.Now().Sub(f.failed) > grace:
		return &ending{
			verdict: Stuck, cause: f.why.text("the deployment failed, and ECS has no earlier version to go back to"), page: "deployment-failed",
			next: "nothing serves, or what is left of it: mend the image and release it",
		}, nil
	case primary == ours, !f.seen && waited < grace && !f.over(primary):
		return nil, nil
	case primary.RolloutState == types.DeploymentRolloutStateCompleted:
		if err := f.diagnose(ctx, f.target, &f.why); err != nil {
			return nil, err
		}
		f.why.verdict = cmp.Or(f.why.verdict, f.said(s))
		return &ending{
			verdict: RolledBack, page: "deployment-failed",
			cause: f.why.text(fmt.Sprintf("ECS went back to %s", shortRevision(aws.ToString(primary.TaskDefinition)))),
		}, nil
	case primary.RolloutState == types.DeploymentRolloutStateFailed:
		return &ending{
			verdict: Stuck, page: "deployment-failed", cause: f.why.text("the way back failed as well: " + aws.ToString(primary.RolloutStateReason)),
			next: "release an image that is known to be good: `" + f.again() + " --rollback`",
		}, nil
	}
	return nil, nil
}

// over tells that the revision's deployment began and ended before anybody
// looked: the service's is a later one.
func (f *rollingRun) over(primary *types.Deployment) bool {
	return !f.since.IsZero() && aws.ToTime(primary.CreatedAt).After(f.since)
}

// said is what ECS reported of a failed deployment since the revision exists.
func (f *rollingRun) said(s *types.Service) string {
	for _, e := range s.Events { // the newest comes first
		if m := aws.ToString(e.Message); strings.Contains(m, "deployment failed") && !aws.ToTime(e.CreatedAt).Before(f.since) {
			return m
		}
	}
	return ""
}

// find returns the service's primary deployment and the one of the revision.
func (f *rollingRun) find(s *types.Service) (primary, ours *types.Deployment) {
	for i := range s.Deployments {
		d := &s.Deployments[i]
		if aws.ToString(d.Status) == "PRIMARY" {
			primary = d
		}
		if aws.ToString(d.TaskDefinition) == f.target && (ours == nil || aws.ToTime(d.CreatedAt).After(aws.ToTime(ours.CreatedAt))) {
			ours = d
		}
	}
	return primary, ours
}

func (f *rollingRun) succeeded(d *types.Deployment) *ending {
	return &ending{
		verdict: Succeeded,
		cause:   fmt.Sprintf("all traffic reaches %s: %s, healthy", shortRevision(f.target), tasks(d.RunningCount)),
	}
}

func (f *rollingRun) stuck(ctx context.Context, s *types.Service) (*ending, error) {
	if err := f.diagnose(ctx, f.target, &f.why); err != nil {
		return nil, err
	}
	what := fmt.Sprintf("no end after %s: %s", f.Options.Timeout, states(s))
	if len(s.Events) > 0 {
		what += "; ECS: " + aws.ToString(s.Events[0].Message)
	}
	return &ending{
		verdict: Stuck, cause: f.why.text(what), page: "tasks-below-desired",
		next: "the deployment goes on: `" + f.again() + " --watch` follows it again, --rollback ends it",
	}, nil
}

// tell writes how far the deployments are.
func (f *rollingRun) tell(s *types.Service) { f.told.state("%s", states(s)) }

// states is a service's deployments in a line, the newest first.
func states(s *types.Service) string {
	deployments := slices.Clone(s.Deployments)
	slices.SortStableFunc(deployments, func(a, b types.Deployment) int {
		return cmp.Or(aws.ToTime(b.CreatedAt).Compare(aws.ToTime(a.CreatedAt)), cmp.Compare(aws.ToString(a.Id), aws.ToString(b.Id)))
	})
	var parts []string
	for _, d := range deployments {
		part := fmt.Sprintf("%s %s: %d of %d running", shortRevision(aws.ToString(d.TaskDefinition)),
			strings.ToLower(strings.ReplaceAll(string(d.RolloutState), "_", " ")), d.RunningCount, d.DesiredCount)
		if d.PendingCount > 0 {
			part += fmt.Sprintf(", %d pending", d.PendingCount)
		}
		if d.FailedTasks > 0 {
			part += fmt.Sprintf(", %d failed", d.FailedTasks)
		}
		parts = append(parts, part)
	}
	for _, set := range s.TaskSets {
		parts = append(parts, fmt.Sprintf("%s %s: %d of %d running", shortRevision(aws.ToString(set.TaskDefinition)),
			strings.ToLower(aws.ToString(set.Status)), set.RunningCount, set.ComputedDesiredCount))
	}
	return strings.Join(parts, "; ")
}

// tellEvents writes what ECS said since the release began. Several events can be of
// one time.
func (f *rollingRun) tellEvents(s *types.Service) {
	newest := f.events
	for i := len(s.Events) - 1; i >= 0; i-- { // the newest comes first
		if at := aws.ToTime(s.Events[i].CreatedAt); at.After(f.events) {
			newest = at
			f.told.say("ECS: %s", aws.ToString(s.Events[i].Message))
		}
	}
	f.events = newest
}
