package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Options say what to measure.
type Options struct {
	// Root is the checkout, Evenkeel its command, Self the benchmark's own.
	Root, Evenkeel, Self string
	// Command is how the benchmark was started, for the record.
	Command string
	// Build measures the program's build.
	Build bool
	// Stacks are committed stacks to deploy, Services the sizes of programs to
	// deploy.
	Stacks   []string
	Services []int
	// Runs is how often each is built, brought up and down; a program of more
	// than 20 services once.
	Runs int
	// Progress hears of every figure.
	Progress io.Writer
}

// Run measures. Nothing else should use the machine meanwhile.
func Run(ctx context.Context, o Options) (*Report, error) {
	begin := time.Now()
	tell := func(format string, args ...any) {
		fmt.Fprintf(o.Progress, "%5.0f s  %s\n", time.Since(begin).Seconds(), fmt.Sprintf(format, args...))
	}
	r := &Report{Date: begin.Format(time.DateOnly), Command: o.Command, Machine: thisMachine(), Targets: []Target{}}
	if o.Build {
		var err error
		if r.Program, err = build(ctx, o.Root, o.Runs, tell); err != nil {
			return nil, err
		}
	}
	var subjects []subject
	for _, s := range o.Stacks {
		subjects = append(subjects, stackSubject(o.Evenkeel, s))
	}
	for _, n := range o.Services {
		subjects = append(subjects, programSubject(o.Self, n))
	}
	if len(subjects) > 0 {
		if err := Prepare(ctx, o.Root, o.Progress); err != nil {
			return nil, err
		}
	}
	for _, s := range subjects {
		target, err := deploy(ctx, o.Root, s, min(o.Runs, s.most), tell)
		if err != nil {
			return nil, err
		}
		r.Targets = append(r.Targets, *target)
	}
	r.judge()
	return r, nil
}

func thisMachine() Machine {
	m := Machine{CPUs: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	raw, _ := os.ReadFile("/proc/meminfo") // zero stands for what is not known
	for line := range strings.Lines(string(raw)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemTotal:" {
			kib, _ := strconv.Atoi(fields[1])
			m.MemoryGiB = (kib + 1<<19) >> 20
		}
	}
	raw, _ = os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(raw)); len(fields) > 0 {
		m.Load, _ = strconv.ParseFloat(fields[0], 64)
	}
	return m
}
