package faults

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	"evenkeel/api/internal/problem"
	"evenkeel/api/internal/telemetry"
	"evenkeel/api/internal/web"
)

// Path is where the switch is.
const Path = "/admin/faults"

// Routes are the switch's handlers by their pattern; none for a nil switch.
func (s *Switch) Routes() map[string]http.Handler {
	if s == nil {
		return nil
	}
	return map[string]http.Handler{
		"GET " + Path:    s.guarded(s.get),
		"PUT " + Path:    s.guarded(s.put),
		"DELETE " + Path: s.guarded(s.delete),
	}
}

// guarded asks for the token.
func (s *Switch) guarded(fn func(http.ResponseWriter, *http.Request) error) http.Handler {
	want := sha256.Sum256([]byte(s.token))
	return web.Handle(func(w http.ResponseWriter, r *http.Request) error {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		// Of equal length, so that the time taken says nothing about the token.
		got := sha256.Sum256([]byte(given))
		if !ok || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="faults"`)
			return problem.New(problem.Unauthorized, "want Authorization: Bearer with the fault switch's token")
		}
		return fn(w, r)
	})
}

func (s *Switch) get(w http.ResponseWriter, _ *http.Request) error {
	return web.Answer(w, http.StatusOK, s.Current())
}

func (s *Switch) put(w http.ResponseWriter, r *http.Request) error {
	var to Settings
	if err := web.Decode(w, r, &to); err != nil {
		return err
	}
	if p := to.validate(); p != nil {
		return p
	}
	s.set(to)
	status := http.StatusOK
	if to.Crash {
		status = http.StatusAccepted
	}
	return web.Answer(w, status, s.Current())
}

func (s *Switch) delete(w http.ResponseWriter, _ *http.Request) error {
	s.clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Inject applies the faults that are on to requests. A nil switch applies none.
func (s *Switch) Inject(next http.Handler) http.Handler {
	if s == nil {
		return next
	}
	return web.Handle(func(w http.ResponseWriter, r *http.Request) error {
		now, rec := s.Current(), telemetry.From(r.Context())
		if now.LatencyMs > 0 {
			rec.AddFault("latency")
			timer := time.NewTimer(time.Duration(now.LatencyMs) * time.Millisecond)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
				return fmt.Errorf("injected latency: %w", r.Context().Err())
			}
		}
		if now.ErrorRatio > 0 && s.roll() < now.ErrorRatio {
			rec.AddFault("error")
			return problem.New(problem.Internal, "The error was injected by a drill.")
		}
		next.ServeHTTP(w, r)
		return nil
	})
}
