package release

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// heartbeat is the longest silence: a job's log must show that it lives.
const heartbeat = time.Minute

// progress tells people what changes, a line each.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	clock Clock
	begin time.Time
	last  string
	at    time.Time
}

func newProgress(w io.Writer, c Clock) *progress {
	return &progress{w: w, clock: c, begin: c.Now()}
}

// say writes a line now.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(fmt.Sprintf(format, args...))
}

// state writes a line if it differs from the last state, or if nothing was
// written for long.
func (p *progress) state(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := fmt.Sprintf(format, args...)
	if line == p.last && p.clock.Now().Sub(p.at) < heartbeat {
		return
	}
	p.last = line
	p.write(line)
}

func (p *progress) write(line string) {
	p.at = p.clock.Now()
	took := p.at.Sub(p.begin).Round(time.Second)
	// Progress that cannot be written must not end a release.
	_, _ = fmt.Fprintf(p.w, "%8s  %s\n", took, line)
}
