package bench

import (
	"cmp"
	"slices"
	"time"
)

// Report is one run of the benchmark.
type Report struct {
	// Date is the day; Command what was run.
	Date    string `json:"date"`
	Command string `json:"command"`
	// Machine is where.
	Machine Machine `json:"machine"`
	// Program is how long the program takes to build, nil when that was not
	// measured.
	Program *Build `json:"program,omitempty"`
	// Targets are the stacks and programs that were deployed.
	Targets []Target `json:"targets"`
	// Goals are the goals that what was measured can be held to.
	Goals []Goal `json:"goals"`
}

// Machine is where a benchmark ran.
type Machine struct {
	CPUs int `json:"cpus"`
	// MemoryGiB is zero where it is not known.
	MemoryGiB int    `json:"memoryGiB"`
	System    string `json:"system"` // such as linux/amd64
	Go        string `json:"go"`
	// Load is how many processes wanted a CPU, on average, in the minute before
	// the benchmark: what else was going on. Zero where it is not known.
	Load float64 `json:"load"`
}

// Figure is what was measured of one kind of command.
type Figure struct {
	// Seconds are the commands' wall-clock times, in order.
	Seconds []float64 `json:"seconds"`
	// CPUSeconds are their processors' times, programs they waited for included.
	CPUSeconds []float64 `json:"cpuSeconds"`
	// Memory is the most of all of them.
	Memory Memory `json:"memory"`
}

// Median is the median of the wall-clock times, zero without any.
func (f Figure) Median() float64 { return median(f.Seconds) }

// add takes one command into account.
func (f *Figure) add(o outcome) {
	f.Seconds = append(f.Seconds, o.took.Seconds())
	f.CPUSeconds = append(f.CPUSeconds, o.cpu.Seconds())
	f.Memory = f.Memory.max(o.memory)
}

// outcome is how one command went.
type outcome struct {
	took, cpu time.Duration
	memory    Memory
	stdout    []byte
}

// Build is how long `go build .` takes.
type Build struct {
	// Cold is with an empty build cache and all modules downloaded, Edited with
	// one package of the program changed, Warm with nothing changed.
	Cold   Figure `json:"cold"`
	Edited Figure `json:"edited"`
	Warm   Figure `json:"warm"`
	// BinaryMiB is the program's size, CacheMiB that of the build cache.
	BinaryMiB int `json:"binaryMiB"`
	CacheMiB  int `json:"cacheMiB"`
}

// Step is a kind of command that every target is put through.
type Step string

// The steps, in order.
const (
	Graph        Step = "graph"
	FirstPreview Step = "first preview"
	Up           Step = "up"
	SamePreview  Step = "no-change preview"
	SameUp       Step = "no-change up"
	Down         Step = "destroy"
)

// Steps lists them.
func Steps() []Step { return []Step{Graph, FirstPreview, Up, SamePreview, SameUp, Down} }

// Target is a stack or a program that was deployed.
type Target struct {
	// Name is "dev", "prod" or "50 services".
	Name string `json:"name"`
	// Resources is how many there are in the engine's state, the stack itself
	// and components included.
	Resources int `json:"resources"`
	// Steps are its figures.
	Steps map[Step]*Figure `json:"steps"`
}

func (t *Target) add(s Step, o outcome) {
	if t.Steps[s] == nil {
		t.Steps[s] = &Figure{}
	}
	t.Steps[s].add(o)
}

// Memory is the most of all steps.
func (t *Target) Memory() Memory {
	var most Memory
	for _, f := range t.Steps {
		most = most.max(f.Memory)
	}
	return most
}

// Goal is a limit and whether it was kept.
type Goal struct {
	// What is what is limited, Unit the unit of Limit and Measured.
	What     string  `json:"what"`
	Limit    float64 `json:"limit"`
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit"`
	Met      bool    `json:"met"`
}

// judge fills in the goals of what was measured.
func (r *Report) judge() {
	r.Goals = []Goal{}
	goal := func(what string, limit, measured float64, unit string) {
		if measured > 0 {
			r.Goals = append(r.Goals, Goal{what, limit, measured, unit, measured < limit})
		}
	}
	if b := r.Program; b != nil {
		goal("cold build of the program", 60, b.Cold.Median(), "s")
		goal("largest process of the cold build", 3072, float64(b.Cold.Memory.Largest), "MiB")
	}
	limits := map[string]float64{"prod": 4, name(50): 7}
	for _, t := range r.Targets {
		if f := t.Steps[SamePreview]; f != nil && limits[t.Name] > 0 {
			goal("no-change preview of "+t.Name, limits[t.Name], f.Median(), "s")
		}
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare[float64])
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
