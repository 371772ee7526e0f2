package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// deliveryRun follows one deployment of CodeDeploy's.
type deliveryRun struct {
	*run
	id     string
	tested bool // the test listener answered, and the shift was let go
	stop   string
	moved  time.Time // when the new tasks had all traffic
	why    trouble
}

// allAtOnce is the strategy that has no step at which alarms could ring.
const allAtOnce = "blueGreen"

// inFlight are the statuses of a deployment that is not over.
func inFlight() []types.DeploymentStatus {
	return []types.DeploymentStatus{
		types.DeploymentStatusCreated, types.DeploymentStatusQueued, types.DeploymentStatusInProgress,
		types.DeploymentStatusBaking, types.DeploymentStatusReady,
	}
}

// deliver starts CodeDeploy's deployment of the revision and follows it, or the
// one that is on its way already.
func (r *run) deliver(ctx context.Context) (*ending, error) {
	s, err := r.service(ctx)
	if err != nil {
		return nil, err
	}
	if live(s) == r.out.TaskDefinition { // the service was created with it
		return r.start(ctx)
	}
	d, back, err := r.flight(ctx)
	if err != nil {
		return nil, err
	}
	id := ""
	if d != nil {
		id = aws.ToString(d.DeploymentId)
	}
	if id != "" && !back {
		var late *ending
		if id, late, err = r.letGoOf(ctx, id); err != nil || late != nil {
			return late, err
		}
	}
	if id == "" {
		if id, err = r.create(ctx); err != nil {
			return nil, err
		}
		r.told.say("CodeDeploy deployment %s (%s)", id, r.out.Strategy)
	}
	return (&deliveryRun{run: r, id: id}).follow(ctx)
}

func (r *run) create(ctx context.Context) (string, error) {
	spec, err := r.out.appSpec()
	if err != nil {
		return "", err
	}
	in := &codedeploy.CreateDeploymentInput{
		ApplicationName: &r.out.Application, DeploymentGroupName: &r.out.Group,
		Description: aws.String("evenkeel release of " + shortRevision(r.out.TaskDefinition)),
		Revision: &types.RevisionLocation{
			RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: &spec},
		},
	}
	if r.isBack {
		r.told.say("all traffic goes back at once")
		in.DeploymentConfigName = aws.String("CodeDeployDefault.ECSAllAtOnce")
	}
	if r.isBack || r.Options.DespiteAlarms {
		// An alarm that rings for what is being left, or begins to, would stop it.
		// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
		in.OverrideAlarmConfiguration = &types.AlarmConfiguration{Enabled: false}
	}
	out, err := r.clients.CodeDeploy.CreateDeployment(ctx, in)
	if err != nil {
		return "", fmt.Errorf("start the CodeDeploy deployment of %s: %w", shortRevision(r.out.TaskDefinition), err)
	}
	return aws.ToString(out.DeploymentId), nil
}

// letGoOf ends a deployment that has nothing left to do but to keep the old tasks
// for a while, which the next release cannot wait for. Any other one is followed.
func (r *run) letGoOf(ctx context.Context, id string) (string, *ending, error) {
	moved, err := r.keepsOnly(ctx, id)
	if err != nil || !moved {
		return id, nil, err
	}
	r.told.say("deployment %s has moved all traffic: letting go of the tasks that it keeps", id)
	_, err = r.clients.CodeDeploy.ContinueDeployment(ctx, &codedeploy.ContinueDeploymentInput{
		DeploymentId: &id, DeploymentWaitType: types.DeploymentWaitTypeTerminationWait,
	})
	if err != nil {
		return "", nil, fmt.Errorf("end the termination wait of deployment %s: %w", id, err)
	}
	for {
		still, err := r.delivery(ctx)
		if err != nil || still != id {
			return still, nil, err
		}
		r.told.state("waiting for deployment %s to end", id)
		more, err := r.wait(ctx)
		if err != nil {
			return "", nil, err
		}
		if !more {
			return "", &ending{
				verdict: Stuck, cause: fmt.Sprintf("the new deployment has not begun: deployment %s has not ended after %s", id, r.Options.Timeout),
				page: "deployment-failed", next: "wait until it has ended, or end it in CodeDeploy; then release again",
			}, nil
		}
	}
}

// keepsOnly tells whether a deployment has moved all traffic, and keeps the old
// tasks.
func (r *run) keepsOnly(ctx context.Context, id string) (bool, error) {
	t, err := (&deliveryRun{run: r, id: id}).target(ctx)
	return err == nil && all(t) && succeeded(t, "AfterAllowTraffic"), err
}

// start waits for the tasks of a service that was just made.
func (r *run) start(ctx context.Context) (*ending, error) {
	for {
		s, err := r.service(ctx)
		if err != nil {
			return nil, err
		}
		r.told.state("%s", states(s))
		for _, set := range s.TaskSets {
			if aws.ToString(set.Status) == "PRIMARY" && set.StabilityStatus == ecstypes.StabilityStatusSteadyState && s.RunningCount >= s.DesiredCount {
				return &ending{verdict: Succeeded, cause: fmt.Sprintf("the service starts with %s of %s", tasks(s.RunningCount), shortRevision(aws.ToString(set.TaskDefinition)))}, nil
			}
		}
		more, err := r.wait(ctx)
		if err != nil {
			return nil, err
		}
		if !more {
			var why trouble
			if err := r.diagnose(ctx, r.out.TaskDefinition, &why); err != nil {
				return nil, err
			}
			return &ending{verdict: Stuck, cause: why.text(fmt.Sprintf("no end after %s: %s", r.Options.Timeout, states(s))), page: "tasks-below-desired"}, nil
		}
	}
}

// follow asks until all traffic is moved, or moved back.
func (f *deliveryRun) follow(ctx context.Context) (*ending, error) {
	for {
		d, err := f.info(ctx, f.id)
		if err != nil {
			return nil, err
		}
		target, err := f.target(ctx)
		if err != nil {
			return nil, err
		}
		if err := f.listen(ctx, &f.why); err != nil {
			return nil, err
		}
		e, err := f.look(ctx, d, target)
		if e != nil || err != nil {
			return e, err
		}
		more, err := f.wait(ctx)
		if err != nil {
			return nil, err
		}
		if !more {
			return &ending{
				verdict: Stuck, page: "deployment-failed",
				cause: f.why.text(fmt.Sprintf("no end after %s: deployment %s is %s; %s", f.Options.Timeout, f.id, words(string(d.Status)), shift(target))),
				next:  "`" + f.again() + " --watch` follows it again, --rollback ends it",
			}, nil
		}
	}
}

// target is the deployment's one target; nil before there is any.
func (f *deliveryRun) target(ctx context.Context) (*types.ECSTarget, error) {
	list, err := f.clients.CodeDeploy.ListDeploymentTargets(ctx, &codedeploy.ListDeploymentTargetsInput{DeploymentId: &f.id})
	var early *types.DeploymentNotStartedException
	if errors.As(err, &early) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask CodeDeploy for the target of %s: %w", f.id, err)
	}
	if len(list.TargetIds) == 0 {
		return nil, nil
	}
	out, err := f.clients.CodeDeploy.GetDeploymentTarget(ctx, &codedeploy.GetDeploymentTargetInput{DeploymentId: &f.id, TargetId: &list.TargetIds[0]})
	if err != nil {
		return nil, fmt.Errorf("ask CodeDeploy for the target of %s: %w", f.id, err)
	}
	return out.DeploymentTarget.EcsTarget, nil
}

// look judges a state of the deployment; nil while it is open.
func (f *deliveryRun) look(ctx context.Context, d *types.DeploymentInfo, t *types.ECSTarget) (*ending, error) {
	f.told.state("%s: %s", words(string(d.Status)), shift(t))
	switch d.Status {
	case types.DeploymentStatusReady:
		return nil, f.letGo(ctx)
	case types.DeploymentStatusSucceeded:
		return f.done(), nil
	case types.DeploymentStatusFailed, types.DeploymentStatusStopped:
		return f.back(ctx, d)
	case types.DeploymentStatusCreated, types.DeploymentStatusQueued, types.DeploymentStatusInProgress, types.DeploymentStatusBaking:
		// The old tasks then stay for the termination wait, in which going back is
		// a matter of seconds; nobody has to watch that.
		if all(t) && succeeded(t, "AfterAllowTraffic") && f.baked() {
			return f.done(), nil
		}
	}
	return nil, nil
}

// baked tells whether the new tasks have had all traffic for long enough. After
// a shift by steps they have: the first of them was what the alarms looked at. An
// image that has served before needs no such time.
func (f *deliveryRun) baked() bool {
	if f.out.Strategy != allAtOnce || f.isBack {
		return true
	}
	if f.moved.IsZero() {
		f.moved = f.Clock.Now()
		f.told.say("all traffic has moved; the rollback alarms get %s to ring", f.Options.Bake)
	}
	return f.Clock.Now().Sub(f.moved) >= f.Options.Bake
}

func (f *deliveryRun) done() *ending {
	return &ending{
		verdict: Succeeded, cause: fmt.Sprintf("all traffic reaches %s", shortRevision(f.out.TaskDefinition)),
		next: "the old tasks stay for a while: until then `" + f.again() + " --rollback` is a matter of seconds",
	}
}

// letGo tests the new tasks behind the test listener; good ones get traffic, bad
// ones are taken away.
func (f *deliveryRun) letGo(ctx context.Context) error {
	if f.tested {
		return nil // CodeDeploy has not noticed yet
	}
	err := f.smokeTest(ctx)
	if ctx.Err() != nil { // whoever interrupts says nothing about the new tasks
		return context.Cause(ctx)
	}
	if err != nil {
		f.stop = err.Error()
		f.told.say("%v: stopping the deployment before users see it", err)
		f.tested = true
		return f.halt(ctx)
	}
	_, err = f.clients.CodeDeploy.ContinueDeployment(ctx, &codedeploy.ContinueDeploymentInput{
		DeploymentId: &f.id, DeploymentWaitType: types.DeploymentWaitTypeReadyWait,
	})
	if err != nil {
		return fmt.Errorf("let deployment %s go on: %w", f.id, err)
	}
	f.tested = true
	return nil
}

// halt ends the deployment and has CodeDeploy restore what was.
func (f *deliveryRun) halt(ctx context.Context) error {
	_, err := f.clients.CodeDeploy.StopDeployment(ctx, &codedeploy.StopDeploymentInput{DeploymentId: &f.id, AutoRollbackEnabled: aws.Bool(true)})
	var over *types.DeploymentAlreadyCompletedException
	if err != nil && !errors.As(err, &over) {
		return fmt.Errorf("stop deployment %s: %w", f.id, err)
	}
	return nil
}

// back waits for CodeDeploy's way back, a deployment of its own, if there is one.
func (f *deliveryRun) back(ctx context.Context, d *types.DeploymentInfo) (*ending, error) {
	if err := f.diagnose(ctx, f.out.TaskDefinition, &f.why); err != nil {
		return nil, err
	}
	f.why.verdict = f.stop
	if d.ErrorInformation != nil && f.stop == "" {
		f.why.verdict = aws.ToString(d.ErrorInformation.Message)
	}
	e := &ending{verdict: RolledBack, page: "deployment-failed", cause: f.why.text("CodeDeploy deployment " + f.id + " " + words(string(d.Status)) + "; all traffic stays on, or is back on, the old version")}
	if d.RollbackInfo == nil || aws.ToString(d.RollbackInfo.RollbackDeploymentId) == "" {
		return e, nil
	}
	id := aws.ToString(d.RollbackInfo.RollbackDeploymentId)
	f.told.say("CodeDeploy goes back by deployment %s", id)
	for {
		d, err := f.info(ctx, id)
		if err != nil {
			return nil, err
		}
		switch status := d.Status; {
		case status == types.DeploymentStatusSucceeded:
			return e, nil
		case !slices.Contains(inFlight(), status):
			e.verdict, e.next = Stuck, "look at both versions' traffic in the console, then release an image that is known to be good"
			e.cause = f.why.text(fmt.Sprintf("the way back, deployment %s, %s as well", id, words(string(status))))
			return e, nil
		}
		f.told.state("going back: %s", words(string(d.Status)))
		if more, err := f.wait(ctx); err != nil || !more {
			e.verdict = Stuck
			return e, err
		}
	}
}

// all tells whether the new tasks get all traffic. Some of AWS's answers have no
// labels; then the event says it, which succeeds once all traffic is moved.
func all(t *types.ECSTarget) bool {
	if t == nil {
		return false
	}
	labelled := false
	for _, set := range t.TaskSetsInfo {
		if set.TaskSetLabel == types.TargetLabelGreen && set.TrafficWeight == 100 {
			return true
		}
		labelled = labelled || set.TaskSetLabel != ""
	}
	return !labelled && succeeded(t, "AllowTraffic")
}

func succeeded(t *types.ECSTarget, event string) bool {
	return slices.ContainsFunc(t.LifecycleEvents, func(e types.LifecycleEvent) bool {
		return aws.ToString(e.LifecycleEventName) == event && (e.Status == types.LifecycleEventStatusSucceeded || e.Status == types.LifecycleEventStatusSkipped)
	})
}

// shift is a target in a line: what CodeDeploy does, and who gets the traffic.
func shift(t *types.ECSTarget) string {
	if t == nil {
		return "waiting for CodeDeploy to begin"
	}
	doing := "waiting"
	for _, e := range t.LifecycleEvents {
		if e.Status == types.LifecycleEventStatusInProgress || e.Status == types.LifecycleEventStatusFailed {
			doing = aws.ToString(e.LifecycleEventName) + " " + words(string(e.Status))
		}
	}
	parts := []string{doing}
	for _, set := range t.TaskSetsInfo {
		name := cmp.Or(string(set.TaskSetLabel), aws.ToString(set.Status))
		parts = append(parts, fmt.Sprintf("%s %.0f %% of traffic, %d of %d running", strings.ToLower(name), set.TrafficWeight, set.RunningCount, set.DesiredCount))
	}
	return strings.Join(parts, "; ")
}

// words turns AWS's "InProgress" into "in progress".
func words(name string) string {
	var b strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
