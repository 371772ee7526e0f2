package release

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
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

// asked is the revision that the last release wanted: of what Pulumi has
// registered and what AWS deploys, the newest.
func (r *run) asked(ctx context.Context, s *ecstypes.Service) (string, error) {
	out := r.out.TaskDefinition
	for _, d := range s.Deployments {
		if number(aws.ToString(d.TaskDefinition)) > number(out) {
			out = aws.ToString(d.TaskDefinition)
		}
	}
	if !r.out.codeDeploy() {
		return out, nil
	}
	id, err := r.delivery(ctx)
	if err != nil || id == "" {
		return out, err
	}
	for _, set := range s.TaskSets {
		if number(aws.ToString(set.TaskDefinition)) > number(out) {
			out = aws.ToString(set.TaskDefinition)
		}
	}
	return out, nil
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
	out, err := r.clients.CodeDeploy.ListDeployments(ctx, &codedeploy.ListDeploymentsInput{ApplicationName: &r.out.Application, DeploymentGroupName: &r.out.Group})
	if err != nil {
		return fmt.Errorf("ask CodeDeploy for deployments of %s: %w", r.out.Group, err)
	}
	var last *types.DeploymentInfo
	for _, id := range out.Deployments {
		d, err := r.clients.CodeDeploy.GetDeployment(ctx, &codedeploy.GetDeploymentInput{DeploymentId: &id})
		if err != nil {
			return fmt.Errorf("ask CodeDeploy for deployment %s: %w", id, err)
		}
		newer := last == nil || aws.ToTime(d.DeploymentInfo.CreateTime).After(aws.ToTime(last.CreateTime))
		if newer && (d.DeploymentInfo.RollbackInfo == nil || aws.ToString(d.DeploymentInfo.RollbackInfo.RollbackTriggeringDeploymentId) == "") {
			last = d.DeploymentInfo
		}
	}
	r.report.Revision = shortRevision(r.out.TaskDefinition)
	if last == nil || !mentions(last, r.out.TaskDefinition) {
		return errors.New("the stack was updated and its deployment never began: run `evenkeel release` again with the same image")
	}
	r.deadline = r.Clock.Now().Add(r.Options.Timeout)
	e, err := (&deliveryRun{run: r, id: aws.ToString(last.DeploymentId)}).follow(ctx)
	if err != nil {
		return err
	}
	return r.conclude(ctx, e, false)
}

func mentions(d *types.DeploymentInfo, revision string) bool {
	return d.Revision != nil && d.Revision.AppSpecContent != nil && strings.Contains(aws.ToString(d.Revision.AppSpecContent.Content), revision)
}

// Rollback returns to the last image that served all traffic, other than the one
// that was asked for last.
func (r Releaser) Rollback(ctx context.Context) (*Report, error) {
	n, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return n.end(n.rollback(ctx))
}

func (r *run) rollback(ctx context.Context) error {
	if r.out.codeDeploy() {
		id, err := r.delivery(ctx)
		if err != nil {
			return err
		}
		if id != "" {
			return r.stop(ctx, id)
		}
	}
	left := r.out.TaskDefinition
	_, newest, err := r.definition(ctx, left)
	if err != nil {
		return err
	}
	image, err := r.good(ctx, newest)
	if err != nil {
		return err
	}
	if image == "" {
		return fmt.Errorf("stack %s has no release to go back to: no other image that served all traffic (tag %s), and was not withdrawn, is known; "+
			"`evenkeel release --stack %[1]s --image sha256:<digest>` names an image", r.Options.Stack, ReleasedTag)
	}
	r.told.say("going back from %s to %s", r.own(newest), r.own(image))
	if err := r.release(ctx, r.own(image), true); err != nil {
		return err
	}
	if r.report.OK() {
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
// back to the old tasks: they still run.
func (r *run) stop(ctx context.Context, id string) error {
	r.told.say("stopping CodeDeploy deployment %s", id)
	f := &deliveryRun{run: r, id: id, stop: "stopped by --rollback"}
	if err := f.halt(ctx); err != nil {
		return err
	}
	_, image, err := r.definition(ctx, r.out.TaskDefinition)
	if err != nil {
		return err
	}
	r.report.Image = r.own(image)
	r.report.Revision = shortRevision(r.out.TaskDefinition)
	r.deadline = r.Clock.Now().Add(r.Options.Timeout)
	e, err := timed(r, "deployment", func() (*ending, error) { return f.follow(ctx) })
	if err != nil {
		return err
	}
	if err := r.conclude(ctx, e, false); err != nil {
		return err
	}
	if r.report.Verdict == RolledBack { // which is what was asked for
		r.report.Verdict, r.report.Image, r.report.Revision = Succeeded, r.report.Serving.Image, r.report.Serving.Revision
	}
	return nil
}
