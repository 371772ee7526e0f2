package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// ReleasedTag is the tag of a task definition revision that served all traffic:
// since when, in RFC 3339.
const ReleasedTag = "evenkeel:released"

// WithdrawnTag is the tag of a revision that --rollback has left: since when.
const WithdrawnTag = "evenkeel:withdrawn"

// Digest is how an image is named: its content, never a tag that can move.
var Digest = regexp.MustCompile(`^([a-z0-9][a-z0-9.:-]*/[a-z0-9][a-z0-9._/-]*@)?sha256:[0-9a-f]{64}$`)

// DefaultBake is how long the stack's rollback alarms take to ring, three bad
// minutes of five, and what CloudWatch and CodeDeploy take to notice.
const DefaultBake = 6 * time.Minute

// Deployer updates a stack by Pulumi.
type Deployer interface {
	// Outputs are those of the last update; empty before the first.
	Outputs(ctx context.Context) (map[string]any, error)
	// Update runs the stack's program with an image and returns the new outputs.
	Update(ctx context.Context, image string) (map[string]any, error)
}

// Options say how to release.
type Options struct {
	// Stack is the stack's name.
	Stack string
	// Command is what people are told to run, "evenkeel release --stack <stack>"
	// unless it is set.
	Command string
	// Timeout is how long AWS may take for a deployment. Default an hour.
	Timeout time.Duration
	// Poll is the time between two questions. Default five seconds: ECS allows 20
	// DescribeServices a second for the whole account.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
	Poll time.Duration
	// Bake is how long, after CodeDeploy has moved all traffic at once, the
	// rollback alarms are waited for. Default DefaultBake; a canary and a linear
	// shift have had theirs.
	Bake time.Duration
	// NoSettle leaves Pulumi's state naming an image that was rolled back.
	NoSettle bool
	// TestURL is asked instead of the stack's own, where that name leads
	// nowhere.
	TestURL string
	// NoSmoke asks nothing, and is why.
	NoSmoke string
	// DespiteAlarms releases while a rollback alarm rings, such as what mends it.
	// Nothing takes it back then.
	DespiteAlarms bool
	// Pinned is the image that the stack's configuration names; empty if it leaves
	// that to releases.
	Pinned string
}

// Releaser releases a stack.
type Releaser struct {
	Deployer Deployer
	// Connect gives the clients for a region.
	Connect func(ctx context.Context, region string) (Clients, error)
	// Clock is Wall but in tests.
	Clock Clock
	// HTTP sends smoke tests.
	HTTP *http.Client
	// Progress is where people read along.
	Progress io.Writer
	Options  Options
}

// run is one release.
type run struct {
	Releaser

	clients Clients
	out     *Outputs
	told    *progress
	report  *Report
	begin   time.Time
	// deadline is when AWS has taken too long.
	deadline time.Time
	// events is the time of ECS's newest event that was told.
	events time.Time
	// isSettled tells that Pulumi's state names what serves.
	isSettled bool
	// isBack tells that this goes back to what has served.
	isBack bool
	// rings are the rollback alarms that were in the state ALARM when last asked.
	rings map[string]bool
}

func (r Releaser) open(ctx context.Context) (*run, error) {
	if r.Clock == nil {
		r.Clock = Wall{}
	}
	if r.HTTP == nil {
		r.HTTP = smokeClient()
	}
	if r.Options.Timeout == 0 {
		r.Options.Timeout = time.Hour
	}
	if r.Options.Poll == 0 {
		r.Options.Poll = 5 * time.Second
	}
	if r.Options.Bake == 0 {
		r.Options.Bake = DefaultBake
	}
	n := &run{Releaser: r, told: newProgress(r.Progress, r.Clock), begin: r.Clock.Now()}
	n.events = n.begin
	n.report = &Report{Stack: r.Options.Stack, Steps: []Step{}}
	raw, err := r.Deployer.Outputs(ctx)
	if err != nil {
		return nil, err
	}
	if n.out, err = ParseOutputs(r.Options.Stack, raw); err != nil {
		return nil, err
	}
	n.report.Strategy = n.out.Strategy
	n.clients, err = r.Connect(ctx, n.out.Region)
	return n, err
}

// Release brings an image to the stack's users. The error is for what has no
// verdict, such as credentials that are missing.
func (r Releaser) Release(ctx context.Context, image string) (*Report, error) {
	n, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return n.end(n.release(ctx, image, false))
}

// release checks, updates, follows and records.
func (r *run) release(ctx context.Context, image string, back bool) error {
	r.report.Image, r.isBack = image, back
	before, err := r.serving(ctx)
	if err != nil {
		return err
	}
	r.report.Serving = before
	problems, err := timed(r, "preflight", func() ([]string, error) { return r.preflight(ctx, image, back) })
	if ctx.Err() != nil {
		return errors.New("interrupted: nothing was changed")
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		r.refuse(problems)
		return nil
	}
	if err := r.update(ctx, image); err != nil {
		return err
	}
	return r.follow(ctx, back)
}

// update runs Pulumi.
func (r *run) update(ctx context.Context, image string) error {
	r.told.say("updating the stack to %s", image)
	raw, err := timed(r, "update", func() (map[string]any, error) { return r.Deployer.Update(ctx, image) })
	if err != nil {
		return fmt.Errorf("%w\nwhat serves was not replaced unless AWS says so: `%s --watch` asks it", err, r.again())
	}
	r.out, err = ParseOutputs(r.Options.Stack, raw)
	return err
}

// follow waits for what comes of the revision that Pulumi has registered.
func (r *run) follow(ctx context.Context, back bool) error {
	r.report.Strategy, r.report.Revision = r.out.Strategy, shortRevision(r.out.TaskDefinition)
	r.deadline = r.Clock.Now().Add(r.Options.Timeout)
	ended, err := timed(r, "deployment", func() (*ending, error) {
		if r.out.codeDeploy() {
			return r.deliver(ctx)
		}
		return r.roll(ctx, r.out.TaskDefinition)
	})
	if err == nil {
		err = r.conclude(ctx, ended, back)
	}
	return r.goesOn(ctx, err)
}

// goesOn says of an error that AWS does not wait for whoever watches.
func (r *run) goesOn(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	what := err.Error()
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		what = "interrupted"
	}
	return fmt.Errorf("%s: the deployment goes on without being watched; `%s --watch` follows it again", what, r.again())
}

// ending is how a deployment ended.
type ending struct {
	verdict Verdict
	cause   string
	// next is what to do, empty for the usual.
	next string
	// page is the runbook's.
	page string
}

// conclude asks AWS what serves, which has the last word.
func (r *run) conclude(ctx context.Context, e *ending, back bool) error {
	serves, err := r.serving(ctx)
	if err != nil {
		return err
	}
	r.report.Serving = serves
	if e.verdict == Succeeded {
		e = r.verify(e, serves)
	}
	r.report.Verdict, r.report.Cause, r.report.Next = e.verdict, e.cause, e.next
	if e.page != "" {
		r.report.Runbook = r.out.runbook(e.page)
	}
	switch e.verdict {
	case Succeeded:
		return r.record(ctx)
	case RolledBack:
		if r.isSettled {
			r.report.Next = asBefore
			return nil
		}
		if !back && !r.Options.NoSettle && serves.Image != "" {
			return r.settle(ctx, serves.Image)
		}
		r.report.Next = fmt.Sprintf("look at the cause; until an image is released, Pulumi's state names the one that failed: "+
			"`%s --image %s` sets it back", r.again(), r.own(serves.Image))
	case Stuck, Refused:
	}
	return nil
}

// verify holds a success to what serves.
func (r *run) verify(e *ending, serves Serving) *ending {
	switch {
	case serves.Revision == "":
		return &ending{
			verdict: Stuck, cause: r.report.Revision + " is deployed, and no task of it runs: it serves nobody", page: "tasks-below-desired",
			next: "see what keeps the service without tasks, such as a schedule of evenkeel:autoscaling; then `" + r.again() + " --watch` gives the verdict",
		}
	case serves.Revision != r.report.Revision:
		return &ending{verdict: RolledBack, cause: fmt.Sprintf("AWS ended the deployment as a success, and %s serves", serves.Revision), page: "deployment-failed"}
	case digestOf(serves.Image) != digestOf(r.report.Image):
		return &ending{
			verdict: Stuck, cause: fmt.Sprintf("%s serves, and its image is %s, not the one that was asked for", serves.Revision, serves.Image), page: "deployment-failed",
			next: "find out why the program did not deploy the image that it was given as evenkeel:image",
		}
	}
	return e
}

// asBefore is what to do where nothing is left over of a failed release.
const asBefore = "look at the cause; the stack is as it was before"

// settle has Pulumi know again what serves: it would bring back the image that
// failed at the next change of the service.
func (r *run) settle(ctx context.Context, image string) error {
	r.told.say("setting Pulumi's state back to what serves, %s", r.own(image))
	r.report.Next = asBefore
	err := r.update(ctx, r.own(image))
	r.deadline = r.Clock.Now().Add(r.Options.Timeout)
	if err == nil && !r.out.codeDeploy() {
		_, err = timed(r, "settling", func() (*ending, error) {
			e, err := r.roll(ctx, r.out.TaskDefinition)
			if err == nil && e.verdict != Succeeded {
				err = errors.New(e.cause)
			}
			return e, err
		})
	}
	if err != nil {
		r.report.Next = fmt.Sprintf("look at the cause; Pulumi's state could not be set back (%v): do it by "+
			"`%s --image %s`", err, r.again(), r.own(image))
		return nil // the verdict stands; the report says what is left to do
	}
	serves, err := r.serving(ctx)
	if err == nil {
		r.report.Serving = serves
	}
	return err
}

func (r *run) refuse(problems []string) {
	r.report.Verdict, r.report.Runbook = Refused, r.out.runbook("deployment-failed")
	r.report.Cause = join(problems)
	r.report.Next = "mend what the cause names, then release again"
}

// end completes the report.
func (r *run) end(err error) (*Report, error) {
	if err != nil {
		return nil, err
	}
	if pinned := r.pinned(); pinned != "" {
		r.report.Next = strings.TrimPrefix(r.report.Next+"; "+pinned, "; ")
	}
	r.report.Seconds = r.Clock.Now().Sub(r.begin).Seconds()
	return r.report, nil
}

// pinned tells that the configuration names another image than what serves;
// empty if it does not.
func (r *run) pinned() string {
	serves := r.report.Serving.Image
	if r.Options.Pinned == "" || serves == "" || digestOf(r.Options.Pinned) == digestOf(serves) {
		return ""
	}
	return fmt.Sprintf("remove evenkeel:image from Pulumi.%s.yaml: it names %s, which the next `pulumi up` would deploy, and the search for drift misses",
		r.Options.Stack, r.own(r.Options.Pinned))
}

// timed adds a step to the report.
func timed[T any](r *run, name string, f func() (T, error)) (T, error) {
	begin := r.Clock.Now()
	v, err := f()
	r.report.Steps = append(r.report.Steps, Step{Name: name, Seconds: r.Clock.Now().Sub(begin).Seconds()})
	return v, err
}

// wait sleeps until the next question; false when AWS has taken too long.
func (r *run) wait(ctx context.Context) (bool, error) {
	if r.Clock.Now().After(r.deadline) {
		return false, nil
	}
	err := r.Clock.Sleep(ctx, r.Options.Poll)
	return err == nil, err
}

// again is the command that goes on with this stack.
func (r *run) again() string {
	return cmp.Or(r.Options.Command, "evenkeel release --stack "+r.Options.Stack)
}
