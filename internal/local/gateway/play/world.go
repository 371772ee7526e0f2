package play

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Effects is what a World changes and asks outside itself.
type Effects interface {
	// Alarming returns those of the named alarms that are in ALARM.
	Alarming(region string, names []string) ([]string, error)
	// SetAlarm puts an alarm into a state, OK or ALARM.
	SetAlarm(region, name, state, reason string) error
	// Forward makes a listener's default action forward to target groups.
	Forward(region, listener string, weights []Weight) error
}

// Weight is the share of a target group in a listener's traffic, in percent.
type Weight struct {
	TargetGroup string
	Percent     int
}

// Definition is what is played of a task definition.
type Definition struct {
	ARN        string
	Containers []Container
	// CPU and Memory are the task's, as ECS shows them.
	CPU, Memory string
}

// Container is what is played of a container definition.
type Container struct{ Name, Image string }

// Family is the task definition's name without its revision.
func (d *Definition) Family() string {
	name, _, _ := strings.Cut(d.ARN[strings.LastIndexByte(d.ARN, '/')+1:], ":")
	return name
}

// World is every service and deployment that is played.
type World struct {
	now     func() time.Time
	effects Effects
	report  func(error)
	plays   map[string]Play
	// services are by ARN, deliveries by id in the order of their creation.
	services   map[string]*Service
	deliveries map[string]*Delivery
	order      []string
	addresses  int
	// ringing are the alarms in ALARM, as far as they were asked for during this
	// Advance: a pause is caught up with in many steps, and one question is enough.
	ringing map[string][]string
}

// NewWorld makes an empty world. report hears of effects that fail.
func NewWorld(now func() time.Time, effects Effects, report func(error)) *World {
	return &World{
		now: now, effects: effects, report: report, plays: map[string]Play{},
		services: map[string]*Service{}, deliveries: map[string]*Delivery{},
	}
}

// Now is the world's time.
func (w *World) Now() time.Time { return w.now() }

// patience is how many steps are caught up with after a pause. Everything has
// settled by then but what never settles.
const patience = 10_000

// Advance moves the world to the present.
func (w *World) Advance() {
	now := w.now()
	w.ringing = map[string][]string{}
	defer func() { w.ringing = nil }()
	for range patience {
		var due *Service
		for _, s := range w.services {
			if !s.next.IsZero() && !s.next.After(now) && (due == nil || s.next.Before(due.next)) {
				due = s
			}
		}
		if due == nil {
			return
		}
		at := due.next
		due.next = at.Add(due.pace())
		due.step(at)
		if due.settled() {
			due.next = time.Time{}
		}
	}
	for _, s := range w.services {
		if !s.next.IsZero() && s.next.Before(now) {
			s.next = now
		}
	}
}

// wake makes a service move on, a step from now, if it rests.
func (s *Service) wake() {
	if s.next.IsZero() {
		s.next = s.world.now().Add(s.pace())
	}
}

func (s *Service) pace() time.Duration {
	if s.delivery != nil {
		return s.delivery.script.step
	}
	if p := s.Primary(); p != nil {
		return p.script.step
	}
	return defaultStep * time.Millisecond
}

// Service finds a service by its ARN, or nil.
func (w *World) Service(arn string) *Service { return w.services[arn] }

// Services are all of them, in no order.
func (w *World) Services() []*Service {
	var out []*Service
	for _, s := range w.services {
		out = append(out, s)
	}
	return out
}

// Task finds a task by its ARN or id, or nil.
func (w *World) Task(name string) *Task {
	id := name[strings.LastIndexByte(name, '/')+1:]
	for _, s := range w.services {
		for _, t := range s.AllTasks() {
			if t.ID == id {
				return t
			}
		}
	}
	return nil
}

// setID makes the id of a deployment or task set, such as
// ecs-svc/2153088967709430471.
func setID() string {
	const digits = 19
	low := new(big.Int).Exp(big.NewInt(10), big.NewInt(digits-1), nil)
	// crypto/rand's reader never fails.
	n, _ := rand.Int(rand.Reader, new(big.Int).Mul(low, big.NewInt(8)))
	return "ecs-svc/" + n.Add(n, low).String()
}

// taskID makes the id of a task, 32 hexadecimal digits.
func taskID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return fmt.Sprintf("%x", b)
}

// deliveryID makes the id of a CodeDeploy deployment, such as d-A7YW3F91L.
func deliveryID() string {
	return "d-" + rand.Text()[:9]
}

// address gives each task an address of its own.
func (w *World) address() string {
	w.addresses++
	return fmt.Sprintf("10.0.%d.%d", w.addresses/250%250, w.addresses%250+4)
}
