package deploytime

import (
	"fmt"
	"time"
)

// Step is a part of a deployment.
type Step struct {
	What  string
	Takes Span
	// Source is the stack's own keys, or the page that an estimate comes from.
	Source string
}

// Plan is what happens one after another.
type Plan struct {
	Steps []Step
	// Served is how many of the steps pass until the new version has all traffic.
	Served int
}

func (p *Plan) add(what string, takes Span, source string) {
	p.Steps = append(p.Steps, Step{what, takes, source})
}

// Total is how long all of it takes.
func (p Plan) Total() Span { return p.until(len(p.Steps)) }

// Serving is how long it takes until the new version has all traffic.
func (p Plan) Serving() Span { return p.until(p.Served) }

func (p Plan) until(n int) Span {
	var out Span
	for _, s := range p.Steps[:n] {
		out = out.Plus(s.Takes)
	}
	return out
}

// batch is a part of a rolling deployment: tasks are started, and when they are
// healthy old ones are stopped.
type batch struct{ start, stop int }

// batches are how ECS replaces n tasks between its two limits: the lower is
// rounded up, the upper down, and a task that stops still counts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func (v Values) batches(n int) ([]batch, error) {
	lower := (n*v.MinimumHealthyPercent + 99) / 100
	upper := n * v.MaximumPercent / 100
	var out []batch
	for old, fresh := n, 0; old > 0 || fresh < n; {
		b := batch{start: min(n-fresh, upper-old-fresh)}
		b.start = max(b.start, 0)
		fresh += b.start
		b.stop = min(old, old+fresh-lower)
		b.stop = max(b.stop, 0)
		old -= b.stop
		if b.start == 0 && b.stop == 0 {
			return nil, fmt.Errorf("with %d tasks, %d to %d percent, no task can be replaced", n, v.MinimumHealthyPercent, v.MaximumPercent)
		}
		out = append(out, b)
	}
	return out, nil
}

// starting adds what happens until started tasks are healthy.
func (v Values) starting(p *Plan, tasks string, app App) {
	p.add("ECS notices, and asks for "+tasks, scheduling.takes, scheduling.source)
	p.add("Fargate provides a machine and its network interface", provisioning.takes, provisioning.source)
	p.add("The image is pulled: Fargate keeps none", pulling.takes, pulling.source)
	p.add("The application starts", app.Start, "the application")
	if v.Container.Interval > 0 {
		p.add("First good answers to both checks: one makes a new target healthy", v.Target.noticing().Or(v.Container.noticing()),
			"`ingress.healthCheck`, `service.healthCommand`")
		return
	}
	p.add("First good answer to the load balancer: it makes a new target healthy", v.Target.noticing(), "`ingress.healthCheck`")
}

// stopping adds what happens until old tasks are gone. The low bound is that of
// a load balancer without an open connection, which does not wait.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
func (v Values) stopping(p *Plan, tasks string, app App) {
	p.add("ECS notices, and takes "+tasks+" out of the load balancer", scheduling.takes, scheduling.source)
	p.Served = len(p.Steps)
	p.add("They finish their requests", Span{0, v.Deregistration, v.Deregistration}, "`ingress.deregistrationDelaySeconds`")
	p.add("SIGTERM: the application drains, or is killed", Span{app.Drain, app.Drain + time.Second, v.StopTimeout},
		"the application; at most `service.stopTimeoutSeconds`")
	p.add("They are stopped", stopping.takes, stopping.source)
}

// Healthy is a deployment of n tasks in which all goes well, until AWS calls it
// complete.
func (v Values) Healthy(n int, app App) (Plan, error) {
	if v.Strategy != Rolling {
		return v.shifting(n, app), nil
	}
	var p Plan
	batches, err := v.batches(n)
	if err != nil {
		return p, err
	}
	for _, b := range batches {
		if b.start > 0 {
			v.starting(&p, count(b.start, "new task"), app)
		}
		if b.stop > 0 {
			v.stopping(&p, count(b.stop, "old task"), app)
		}
	}
	if window := v.longestWindow(); window > 0 {
		p.add("ECS watches the alarms a while longer (bake time)", Span{window / 2, window, 2 * window},
			"estimate: AWS computes it from the alarms and does not say how, https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html")
	}
	return p, nil
}

// shifting is a deployment by CodeDeploy.
func (v Values) shifting(n int, app App) Plan {
	var p Plan
	p.add("CodeDeploy starts the deployment", preparing.takes, preparing.source)
	v.starting(&p, count(n, "new task"), app)
	p.add("The test listener shows them; `evenkeel release` asks it, and goes on", smokeTest.takes, smokeTest.source)
	p.add("CodeDeploy moves the first traffic", rerouting.takes, rerouting.source)
	switch v.Strategy {
	case Canary:
		p.add(fmt.Sprintf("%d %% of the traffic is watched, then all of it moves", v.ShiftPercent), exactly(v.ShiftEvery).Plus(rerouting.takes),
			"`deployment.canaryMinutes`")
	case Linear:
		p.add(fmt.Sprintf("%d more steps of %d %% of the traffic", v.steps(), v.ShiftPercent), exactly(v.Shifting()).Plus(rerouting.takes),
			"`deployment.linearPercent`, `deployment.linearMinutes`")
	case Rolling, BlueGreen:
	}
	p.Served = len(p.Steps)
	return p
}

// steps are those of a linear shift after its first.
func (v Values) steps() int { return (100+v.ShiftPercent-1)/v.ShiftPercent - 1 }

// Shifting is the time between the first traffic on a new version and all of it,
// as it is set: zero where all moves at once.
func (v Values) Shifting() time.Duration {
	switch v.Strategy {
	case Canary:
		return v.ShiftEvery
	case Linear:
		return time.Duration(v.steps()) * v.ShiftEvery
	case Rolling, BlueGreen:
	}
	return 0
}

const (
	// patience is how long a deployment may take besides its shift: four times
	// what the slowest default one is expected to.
	patience = time.Hour
	// around is what a job does besides: it gets its tools, updates the stack,
	// sets it back after a failure, and asks the API.
	around = 30 * time.Minute
)

// Patience is how long `evenkeel release` waits for AWS before it calls a
// deployment stuck.
func (v Values) Patience() time.Duration { return patience + v.Shifting() }

// Job is how long a job that releases has to be allowed to take.
func (v Values) Job() time.Duration { return v.Patience() + around }

// Retiring is what follows a deployment by CodeDeploy that has succeeded: until
// its end a rollback takes seconds. Nothing for a rolling one.
func (v Values) Retiring(app App) Plan {
	var p Plan
	if v.Strategy != Rolling {
		p.add("The old tasks stay, in case somebody wants to go back", exactly(v.Termination), "`deployment.terminationWaitMinutes`")
		v.stopping(&p, "the old tasks", app)
	}
	return p
}

// longestWindow is that of the alarm that looks back longest.
func (v Values) longestWindow() time.Duration {
	var out time.Duration
	for _, a := range v.Alarms {
		out = max(out, a.window())
	}
	return out
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
