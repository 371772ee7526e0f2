package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts"
)

// sameRuns is how often the commands that change nothing are run in each
// deployment: they are quick, and they are what people wait for every day.
const sameRuns = 3

// subject is what is deployed.
type subject struct {
	name string
	// stack is the stack's name.
	stack string
	// args is the command that does a step, without its program.
	args func(Step) []string
	// program is the command's program.
	program string
	// most is how many deployments are worth their time.
	most int
}

// many is the number of services above which a program is deployed once:
// bringing it up and down takes a quarter of an hour.
const many = 20

// stackSubject is a committed stack, run by the product's own command.
func stackSubject(evenkeel, stack string) subject {
	local := map[Step]string{FirstPreview: "preview", Up: "up", SamePreview: "preview", SameUp: "up", Down: "down"}
	return subject{stack, stack, func(s Step) []string {
		args := []string{"local", local[s]}
		if s == Graph {
			args = []string{"graph"}
		}
		return append(args, "--stack", stack, "--format", "json")
	}, evenkeel, math.MaxInt}
}

// programSubject is a program with services, run by the benchmark's own command.
func programSubject(self string, services int) subject {
	most := math.MaxInt
	if services > many {
		most = 1
	}
	return subject{name(services), stackName(services), func(s Step) []string {
		return []string{OperateCommand, "--services", strconv.Itoa(services), "--step", string(s)}
	}, self, most}
}

// name is "1 service" or "50 services".
func name(services int) string {
	if services == 1 {
		return "1 service"
	}
	return strconv.Itoa(services) + " services"
}

// deployment is a subject in a project of its own.
type deployment struct {
	subject
	dir  string
	env  []string
	tell func(format string, args ...any)
}

// newDeployment makes the project: the checkout's Pulumi files in a temporary
// folder, so that a stack that the user has running is not touched.
func newDeployment(root string, s subject, tell func(string, ...any)) (*deployment, error) {
	dir, err := os.MkdirTemp("", "evenkeel-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a project: %w", err)
	}
	cache := os.Getenv("EVENKEEL_CACHE")
	if cache == "" {
		cache = filepath.Join(root, parts.CacheFolder)
	}
	d := &deployment{s, dir, []string{"EVENKEEL_CACHE=" + cache}, tell}
	// The Go module is how the parts' sources are told apart from others'.
	for _, pattern := range []string{"Pulumi*.yaml", "go.mod", "go.sum"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		for _, file := range files {
			var raw []byte
			if raw, err = os.ReadFile(file); err == nil {
				err = os.WriteFile(filepath.Join(dir, filepath.Base(file)), raw, 0o600)
			}
			if err != nil {
				break
			}
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("make a project: %w", err), os.RemoveAll(dir))
		}
	}
	if err := os.Symlink(filepath.Join(root, "internal"), filepath.Join(dir, "internal")); err != nil {
		return nil, errors.Join(fmt.Errorf("make a project: %w", err), os.RemoveAll(dir))
	}
	return d, nil
}

// close stops the emulator, if it still runs, and removes the project.
func (d *deployment) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), killAfter)
	defer cancel()
	running, err := emulator.Find(d.stackDir())
	if running != nil {
		err = running.Stop(ctx)
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}

func (d *deployment) stackDir() string {
	return filepath.Join(d.dir, parts.CacheFolder, "stacks", d.stack)
}

// emulatorPID reads which process the emulator is, without asking it anything.
func (d *deployment) emulatorPID() int {
	var running struct{ Gateway struct{ PID int } }
	raw, err := os.ReadFile(filepath.Join(d.stackDir(), "emulator.json"))
	if err != nil || json.Unmarshal(raw, &running) != nil {
		return 0
	}
	return running.Gateway.PID
}

// cycle brings the subject up and down once.
func (d *deployment) cycle(ctx context.Context, into *Target) error {
	for _, s := range Steps() {
		runs := 1
		if s == Graph || s == SamePreview || s == SameUp {
			runs = sameRuns
		}
		for range runs {
			o, err := d.step(ctx, s, into)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", d.name, s, err)
			}
			into.add(s, o)
			d.tell("%s: %s: %.1f s", d.name, s, o.took.Seconds())
		}
	}
	return nil
}

// step runs one step and checks that it did what its name says.
func (d *deployment) step(ctx context.Context, s Step, into *Target) (outcome, error) {
	o, err := measure(ctx, command{
		dir: d.dir, env: d.env, args: append([]string{d.program}, d.args(s)...), emulator: d.emulatorPID,
	})
	if err != nil || s == Graph {
		return o, err
	}
	var result struct {
		Changes map[string]int `json:"changes"`
		Refused []string       `json:"refused"`
	}
	if err := json.Unmarshal(o.stdout, &result); err != nil {
		return o, fmt.Errorf("read the command's answer: %w", err)
	}
	wanted := map[Step]string{FirstPreview: "create", Up: "create", SamePreview: "same", SameUp: "same", Down: "delete"}[s]
	for operation, n := range result.Changes {
		if operation != wanted && n > 0 {
			return o, fmt.Errorf("%d resources: %s, want %s only", n, operation, wanted)
		}
	}
	if result.Changes[wanted] == 0 {
		return o, fmt.Errorf("no resource: %s, want some", wanted)
	}
	if len(result.Refused) > 0 {
		return o, fmt.Errorf("the emulator knows nothing of %v", result.Refused)
	}
	if s == Up {
		into.Resources = result.Changes[wanted]
	}
	return o, nil
}

// deploy measures a subject.
func deploy(ctx context.Context, root string, s subject, runs int, tell func(string, ...any)) (_ *Target, err error) {
	target := &Target{Name: s.name, Steps: map[Step]*Figure{}}
	for run := range runs {
		begin := time.Now()
		tell("%s: deployment %d of %d", s.name, run+1, runs)
		d, err := newDeployment(root, s, tell)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(d.cycle(ctx, target), d.close()); err != nil {
			return nil, err
		}
		tell("%s: deployment %d of %d took %.0f s", s.name, run+1, runs, time.Since(begin).Seconds())
	}
	return target, nil
}
