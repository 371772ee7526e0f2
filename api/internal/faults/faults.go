// Package faults is the switch for drills: it makes the API slow, wrong, large,
// unavailable or dead, on demand and for a limited time. It exists in a process
// only where the configuration turns it on, which production refuses.
package faults

import (
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"evenkeel/api/internal/problem"
	"evenkeel/api/internal/telemetry"
)

// Bounds of what can be set.
const (
	defaultSeconds = 60
	maxSeconds     = 3600
	maxLatencyMs   = 60_000
	// The largest Fargate task has 120 GB; a drill needs to fill a small one.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
	maxMemoryMiB = 16_384

	// ExitCode is what a crash ends the process with.
	ExitCode   = 70
	crashDelay = 200 * time.Millisecond
)

// Settings are the faults to inject. The zero value injects none.
type Settings struct {
	// LatencyMs is how much longer each request of /v1 takes, in milliseconds,
	// 0 to 60,000.
	LatencyMs int `json:"latencyMs"`
	// ErrorRatio is which part of the requests of /v1 is answered with status
	// 500, 0 to 1.
	ErrorRatio float64 `json:"errorRatio"`
	// MemoryMiB is how much memory is held besides, in MiB, 0 to 16,384.
	MemoryMiB int `json:"memoryMiB"`
	// NotReady makes /readyz fail.
	NotReady bool `json:"notReady"`
	// Unhealthy makes /healthz fail, so that the load balancer and ECS replace
	// the task.
	Unhealthy bool `json:"unhealthy"`
	// Crash ends the process at once.
	Crash bool `json:"crash"`
	// Seconds is how long the faults last, 1 to 3600; 0 means 60.
	Seconds int `json:"seconds"`
}

func (s Settings) validate() *problem.Problem {
	var wrong []problem.FieldError
	check := func(good bool, name, want string) {
		if !good {
			wrong = append(wrong, problem.FieldError{Pointer: "#/" + name, Detail: "is out of range, want " + want})
		}
	}
	check(s.LatencyMs >= 0 && s.LatencyMs <= maxLatencyMs, "latencyMs", "0 to 60000")
	check(s.ErrorRatio >= 0 && s.ErrorRatio <= 1, "errorRatio", "0 to 1")
	check(s.MemoryMiB >= 0 && s.MemoryMiB <= maxMemoryMiB, "memoryMiB", "0 to 16384")
	check(s.Seconds >= 0 && s.Seconds <= maxSeconds, "seconds", "1 to 3600")
	if len(wrong) == 0 {
		return nil
	}
	p := problem.New(problem.InvalidFields, "%d values are out of range", len(wrong))
	p.Errors = wrong
	return p
}

// Switch holds the faults that are on. It is safe for concurrent use.
type Switch struct {
	token string
	log   *slog.Logger
	exit  func(code int)
	roll  func() float64

	mu      sync.Mutex
	now     Settings
	until   time.Time
	timer   *time.Timer
	ballast []byte
}

// New makes a switch with no fault on. Whoever knows the token can set faults;
// exit ends the process.
func New(token string, log *slog.Logger, exit func(code int)) *Switch {
	return &Switch{token: token, log: log, exit: exit, roll: rand.Float64}
}

// Current returns the faults that are on. A nil switch has none.
func (s *Switch) Current() Settings {
	if s == nil {
		return Settings{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// set replaces all faults.
func (s *Switch) set(to Settings) {
	if to.Seconds == 0 {
		to.Seconds = defaultSeconds
	}
	lasts := time.Duration(to.Seconds) * time.Second
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	// Without the lock, which every request takes: it lasts a while.
	ballast := fill(to.MemoryMiB)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.now, s.until, s.ballast = to, time.Now().Add(lasts), ballast
	s.timer = time.AfterFunc(lasts, s.expire)
	s.log.Warn("faults on", slog.Any(telemetry.FieldFaults, to))
	if to.Crash {
		time.AfterFunc(crashDelay, func() { s.exit(ExitCode) })
	}
}

// fill takes memory, which counts once it is written to.
func fill(mib int) []byte {
	if mib == 0 {
		return nil
	}
	b := make([]byte, mib<<20)
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	return b
}

// clear ends all faults.
func (s *Switch) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.log.Info("faults off")
}

// expire ends the faults whose time is up. A timer that fired just when other
// faults replaced its own must not end those.
func (s *Switch) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer == nil || time.Now().Before(s.until) {
		return
	}
	s.stop()
	s.log.Info("faults over")
}

func (s *Switch) stop() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	held := s.ballast != nil
	s.now, s.ballast = Settings{}, nil
	if held {
		debug.FreeOSMemory()
	}
}
