package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// update previews the stack, asks, and updates it. One with nothing to do is
// done.
func (r *run) update(ctx context.Context, s auto.Stack) error {
	if r.SkipUpdate {
		r.done("update", r.Stack.Name, Skipped, "as asked by --skip-up")
		return r.readOutputs(ctx, s)
	}
	r.begin("previewing stack %s", r.Stack.Name)
	// The engine's own report of what it would do is its progress.
	p, err := s.Preview(ctx, optpreview.ProgressStreams(r.Progress), optpreview.SuppressProgress())
	if err != nil {
		return r.failed("preview", err)
	}
	planned := plan(p.ChangeSummary)
	if planned == "" {
		r.done("update", r.Stack.Name, There, "nothing to change")
		return r.readOutputs(ctx, s)
	}
	undone, done := Differs, Updated
	if onlyCreates(p.ChangeSummary) {
		undone, done = Missing, Made
	}
	if r.Confirm == nil {
		r.done("update", r.Stack.Name, undone, "would "+planned, "nothing was updated: there is no terminal to ask at. --yes updates without asking, --skip-up leaves it out")
		return r.readOutputs(ctx, s)
	}
	yes, err := r.Confirm(fmt.Sprintf("Update stack %s in account %s, %s: %s?", r.Stack.Name, r.report.Account, r.Region, planned))
	if err != nil {
		return err
	}
	if !yes {
		r.done("update", r.Stack.Name, undone, "would "+planned, "nothing was updated, as you wished")
		return r.readOutputs(ctx, s)
	}
	r.begin("updating stack %s, which takes some minutes the first time", r.Stack.Name)
	up, err := s.Up(ctx, optup.ProgressStreams(r.Progress))
	if err != nil {
		return r.failed("update", err)
	}
	r.outputs = plain(up.Outputs)
	r.done("update", r.Stack.Name, done, planned)
	return nil
}

// failed words a failure of the engine, whose own report the user has read.
func (r *run) failed(what string, err error) error {
	if auto.IsConcurrentUpdateError(err) || strings.Contains(err.Error(), "currently locked by") {
		return fmt.Errorf("%s stack %s: another update holds its lock. If that one was killed, `pulumi cancel --stack %[2]s` lifts the lock", what, r.Stack.Name)
	}
	return fmt.Errorf("%s of stack %s failed; the report above says why. What was made until then stays: run again to go on (%s)",
		what, r.Stack.Name, firstLine(err))
}

func firstLine(err error) string { line, _, _ := strings.Cut(err.Error(), "\n"); return line }

// idle are the operations that change nothing.
var idle = []apitype.OpType{apitype.OpSame, apitype.OpRead, apitype.OpRefresh}

// plan words what a preview would do, empty for nothing.
func plan(summary map[apitype.OpType]int) string {
	var out []string
	for op, n := range summary {
		if n > 0 && !slices.Contains(idle, op) {
			out = append(out, fmt.Sprintf("%s %d", op, n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func onlyCreates(summary map[apitype.OpType]int) bool {
	for op, n := range summary {
		if n > 0 && op != apitype.OpCreate && op != apitype.OpRead {
			return false
		}
	}
	return true
}

func (r *run) readOutputs(ctx context.Context, s auto.Stack) error {
	out, err := s.Outputs(ctx)
	if err != nil {
		return fmt.Errorf("read the outputs of stack %s: %s", r.Stack.Name, complaint(err))
	}
	r.outputs = plain(out)
	return nil
}

func plain(out auto.OutputMap) map[string]any {
	values := map[string]any{}
	for name, v := range out {
		values[name] = v.Value
	}
	return values
}

// checkUpdate tells whether the stack was ever updated. Whether an update would
// change something is `evenkeel preview`'s question.
func (r *run) checkUpdate(ctx context.Context, s auto.Stack) error {
	if err := r.readOutputs(ctx, s); err != nil {
		return err
	}
	if len(r.outputs) == 0 {
		r.done("update", r.Stack.Name, Missing, "the stack was never updated")
		return nil
	}
	r.done("update", r.Stack.Name, There, fmt.Sprintf("`evenkeel preview --stack %s` says whether it is up to date", r.Stack.Name))
	return nil
}

// ErrIncomplete ends a run after which something is missing; what is missing is
// in the report.
var ErrIncomplete = errors.New("something is missing, or not as it should be")
