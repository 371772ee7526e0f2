package local

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Reporter tells a person what is going on, on a stream that is not the
// result. A terminal gets one line that keeps changing; anything else gets a
// line now and then.
type Reporter struct {
	// Out is where to write, for example os.Stderr.
	Out io.Writer
	// Terminal says that Out can rewrite a line.
	Terminal bool

	mu    sync.Mutex
	open  bool // a line that may still be rewritten is on the screen
	begun time.Time
}

// quiet is how often a stream that is no terminal hears of a running step.
const quiet = 15 * time.Second

// Step announces what takes more than a moment.
func (r *Reporter) Step(name string) {
	r.begun = time.Now()
	r.line(name + " …")
}

// Done says how the step ended that was announced last, and after how long.
func (r *Reporter) Done(_, detail string) {
	r.line(fmt.Sprintf("  %s, after %.0f s", detail, time.Since(r.begun).Seconds()))
}

// Note says something that took no time.
func (r *Reporter) Note(text string) { r.line(text) }

func (r *Reporter) line(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clear()
	fmt.Fprintln(r.Out, s)
}

// rewrite shows s in place of what rewrite showed before. On anything but a
// terminal it is a line of its own.
func (r *Reporter) rewrite(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.Terminal {
		fmt.Fprintln(r.Out, s)
		return
	}
	const width = 100 // a longer line would wrap and could not be rewritten
	if runes := []rune(s); len(runes) > width {
		s = string(runes[:width-1]) + "…"
	}
	r.clear()
	fmt.Fprint(r.Out, s)
	r.open = true
}

func (r *Reporter) clear() {
	if r.open {
		fmt.Fprint(r.Out, "\r\033[K")
		r.open = false
	}
}

// running follows the resources that the engine works on.
type running struct {
	verb    string // "deploying", "deleting" …
	total   int    // how many are expected, 0 when unknown
	started map[string]time.Time
	done    int
	now     func() time.Time
}

// see takes one event of the engine into account.
func (p *running) see(e apitype.EngineEvent) {
	switch {
	case e.ResourcePreEvent != nil:
		// Components only wait for what is in them.
		if m := e.ResourcePreEvent.Metadata; m.Op != apitype.OpSame && m.Provider != "" {
			p.started[m.URN] = p.now()
		}
	case e.ResOutputsEvent != nil:
		p.finish(e.ResOutputsEvent.Metadata.URN)
	case e.ResOpFailedEvent != nil:
		p.finish(e.ResOpFailedEvent.Metadata.URN)
	}
}

func (p *running) finish(urn string) {
	delete(p.started, urn)
	p.done++
}

// String is "deploying: 12 of 48, waiting for ingress-alb (31 s)".
func (p *running) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d", p.verb, p.done)
	if p.total > 0 {
		fmt.Fprintf(&b, " of %d", max(p.total, p.done))
	}
	urns := make([]string, 0, len(p.started))
	for urn := range p.started {
		urns = append(urns, urn)
	}
	slices.SortFunc(urns, func(a, b string) int { return p.started[a].Compare(p.started[b]) })
	const shown = 3 // the slowest ones; the rest only makes the line longer
	for i, urn := range urns[:min(shown, len(urns))] {
		b.WriteString(map[bool]string{true: ", waiting for ", false: ", "}[i == 0])
		fmt.Fprintf(&b, "%s (%d s)", resource.URN(urn).Name(), int(p.now().Sub(p.started[urn]).Seconds()))
	}
	return b.String()
}

// follow reports events until the channel or stop is closed.
func (r *Reporter) follow(verb string, total int, ch <-chan events.EngineEvent, stop <-chan struct{}) <-chan struct{} {
	finished := make(chan struct{})
	every := quiet
	if r.Terminal {
		every = 200 * time.Millisecond
	}
	go func() {
		defer close(finished)
		p := &running{verb: verb, total: total, started: map[string]time.Time{}, now: time.Now}
		tick := time.NewTicker(every)
		defer tick.Stop()
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.clear()
		}()
		for {
			select {
			case e, ok := <-ch:
				if !ok {
					return
				}
				p.see(e.EngineEvent)
			case <-stop:
				return
			case <-tick.C:
				r.rewrite(p.String())
			}
		}
	}()
	return finished
}
