// Package preview asks the engine what an update of a deployed stack would do,
// in its own backend and account, and changes nothing. With a refresh it first
// asks AWS what is really there: what would then be done is drift.
//
// It runs the program that is compiled into the command, as `evenkeel release`
// does, so it needs the Pulumi CLI and no compiler. Which backend, which
// passphrase and whose credentials are taken from the environment, by the
// names that Pulumi and AWS give them.
package preview

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/backend"
	"evenkeel/internal/review"
)

// Request says what to preview.
type Request struct {
	// Root is the project's folder, Stack the stack's name as the backend knows
	// it, Program the stack's program.
	Root, Stack string
	Program     pulumi.RunFunc
	// Refresh asks AWS first what is really there.
	Refresh bool
	// Progress gets a line for each step that is planned.
	Progress io.Writer
}

// Result is what would be done.
type Result struct {
	// Stack is the stack's name.
	Stack string `json:"stack"`
	// Refreshed tells whether AWS was asked what is there.
	Refreshed bool `json:"refreshed"`
	// Steps are the resources that would not stay as they are, ChangeSummary
	// counts all by operation.
	Steps         []review.Step  `json:"steps"`
	ChangeSummary map[string]int `json:"changeSummary"`
}

// Run makes the preview.
func Run(ctx context.Context, req *Request) (*Result, error) {
	stack, err := backend.Select(ctx, req.Root, req.Stack, req.Program)
	if err != nil {
		return nil, err
	}
	ch := make(chan events.EngineEvent)
	collected := make(chan []review.Step, 1) // nobody waits for it after a failure
	go func() { collected <- collect(ch, req.Progress) }()
	opts := []optpreview.Option{optpreview.EventStreams(ch), optpreview.SuppressProgress()}
	if req.Refresh {
		opts = append(opts, optpreview.Refresh())
	}
	done, err := stack.Preview(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("preview the stack %q: %w", req.Stack, err)
	}
	out := &Result{Stack: req.Stack, Refreshed: req.Refresh, Steps: <-collected, ChangeSummary: map[string]int{}}
	for op, n := range done.ChangeSummary {
		out.ChangeSummary[string(op)] = n
	}
	return out, nil
}

// planned are the operations that would be carried out. A replacement has two
// more steps, its creation and its deletion, and reading changes nothing.
var planned = []apitype.OpType{
	apitype.OpCreate, apitype.OpUpdate, apitype.OpDelete, apitype.OpReplace, apitype.OpImport, apitype.OpImportReplacement,
	apitype.OpReadDiscard, apitype.OpDiscardReplaced, apitype.OpRemovePendingReplace,
}

// collect reads the engine's events until it closes the channel.
func collect(ch <-chan events.EngineEvent, progress io.Writer) []review.Step {
	out := []review.Step{}
	for e := range ch {
		if e.ResourcePreEvent == nil || !slices.Contains(planned, e.ResourcePreEvent.Metadata.Op) {
			continue
		}
		m := e.ResourcePreEvent.Metadata
		if progress != nil {
			fmt.Fprintf(progress, "%s %s\n", m.Op, m.URN)
		}
		out = append(out, review.Step{Op: string(m.Op), URN: m.URN, DiffReasons: m.Diffs, ReplaceReasons: m.Keys})
	}
	slices.SortFunc(out, func(a, b review.Step) int { return cmp.Or(cmp.Compare(a.URN, b.URN), cmp.Compare(a.Op, b.Op)) })
	return out
}

// Changed tells whether anything would be done.
func (r *Result) Changed() bool { return len(r.Steps) > 0 }

// Review is the result for a page.
func (r *Result) Review() *review.Preview {
	return &review.Preview{Steps: r.Steps, Changes: r.ChangeSummary}
}

// WriteJSON writes the result as indented JSON, which `evenkeel review` reads.
func (r *Result) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// WriteText writes the result for a terminal.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "%-8s %s", s.Op, s.URN)
		if len(s.DiffReasons) > 0 {
			fmt.Fprintf(&b, "  (%s)", strings.Join(s.DiffReasons, ", "))
		}
		b.WriteString("\n")
	}
	what := map[bool]string{true: "differs from what is deployed", false: "is as it is deployed"}[r.Changed()]
	fmt.Fprintf(&b, "Stack %s %s: %s.\n", r.Stack, what, r.Review().Summary())
	_, err := io.WriteString(w, b.String())
	return err
}
