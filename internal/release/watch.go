package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Watch follows the deployment that is on its way, which another run has begun
// and lost, to its verdict. If none is, it says what came of the last one.
func (r Releaser) Watch(ctx context.Context) (*Report, error) {
	n, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return n.end(n.watch(ctx))
}

func (r *run) watch(ctx context.Context) error {
	s, err := r.service(ctx)
	if err != nil {
		return err
	}
	asked, err := r.asked(ctx, s)
	if err != nil {
		return err
	}
	r.out.TaskDefinition = asked
	_, image, err := r.definition(ctx, asked)
	if err != nil {
		return err
	}
	r.report.Image = r.own(image)
	r.told.say("following %s, %s", shortRevision(asked), r.report.Image)
	if r.out.codeDeploy() && live(s) != asked {
		id, err := r.delivery(ctx)
		if err != nil {
			return err
		}
		if id == "" {
			return r.past(ctx)
		}
	}
	return r.follow(ctx, false)
}

// asked is the revision that the last release wanted: of what Pulumi knows and what
// AWS deploys, the newest. While AWS deploys nothing it is the newest that is
// registered, if that is newer: a run that was killed during its update could not
// tell Pulumi of it, and AWS may have gone back from it since.
func (r *run) asked(ctx context.Context, s *ecstypes.Service) (string, error) {
	known, busy := []string{r.out.TaskDefinition}, false
	for _, d := range s.Deployments {
		known = append(known, aws.ToString(d.TaskDefinition))
		busy = busy || d.RolloutState == ecstypes.DeploymentRolloutStateInProgress
	}
	if r.out.codeDeploy() {
		d, _, err := r.flight(ctx)
		if err != nil {
			return "", err
		}
		if busy = d != nil; busy {
			revision, err := r.revisionOf(ctx, d)
			if err != nil {
				return "", err
			}
			known = append(known, revision)
		}
	}
	if !busy {
		newest, err := r.newest(ctx)
		if err != nil {
			return "", err
		}
		known = append(known, newest)
	}
	return slices.MaxFunc(known, func(a, b string) int { return number(a) - number(b) }), nil
}

// number is a revision's, 0 if there is none.
func number(arn string) int {
	n, err := strconv.Atoi(arn[strings.LastIndexByte(arn, ':')+1:])
	if err != nil {
		return 0
	}
	return n
}

// past says what came of CodeDeploy's last deployment.
func (r *run) past(ctx context.Context) error {
	last, err := r.last(ctx)
	if err != nil {
		return err
	}
	brought := ""
	if last != nil {
		if brought, err = r.revisionOf(ctx, last); err != nil {
			return err
		}
	}
	if brought != r.out.TaskDefinition {
		if err := r.settled(ctx, brought); err != nil {
			return err
		}
	}
	r.report.Revision = shortRevision(r.out.TaskDefinition)
	r.deadline = r.Clock.Now().Add(r.Options.Timeout)
	e, err := (&deliveryRun{run: r, id: aws.ToString(last.DeploymentId)}).follow(ctx)
	if err == nil {
		err = r.conclude(ctx, e, false)
	}
	return r.goesOn(ctx, err)
}

// settled takes the last deployment for what was asked for, where Pulumi's newest
// revision has the image that serves: an update has set its state back since, or
// has changed settings that reach tasks with the next release.
func (r *run) settled(ctx context.Context, brought string) error {
	serves, err := r.serving(ctx)
	if err != nil {
		return err
	}
	if brought == "" || digestOf(serves.Image) != digestOf(r.report.Image) {
		return errors.New("the stack was updated and its deployment never began: run `evenkeel release` again with the same image")
	}
	r.isSettled, r.out.TaskDefinition = true, brought
	_, image, err := r.definition(ctx, r.out.TaskDefinition)
	r.report.Image = r.own(image)
	return err
}

// Rollback returns to the last image that served all traffic, other than the one
// that was asked for last.
func (r Releaser) Rollback(ctx context.Context) (*Report, error) {
	n, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return n.end(n.rollback(ctx, ""))
}

// RollbackTo returns to an image. Unlike a release it does not ask whether an
// alarm rings or what a scan has found: one that rings is why somebody goes back.
func (r Releaser) RollbackTo(ctx context.Context, image string) (*Report, error) {
	n, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return n.end(n.rollback(ctx, image))
}

// rollback goes back to an image, without one to the last good one.
func (r *run) rollback(ctx context.Context, to string) error {
	if to != "" {
		r.report.Image = to
		absent, err := r.absent(ctx, to)
		if err != nil {
			return err
		}
		if len(absent) > 0 {
			r.refuse(absent)
			return nil
		}
	}
	if r.out.codeDeploy() {
		d, back, err := r.flight(ctx)
		if err != nil {
			return err
		}
		if d != nil {
			err := r.stop(ctx, d, back)
			if err != nil || !r.report.OK() || to == "" || digestOf(r.report.Serving.Image) == digestOf(to) {
				return err
			}
		}
	}
	left := r.out.TaskDefinition
	_, newest, err := r.definition(ctx, left)
	if err != nil {
		return err
	}
	image := to
	if to == "" {
		image, err = r.good(ctx, newest)
	}
	if err != nil {
		return err
	}
	if image == "" {
		return fmt.Errorf("stack %s has no release to go back to: no other image that served all traffic (tag %s), and was not withdrawn, is known; "+
			"`%[3]s --rollback --image sha256:<digest>` names an image", r.Options.Stack, ReleasedTag, r.again())
	}
	r.told.say("going back from %s to %s", r.own(newest), r.own(image))
	if err := r.release(ctx, r.own(image), true); err != nil {
		return err
	}
	if r.report.OK() && digestOf(newest) != digestOf(image) {
		r.withdraw(ctx, left)
	}
	return nil
}

// own shortens an image of the stack's own repository to its digest.
func (r *run) own(image string) string {
	if repository, digest, ok := strings.Cut(image, "@"); ok && repository == r.out.RepositoryURL {
		return digest
	}
	return image
}

// stop ends a CodeDeploy deployment that is on its way, which takes all traffic
// back to the old tasks: they still run. One from which CodeDeploy goes back by
// itself is only followed.
func (r *run) stop(ctx context.Context, d *types.DeploymentInfo, back bool) error {
	f := &deliveryRun{run: r, id: aws.ToString(d.DeploymentId)}
	revision, err := r.revisionOf(ctx, d)
	if err != nil {
		return err
	}
	r.out.TaskDefinition = cmp.Or(revision, r.out.TaskDefinition)
	left := r.out.TaskDefinition
	_, image, err := r.definition(ctx, left)
	if err != nil {
		return err
	}
	if back {
		r.told.say("CodeDeploy goes back from deployment %s already", f.id)
	} else {
		r.told.say("stopping CodeDeploy deployment %s", f.id)
		f.stop = "stopped by --rollback"
		if err := f.halt(ctx); err != nil {
			return err
		}
	}
	r.report.Image = r.own(image)
	r.report.Revision = shortRevision(r.out.TaskDefinition)
	r.deadline = r.Clock.Now().Add(r.Options.Timeout)
	e, err := timed(r, "deployment", func() (*ending, error) { return f.follow(ctx) })
	if err == nil {
		err = r.conclude(ctx, e, false)
	}
	if err != nil {
		return r.goesOn(ctx, err)
	}
	if r.report.Verdict == RolledBack { // which is what was asked for
		if digestOf(image) != digestOf(r.report.Serving.Image) { // not a release of new settings only
			r.withdraw(ctx, left)
		}
		r.report.Verdict, r.report.Image, r.report.Revision = Succeeded, r.report.Serving.Image, r.report.Serving.Revision
	}
	return nil
}
