package play_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway/play"
)

const (
	region   = "eu-west-1"
	prefix   = "arn:aws:ecs:eu-west-1:123456789012:"
	blueTG   = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/0123456789abcdef"
	greenTG  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/0123456789abcdef"
	stepping = 100 * time.Millisecond
)

// stage is a world with a clock and effects of its own.
type stage struct {
	*play.World
	t       *testing.T
	now     time.Time
	ringing map[string]bool
	// listeners are by ARN, each with the percentage of the green target group.
	listeners map[string]int
	moves     []string
	broken    error
	reported  []error
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), ringing: map[string]bool{}, listeners: map[string]int{}}
	s.World = play.NewWorld(func() time.Time { return s.now }, s, func(err error) { s.reported = append(s.reported, err) })
	return s
}

func (s *stage) Alarming(_ string, names []string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !s.ringing[name] }), nil
}

func (s *stage) SetAlarm(_, name, state, _ string) error {
	s.ringing[name] = state == "ALARM"
	return nil
}

func (s *stage) Forward(_, listener string, weights []play.Weight) error {
	if s.broken != nil {
		return s.broken
	}
	for _, w := range weights {
		if w.TargetGroup == greenTG {
			s.listeners[listener] = w.Percent
			s.moves = append(s.moves, fmt.Sprintf("%s %d", listener, w.Percent))
		}
	}
	return nil
}

var errBroken = errors.New("no such listener")

// steps moves the clock on.
func (s *stage) steps(n int) {
	for range n {
		s.now = s.now.Add(stepping)
		s.Advance()
	}
}

// until moves the clock on until something holds, or fails the test.
func (s *stage) until(what string, holds func() bool) {
	s.t.Helper()
	for range 200 {
		if holds() {
			return
		}
		s.steps(1)
	}
	require.Fail(s.t, "never happened in 200 steps: "+what)
}

func image(digit string) string {
	out := ""
	for range 64 {
		out += digit
	}
	return "sha256:" + out
}

// revision is a task definition, and its image's digest.
func revision(n int) *play.Definition {
	return &play.Definition{
		ARN: fmt.Sprintf("%stask-definition/web:%d", prefix, n), Containers: []play.Container{{Name: "app", Image: "repo@" + image(fmt.Sprint(n))}},
	}
}

// plays sets the outcome of the image of a revision.
func (s *stage) plays(n int, o play.Outcome) {
	s.t.Helper()
	require.NoError(s.t, s.Set(play.Play{Image: image(fmt.Sprint(n)), Outcome: o, StepMS: 100}))
}

func settings(desired int) play.Settings {
	return play.Settings{
		Desired: desired, MinHealthy: 100, MaxTotal: 200, Breaker: true, BreakerRollback: true,
		LoadBalancers: []play.LoadBalancer{{TargetGroup: blueTG, Container: "app", Port: 8080}},
	}
}

// service makes a service of revision 1 and waits until it is steady.
func (s *stage) service(with play.Settings, codeDeploy bool) *play.Service {
	s.t.Helper()
	require.NoError(s.t, s.Set(play.Play{StepMS: 100}))
	made := s.Create(play.Service{
		Settings: with, ARN: prefix + "service/c/web", Name: "web", ClusterARN: prefix + "cluster/c", Region: region, CodeDeploy: codeDeploy,
	}, revision(1))
	s.until("the first deployment is steady", func() bool {
		p := made.Primary()
		return made.Steady(p) && (codeDeploy || p.State == play.Completed)
	})
	return made
}

func messages(s *play.Service) []string {
	var out []string
	for _, e := range slices.Backward(s.Events) {
		out = append(out, e.Message)
	}
	return out
}

func serving(t *testing.T, s *play.Service, n int) {
	t.Helper()
	require.NotNil(t, s.Primary())
	assert.Equal(t, revision(n).ARN, s.Primary().Definition.ARN)
	running, pending := s.Count()
	assert.Equal(t, []int{s.Desired, 0}, []int{running, pending})
}
