package local

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteUp writes what a person wants to know after Up.
func (r *Result) WriteUp(w io.Writer) error {
	p := &printer{tw: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	p.linef("Stack %s is up on emulated AWS: %s, in %.0f s.", r.Stack, r.Summary(), r.Seconds)
	r.writeDimensions(p)
	if r.API != nil && r.API.Running {
		p.heading("The API, a process on this machine, not a container: no read-only root, no limits")
		p.linef("  url\t%s", r.API.URL)
		p.linef("  process\t%d", r.API.PID)
		for _, u := range r.API.Unset {
			p.linef("  without %s\t%s", u.Variable, u.Why)
		}
		for _, note := range r.API.Notes {
			p.linef("  note\t%s", note)
		}
	}
	p.heading("Outputs")
	for _, name := range slices.Sorted(maps.Keys(r.Outputs)) {
		p.linef("  %s\t%v", name, r.Outputs[name])
	}
	p.adaptations(r.Adaptations)
	if len(r.Refused) > 0 {
		p.heading("Calls that the emulator does not know")
		for _, c := range r.Refused {
			p.linef("  %s", c)
		}
	}
	p.heading("Try next")
	for _, next := range r.next() {
		p.linef("  %s\t%s", next[0], next[1])
	}
	if len(r.Timings) > 0 {
		var steps []string
		for _, t := range r.Timings {
			steps = append(steps, fmt.Sprintf("%s %.1f s", t.Step, t.Seconds))
		}
		p.linef("\nTook: %s.", strings.Join(steps, ", "))
	}
	return p.flush()
}

// writeDimensions writes the facts about what exists, the dimension on the
// first of its lines.
func (r *Result) writeDimensions(p *printer) {
	if len(r.Dimensions) == 0 {
		return
	}
	p.heading("What exists")
	for _, d := range r.Dimensions {
		label := string(d.Dimension)
		facts := d.Facts
		if len(facts) == 0 && d.Resources > 0 {
			facts = []string{fmt.Sprintf("%d resources", d.Resources)}
		} else if len(facts) == 0 {
			facts = []string{"nothing"}
		}
		for _, fact := range facts {
			p.linef("  %s\t%s", label, fact)
			label = ""
		}
	}
}

// next is what to try: command and purpose.
func (r *Result) next() [][2]string {
	stack := "--stack " + r.Stack
	out := [][2]string{
		{`eval "$(bin/evenkeel local env ` + stack + `)"`, fmt.Sprintf("point the AWS CLI at account %s in %s", r.Account, r.Region)},
	}
	if r.API != nil && r.API.Running {
		out = [][2]string{
			{"curl -i " + r.API.Health, "ask the API"},
			{"bin/evenkeel local logs " + stack + " --follow", "watch what it logs"},
		}
	} else {
		out = append(out, [2]string{"bin/evenkeel local up " + stack + " --with-api", "run the API in ./api next to it"})
	}
	return append(out,
		[2]string{"bin/evenkeel local preview " + stack, fmt.Sprintf("see what an edit of Pulumi.%s.yaml would change", r.Stack)},
		[2]string{"bin/evenkeel local down " + stack, "delete it all and stop the emulator"},
	)
}

// WriteText writes the status.
func (s *Status) WriteText(w io.Writer) error {
	p := &printer{tw: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	if s.Running {
		p.linef("stack\t%s", s.Stack)
		p.linef("endpoint\t%s", s.Endpoint)
		p.linef("account\t%s", s.Account)
		p.linef("running since\t%s", s.Since)
		p.linef("resources\t%d", s.Resources)
	} else {
		p.linef("Stack %s is not running. `make up`, or `evenkeel local up --stack %s`, brings it up.", s.Stack, s.Stack)
	}
	s.API.write(p, s.Stack)
	s.writeAlarms(p)
	return p.flush()
}

// write writes the API's part of the status; nothing when there never was one.
func (a *API) write(p *printer, stack string) {
	switch {
	case a == nil || a.Log == "":
	case a.Running:
		p.linef("API\t%s (process %d, since %s)", a.URL, a.PID, a.Since)
		p.linef("API log\t%s", a.Log)
	default:
		p.linef("API\tnot running: %s; `evenkeel local up --stack %s --with-api` starts it", a.Ended, stack)
		p.linef("API log\t%s", a.Log)
	}
}
