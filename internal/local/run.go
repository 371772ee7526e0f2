package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts"
	"evenkeel/internal/local/workload"
)

// stopTimeout is how long the emulator may take to end; it holds everything in
// memory, so a second is the rule.
const stopTimeout = 15 * time.Second

// UpOptions change what Up does.
type UpOptions struct {
	// API is the Go main package to run as a process next to the emulated stack:
	// a folder relative to the project's root, or an import path. Empty for none;
	// one that runs already is then left alone.
	API string
}

// Up deploys the stack and leaves the emulator running.
func Up(ctx context.Context, req *Request, o UpOptions) (*Result, error) {
	release, err := req.claim("up")
	if err != nil {
		return nil, err
	}
	defer release()
	var api *workload.Package
	if o.API != "" { // a mistake in it is told before anybody waits for a deployment
		if api, err = workload.FindPackage(ctx, req.Project.Root, o.API); err != nil {
			return nil, err
		}
	}
	opening := time.Now()
	s, err := open(ctx, req)
	if err != nil {
		return nil, err
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	result, err := s.deploy(ctx, opening)
	if err != nil {
		return nil, err
	}
	if api != nil {
		return result, s.runAPI(ctx, api, result)
	}
	return result, s.keepAPI(result)
}

// deploy runs the engine's update and says what came of it.
func (s *session) deploy(ctx context.Context, opening time.Time) (*Result, error) {
	begin := time.Now()
	var up auto.UpResult
	err := s.engine("deploying", func(ch chan<- events.EngineEvent) (err error) {
		up, err = s.stack.Up(ctx, optup.EventStreams(ch), optup.SuppressProgress())
		return err
	})
	if err != nil {
		return nil, errors.Join(s.explain(ctx, "deploy", err, up.StdErr+up.StdOut), s.closeIfInterrupted(ctx))
	}
	result := s.result(time.Since(begin))
	result.Timings = []Timing{{"prepare", begin.Sub(opening).Seconds()}, {"deploy", result.Seconds}}
	if up.Summary.ResourceChanges != nil {
		result.Changes = *up.Summary.ResourceChanges
	}
	result.Outputs = map[string]any{}
	for name, v := range up.Outputs {
		if v.Secret {
			v.Value = "[secret]"
		}
		result.Outputs[name] = v.Value
	}
	if result.Dimensions, err = s.req.describe(); err != nil {
		return nil, err
	}
	result.Refused, err = s.emulator.Refused(ctx)
	return result, err
}

// Preview says what Up would do. With refresh it first asks AWS what is really
// there, as a check for drift does. An emulator that it had to start it stops.
func Preview(ctx context.Context, req *Request, refresh bool) (*Result, error) {
	release, err := req.claim("preview")
	if err != nil {
		return nil, err
	}
	defer release()
	s, err := open(ctx, req)
	if err != nil {
		return nil, err
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	begin := time.Now()
	var preview auto.PreviewResult
	err = s.engine("previewing", func(ch chan<- events.EngineEvent) error {
		opts := []optpreview.Option{optpreview.EventStreams(ch), optpreview.Diff(), optpreview.SuppressProgress()}
		if refresh {
			opts = append(opts, optpreview.Refresh())
		}
		preview, err = s.stack.Preview(ctx, opts...)
		return err
	})
	if err != nil {
		return nil, errors.Join(s.explain(ctx, "preview", err, preview.StdErr+preview.StdOut), s.closeIfStarted())
	}
	result := s.result(time.Since(begin))
	result.Changes = map[string]int{}
	for op, n := range preview.ChangeSummary {
		result.Changes[string(op)] = n
	}
	result.Diff = preview.StdOut
	return result, s.closeIfStarted()
}

// DownOptions change what Down does.
type DownOptions struct {
	// Discard stops the emulator without deleting the resources one by one;
	// they vanish with its memory.
	Discard bool
	// KeepEmulator deletes the resources and leaves the emulator running, to
	// look at what is left. Without effect with Discard.
	KeepEmulator bool
}

// Down deletes everything that the stack deployed, in the engine's order, and
// stops the emulator.
func Down(ctx context.Context, req *Request, o DownOptions) (*Result, error) {
	release, err := req.claim("down")
	if err != nil {
		return nil, err
	}
	defer release()
	if err := req.stopAPI(ctx); err != nil {
		return nil, err
	}
	running, err := emulator.Find(req.dir())
	if newer := (*emulator.NewerError)(nil); errors.As(err, &newer) && !o.Discard {
		return nil, err
	}
	if err != nil || running == nil || o.Discard || req.unclean(running) != "" {
		return discardAll(ctx, req, running)
	}
	s, err := open(ctx, req)
	if err != nil {
		return nil, err
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	begin := time.Now()
	if err := s.unprotect(ctx); err != nil {
		return nil, err
	}
	var destroy auto.DestroyResult
	err = s.engine("deleting", func(ch chan<- events.EngineEvent) error {
		destroy, err = s.stack.Destroy(ctx, optdestroy.EventStreams(ch), optdestroy.SuppressProgress())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%w\nthe emulator still runs; `evenkeel local down --stack %s --discard` stops it and forgets the rest",
			s.explain(ctx, "delete", err, destroy.StdErr+destroy.StdOut), req.Stack.Name)
	}
	result := &Result{Stack: req.Stack.Name, Changes: map[string]int{}, Seconds: time.Since(begin).Seconds()}
	if destroy.Summary.ResourceChanges != nil {
		result.Changes = *destroy.Summary.ResourceChanges
	}
	if o.KeepEmulator {
		result.Endpoint = s.emulator.URL
		return result, nil
	}
	_, err = discardAll(ctx, req, s.emulator)
	return result, err
}

func discardAll(ctx context.Context, req *Request, running *emulator.Instance) (*Result, error) {
	if running != nil {
		stop, cancel := context.WithTimeout(ctx, stopTimeout)
		defer cancel()
		if err := running.Stop(stop); err != nil {
			return nil, err
		}
	}
	if err := os.RemoveAll(req.dir()); err != nil {
		return nil, fmt.Errorf("remove the stack's folder: %w", err)
	}
	return &Result{Stack: req.Stack.Name, Changes: map[string]int{}}, nil
}

// unprotect lifts what keeps a production stack from being deleted by mistake:
// Pulumi's protection of resources and the load balancer's own.
func (s *session) unprotect(ctx context.Context) error {
	state, err := s.stack.Export(ctx)
	if err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	if strings.Contains(string(state.Deployment), `"protect":true`) || strings.Contains(string(state.Deployment), `"protect": true`) {
		ws := s.stack.Workspace()
		_, stderr, _, err := ws.PulumiCommand().Run(ctx, ws.WorkDir(), nil, nil, nil, environ(ws.GetEnvVars(), ws.PulumiHome()),
			"state", "unprotect", "--all", "--yes", "--stack", s.stack.Name())
		if err != nil {
			return fmt.Errorf("lift the protection of resources: %w: %s", err, strings.TrimSpace(stderr))
		}
	}
	return s.liftDeletionProtection(ctx)
}

func environ(vars map[string]string, home string) []string {
	out := []string{"PULUMI_HOME=" + home}
	for k, v := range vars {
		out = append(out, k+"="+v)
	}
	return out
}

// engine runs one operation of the engine and reports its progress.
func (s *session) engine(verb string, operation func(chan<- events.EngineEvent) error) error {
	ch, stop := make(chan events.EngineEvent), make(chan struct{})
	finished := s.req.Report.follow(verb, s.expected, ch, stop)
	err := operation(ch)
	select {
	case <-finished: // the Automation API closed the channel
	case <-time.After(time.Second): // it does not when the CLI never started
		close(stop)
		<-finished
	}
	return err
}

// closeIfInterrupted stops the emulator when the user interrupted the command
// that started it.
func (s *session) closeIfInterrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return s.closeIfStarted()
}

// explain words the engine's failure: its own diagnostics, and the calls that
// the emulator refused, which are the usual cause.
func (s *session) explain(ctx context.Context, verb string, err error, output string) error {
	var folder *folderError
	switch {
	case errors.As(context.Cause(ctx), &folder):
		return fmt.Errorf("%s %s: %w", verb, s.req.Stack.Name, folder)
	case errors.Is(context.Cause(ctx), errEmulatorGone):
		return fmt.Errorf("%s %s: %w; what it held is gone with it, and `local up` starts from nothing", verb, s.req.Stack.Name, errEmulatorGone)
	case ctx.Err() != nil:
		return fmt.Errorf("%s %s: interrupted", verb, s.req.Stack.Name)
	}
	if trouble := writable(s.req.dir()); trouble != nil {
		return fmt.Errorf("%s %s: %w", verb, s.req.Stack.Name, trouble)
	}
	text := diagnostics(output)
	if text == "" {
		text = err.Error()
	}
	if refused, asked := s.emulator.Refused(ctx); asked == nil && len(refused) > 0 {
		text += "\nthe emulator knows nothing of: " + strings.Join(refused, ", ")
	}
	return fmt.Errorf("%s %s: %s", verb, s.req.Stack.Name, text)
}

// diagnostics picks the errors out of the engine's report.
func diagnostics(output string) string {
	_, after, found := strings.Cut(output, "Diagnostics:")
	if !found {
		return ""
	}
	if before, _, more := strings.Cut(after, "\nResources:"); more {
		after = before
	}
	return strings.TrimSpace(after)
}

func (s *session) result(took time.Duration) *Result {
	return &Result{
		Stack: s.req.Stack.Name, Endpoint: s.emulator.URL, Region: region(s.req.Stack.Config, s.req.Project.Name),
		Account: account(s.req.Stack.Config, s.req.Project.Name), Adaptations: s.adaptations, Seconds: took.Seconds(),
	}
}

// Status is what `local status` reports.
type Status struct {
	// Stack is the stack's name; Running says whether its emulator runs.
	Stack   string `json:"stack"`
	Running bool   `json:"running"`
	// Endpoint is the emulated AWS API's URL, empty when nothing runs.
	Endpoint string `json:"endpoint"`
	// Account is the emulated account's id, empty when nothing runs.
	Account string `json:"account,omitempty"`
	// Since is when the emulator was started, empty when nothing runs.
	Since string `json:"since,omitempty"`
	// Resources is how many resources the stack has, components included.
	Resources int `json:"resources"`
	// API is the stack's API as a process on this machine.
	API *API `json:"api"`
	// Alarms are those of the emulated account, once AskAlarms has asked.
	Alarms []Alarm `json:"alarms,omitempty"`
}

// Look reports on the stack and changes nothing.
func Look(req *Request) (*Status, error) {
	api, err := req.lookAtAPI()
	if err != nil {
		return nil, err
	}
	out := &Status{Stack: req.Stack.Name, API: api}
	running, err := emulator.Find(req.dir())
	var stale *emulator.StaleError
	if err != nil && !errors.As(err, &stale) {
		return nil, err
	}
	if err != nil || running == nil {
		return out, nil //nolint:nilerr // what is stale is as good as gone; `up` clears it
	}
	out.Running, out.Endpoint, out.Account = true, running.URL, running.AccountID
	out.Since = running.Started.UTC().Format(time.RFC3339)
	state, err := readState(req)
	if err != nil || state == nil {
		return out, err
	}
	for _, r := range state.Resources {
		// The engine's own provider, through which the program asks for its last
		// outputs, is nothing that anybody deployed.
		if r.Type != "pulumi:providers:pulumi" {
			out.Resources++
		}
	}
	return out, nil
}

var _ parts.Progress = (*Reporter)(nil)
