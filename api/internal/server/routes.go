package server

import (
	"net/http"
	"strings"
	"time"

	"evenkeel/api/internal/health"
	"evenkeel/api/internal/orders"
	"evenkeel/api/internal/problem"
	"evenkeel/api/internal/telemetry"
	"evenkeel/api/internal/web"
)

// requestTime is how long a request of /v1 may take, less than the server's
// write timeout so that the caller gets an answer.
const requestTime = 20 * time.Second

// capacity is how many orders are kept, some 35 MB at worst.
const capacity = 10_000

// handler is everything that the server answers.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range orders.Routes(orders.NewStore(capacity, time.Now)) {
		mux.Handle(pattern, web.Deadline(requestTime, s.faults.Inject(h)))
	}
	for pattern, h := range s.faults.Routes() {
		mux.Handle(pattern, h)
	}
	mux.Handle("GET "+health.Path, web.Handle(s.healthz))
	mux.Handle("GET /readyz", web.Handle(s.readyz))
	mux.Handle("GET /problems/{name}", web.Handle(explain))
	return s.always(telemetry.Access(s.log, s.life.draining, route(mux)))
}

// always sets the headers of every answer. While draining each connection ends
// with the answer it carries: closing idle connections instead would fail the
// requests that are just on their way.
func (s *Server) always(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if s.life.draining() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// route tells the log which route a request takes, and makes problem documents
// of what ServeMux would answer as plain text.
func route(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			_, path, _ := strings.Cut(pattern, " ")
			telemetry.From(r.Context()).SetRoute(path)
			mux.ServeHTTP(w, r)
			return
		}
		refusal := refused{header: http.Header{}}
		h.ServeHTTP(&refusal, r)
		web.Handle(func(w http.ResponseWriter, _ *http.Request) error {
			if refusal.status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", refusal.header.Get("Allow"))
				return problem.New(problem.MethodNotAllowed, "want one of %s", refusal.header.Get("Allow"))
			}
			return problem.New(problem.NotFound, "no route has this path")
		}).ServeHTTP(w, r)
	})
}

// refused takes ServeMux's own answer, to see what it would have been.
type refused struct {
	header http.Header
	status int
}

func (f *refused) Header() http.Header         { return f.header }
func (f *refused) WriteHeader(status int)      { f.status = status }
func (f *refused) Write(b []byte) (int, error) { return len(b), nil }

// healthz says that the process is alive, also while it drains: a check that
// failed then would have it killed before its time.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) error {
	rec := telemetry.From(r.Context())
	rec.SetProbe()
	if s.faults.Current().Unhealthy {
		rec.AddFault("unhealthy")
		return problem.New(problem.NotReady, "a drill says that the process is unhealthy")
	}
	return web.Answer(w, http.StatusOK, map[string]string{"status": "alive", "version": s.origin.Version})
}

// readyz says whether the process wants traffic.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	rec := telemetry.From(r.Context())
	rec.SetProbe()
	if s.faults.Current().NotReady {
		rec.AddFault("notReady")
		return problem.New(problem.NotReady, "a drill says that the process is not ready")
	}
	if now := s.life.now(); now != ready {
		return problem.New(problem.NotReady, "the process is %s", now)
	}
	return web.Answer(w, http.StatusOK, map[string]string{"status": "ready", "version": s.origin.Version})
}

// explain describes a type of problem.
func explain(w http.ResponseWriter, r *http.Request) error {
	for _, k := range problem.Kinds() {
		if k.Name == r.PathValue("name") {
			return web.Answer(w, http.StatusOK, struct {
				Type    string `json:"type"`
				Title   string `json:"title"`
				Status  int    `json:"status"`
				Meaning string `json:"meaning"`
			}{r.URL.Path, k.Title, k.Status, k.Meaning})
		}
	}
	return problem.New(problem.NotFound, "there is no such type of problem")
}
