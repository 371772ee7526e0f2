package play

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Outcome is how the deployments of an image go.
type Outcome string

const (
	// Healthy tasks start, pass their checks and stay.
	Healthy Outcome = "healthy"
	// Crash is a container that exits with 1 as soon as it runs.
	Crash Outcome = "crash"
	// Unhealthy tasks run, and never pass the load balancer's health checks.
	Unhealthy Outcome = "unhealthy"
	// Alarm is a healthy deployment during which the first of its rollback
	// alarms rings. Without a rollback alarm it is Healthy.
	Alarm Outcome = "alarm"
	// Stuck tasks stay pending: there is no capacity for them.
	Stuck Outcome = "stuck"
)

// Outcomes are all of them, as people are told.
func Outcomes() []string {
	return []string{string(Healthy), string(Crash), string(Unhealthy), string(Alarm), string(Stuck)}
}

// Play says how deployments of an image go that start from now on.
type Play struct {
	// Image is the digest of the image, "sha256:" and 64 hexadecimal digits.
	// Empty stands for every image that has no play of its own.
	Image string `json:"image"`
	// Outcome is healthy unless it is set.
	Outcome Outcome `json:"outcome"`
	// StepMS is how long a step takes, in ms, 1 to 60,000. Default 300. A task
	// takes a step from one status to the next; what AWS counts in minutes takes a
	// step a minute.
	StepMS int `json:"stepMs"`
}

const (
	defaultStep = 300
	longestStep = 60_000
)

var digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Validate fills in the defaults and says all that is wrong with a play.
func (p *Play) Validate() error {
	var wrong []string
	if p.Image != "" && !digest.MatchString(p.Image) {
		wrong = append(wrong, fmt.Sprintf(`image: is %q, want a digest such as "sha256:<64 hexadecimal digits>", or "" for every image`, p.Image))
	}
	if p.Outcome == "" {
		p.Outcome = Healthy
	}
	if !slices.Contains(Outcomes(), string(p.Outcome)) {
		wrong = append(wrong, fmt.Sprintf("outcome: is %q, want one of %s", p.Outcome, strings.Join(Outcomes(), ", ")))
	}
	if p.StepMS == 0 {
		p.StepMS = defaultStep
	}
	if p.StepMS < 1 || p.StepMS > longestStep {
		wrong = append(wrong, fmt.Sprintf("stepMs: is %d, want 1 to %d", p.StepMS, longestStep))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("play: %s", strings.Join(wrong, "; "))
	}
	return nil
}

// script is a play as a deployment follows it.
type script struct {
	outcome Outcome
	step    time.Duration
}

// Set replaces the play of an image.
func (w *World) Set(p Play) error {
	if err := p.Validate(); err != nil {
		return err
	}
	w.plays[p.Image] = p
	return nil
}

// Plays lists the plays, ordered by image, beginning with the one for every image.
func (w *World) Plays() []Play {
	out := []Play{}
	for _, p := range w.plays {
		out = append(out, p)
	}
	if _, ok := w.plays[""]; !ok {
		out = append(out, Play{Outcome: Healthy, StepMS: defaultStep})
	}
	slices.SortFunc(out, func(a, b Play) int { return cmp.Compare(a.Image, b.Image) })
	return out
}

// scriptOf finds the play of the first container that has one of its own.
func (w *World) scriptOf(d *Definition) script {
	p := w.Plays()[0]
	for _, c := range d.Containers {
		_, after, ok := strings.Cut(c.Image, "@")
		if own, has := w.plays[after]; ok && has {
			p = own
			break
		}
	}
	return script{p.Outcome, time.Duration(p.StepMS) * time.Millisecond}
}
