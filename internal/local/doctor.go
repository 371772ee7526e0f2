package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts"
	"evenkeel/internal/project"
)

// Checkup is what `local doctor` reports.
type Checkup struct {
	// Ready says that the engine can start without fetching anything.
	Ready bool `json:"ready"`
	// Cache is the folder of the engine's parts; CacheProblem says why it, or the
	// project's own folder for its stacks, cannot be used, empty when both can.
	Cache        string `json:"cache"`
	CacheProblem string `json:"cacheProblem,omitempty"`
	// Parts are the engine's parts.
	Parts []parts.Part `json:"parts"`
	// Stacks are the stacks that have anything on this machine.
	Stacks []StackCheckup `json:"stacks"`

	optional string // the name of the part that the engine does without
}

// StackCheckup is what is found of one stack.
type StackCheckup struct {
	Stack string `json:"stack"`
	// Emulator is "runs at <url>", "gone", "not started" or "of a newer version".
	Emulator string `json:"emulator"`
	// Note says what the next command will do about it, empty when nothing.
	Note string `json:"note,omitempty"`
}

// Examine looks at everything that the local engine needs and changes nothing.
func Examine(ctx context.Context, p *project.Project) (*Checkup, error) {
	set, err := parts.Inspect(ctx, parts.Options{Root: p.Root})
	if err != nil {
		return nil, err
	}
	c := &Checkup{Cache: set.Cache, Parts: set.Parts(), Stacks: []StackCheckup{}, optional: set.AWSX.Name}
	c.Ready = set.Pulumi.Found && set.AWSPlugin.Found && set.Moto.Found
	// Complete parts are only read: a cache that others share may be read-only.
	own := filepath.Join(p.Root, parts.CacheFolder)
	err = writable(own)
	if err == nil && !c.Ready && set.Cache != own {
		err = writable(set.Cache)
	}
	if err != nil {
		c.Ready, c.CacheProblem = false, err.Error()
	}
	folders, err := filepath.Glob(filepath.Join(p.Root, parts.CacheFolder, "stacks", "*"))
	if err != nil {
		return nil, fmt.Errorf("list the local stacks: %w", err)
	}
	for _, dir := range folders {
		c.Stacks = append(c.Stacks, examineStack(p, filepath.Base(dir)))
	}
	return c, nil
}

func examineStack(p *project.Project, name string) StackCheckup {
	req := &Request{Project: p, Stack: &project.Stack{Name: name}}
	out := StackCheckup{Stack: name, Emulator: "not started"}
	running, err := emulator.Find(req.dir())
	var newer *emulator.NewerError
	switch {
	case errors.As(err, &newer):
		out.Emulator, out.Note = "of a newer version", err.Error()
	case err != nil:
		out.Emulator, out.Note = "gone", fmt.Sprintf("%v; the next `local up` starts from nothing", err)
	case running != nil:
		out.Emulator = "runs at " + running.URL
		release, busy := req.claim("doctor")
		if busy != nil {
			out.Note = busy.Error()
			break
		}
		release()
		if len(req.lockHolders()) > 0 {
			out.Note = "a killed command left its lock; the next `local up` takes it away"
		}
		if why := req.unclean(running); why != "" {
			out.Note = why + "; the next `local up` starts from nothing"
		}
	}
	return out
}

// WriteJSON writes the checkup as indented JSON.
func (c *Checkup) WriteJSON(w io.Writer) error { return writeJSON(w, c) }

// WriteText writes the checkup: a table, then how to supply what is missing.
func (c *Checkup) WriteText(w io.Writer) error {
	p := &printer{tw: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	for _, part := range c.Parts {
		state, where := "found", part.Path
		switch {
		case part.Found && where == "":
			where = part.Detail
		case !part.Found && part.Name == c.optional:
			state, where = "missing (optional)", part.Why
		case !part.Found && len(part.Supply) > 0:
			state, where = "missing", part.Why
		case !part.Found:
			state, where = "not needed", part.Why
		}
		p.linef("%s %s\t%s\t%s\t%s", part.Name, part.Version, state, part.Source, where)
	}
	if c.CacheProblem == "" {
		p.linef("cache folder\tusable\t\t%s", c.Cache)
	} else {
		p.linef("cache folder\tunusable\t\t%s", c.CacheProblem)
	}
	for _, s := range c.Stacks {
		p.linef("stack %s\temulator %s\t\t%s", s.Stack, s.Emulator, s.Note)
	}
	for _, part := range c.Parts {
		if part.Found || len(part.Supply) == 0 {
			continue
		}
		p.heading(fmt.Sprintf("%s %s: `local up` tries to get it by itself; any one of these supplies it", part.Name, part.Version))
		for _, way := range part.Supply {
			p.linef("  - %s", way)
		}
	}
	p.linef("")
	if c.Ready {
		p.linef("The local engine is ready.")
	} else {
		p.linef("The local engine is not ready yet.")
	}
	return p.flush()
}
