package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"evenkeel/internal/local/summary"
)

// Result is what `local up`, `preview` and `down` report.
type Result struct {
	// Stack is the stack's name.
	Stack string `json:"stack"`
	// Changes counts resources by operation: create, update, replace, delete,
	// same …
	Changes map[string]int `json:"changes"`
	// Outputs are the stack's outputs, secrets masked. Up only.
	Outputs map[string]any `json:"outputs,omitempty"`
	// Endpoint is the emulated AWS API's URL, empty when it is stopped; Region
	// and Account are those of the emulated stack.
	Endpoint string `json:"endpoint,omitempty"`
	Region   string `json:"region,omitempty"`
	Account  string `json:"account,omitempty"`
	// Adaptations is what differs from a deployment to AWS.
	Adaptations []Adaptation `json:"adaptations,omitempty"`
	// Refused are calls that neither the emulator nor its gateway knows.
	Refused []string `json:"refused,omitempty"`
	// Dimensions is what the stack is made of. Up only.
	Dimensions []summary.Section `json:"dimensions,omitempty"`
	// API is the stack's API as a process on this machine, if there is one. Up
	// only.
	API *API `json:"api,omitempty"`
	// Seconds is how long the engine took; Timings has every step of Up.
	Seconds float64  `json:"seconds"`
	Timings []Timing `json:"timings,omitempty"`
	// Diff is the engine's own description of the changes. Preview only.
	Diff string `json:"-"`
}

// Timing is how long one step took.
type Timing struct {
	Step    string  `json:"step"`
	Seconds float64 `json:"seconds"`
}

func (r *Result) timing(step string, begin time.Time) {
	r.Timings = append(r.Timings, Timing{step, time.Since(begin).Seconds()})
}

// Changed tells whether anything but "same" was counted.
func (r *Result) Changed() bool {
	for op, n := range r.Changes {
		if op != "same" && n > 0 {
			return true
		}
	}
	return false
}

// Summary is "46 create, 2 same", or "nothing".
func (r *Result) Summary() string {
	var out []string
	for _, op := range slices.Sorted(maps.Keys(r.Changes)) {
		if r.Changes[op] > 0 {
			out = append(out, fmt.Sprintf("%d %s", r.Changes[op], op))
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// WriteJSON writes the result as indented JSON.
func (r *Result) WriteJSON(w io.Writer) error { return writeJSON(w, r) }

// WriteJSON writes the status as indented JSON.
func (s *Status) WriteJSON(w io.Writer) error { return writeJSON(w, s) }

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// WritePreview writes what Up would do.
func (r *Result) WritePreview(w io.Writer) error {
	p := &printer{tw: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	if !r.Changed() {
		p.linef("No changes: stack %s is as its program and Pulumi.%s.yaml describe it (%s).", r.Stack, r.Stack, r.Summary())
		return p.flush()
	}
	p.linef("%s", strings.TrimRight(r.Diff, "\n"))
	p.adaptations(r.Adaptations)
	p.linef("")
	p.linef("Stack %s would change: %s.", r.Stack, r.Summary())
	return p.flush()
}

// WriteDown writes what Down deleted.
func (r *Result) WriteDown(w io.Writer) error {
	emulator := "the emulator is stopped"
	if r.Endpoint != "" {
		emulator = "the emulator still runs at " + r.Endpoint
	}
	_, err := fmt.Fprintf(w, "Stack %s is down: %s; %s.\n", r.Stack, r.Summary(), emulator)
	return err
}

// printer keeps the first error, so that callers check once.
type printer struct {
	tw  *tabwriter.Writer
	err error
}

func (p *printer) linef(format string, args ...any) {
	if _, err := fmt.Fprintf(p.tw, format+"\n", args...); p.err == nil {
		p.err = err
	}
}

func (p *printer) heading(s string) { p.linef("\n%s", s) }

func (p *printer) adaptations(list []Adaptation) {
	p.heading("Not as on AWS")
	for _, a := range list {
		p.linef("  %s\t%s\t(%s)", a.Path, a.What, a.Why)
	}
}

func (p *printer) flush() error {
	if err := p.tw.Flush(); p.err == nil {
		p.err = err
	}
	return p.err
}

// stateFile is where the engine's file backend keeps the stack.
func stateFile(req *Request) string {
	return filepath.Join(req.stateDir(), ".pulumi", "stacks", req.Project.Name, req.Stack.Name+".json")
}

// readState reads the engine's state file, or returns nil when there is none.
// The engine's own export would need the CLI and half a second.
func readState(req *Request) (*apitype.DeploymentV3, error) {
	var checkpoint struct {
		Checkpoint struct {
			Latest *apitype.DeploymentV3 `json:"latest"`
		} `json:"checkpoint"`
	}
	if err := readJSON(stateFile(req), &checkpoint); err != nil {
		return nil, err
	}
	return checkpoint.Checkpoint.Latest, nil
}

// readJSON reads a file that need not exist.
func readJSON(file string, into any) error {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}
