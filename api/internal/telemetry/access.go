package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"evenkeel/api/internal/problem"
)

// What a caller can make a log line hold, in bytes a field.
const (
	maxText  = 256
	maxError = 1024
)

// Request is what is known of a request while it is handled.
type Request struct {
	log    *slog.Logger
	route  string
	faults []string
	err    error
	probe  bool
}

type contextKey struct{}

// From returns the request's record; outside of Access a throw-away one.
func From(ctx context.Context) *Request {
	if r, ok := ctx.Value(contextKey{}).(*Request); ok {
		return r
	}
	return &Request{log: slog.New(slog.DiscardHandler)}
}

// Log is a logger whose lines carry the request's id.
func (r *Request) Log() *slog.Logger { return r.log }

// SetRoute says which route handles the request.
func (r *Request) SetRoute(pattern string) { r.route = pattern }

// SetError says why the request failed, for the log only.
func (r *Request) SetError(err error) { r.err = err }

// AddFault says that a drill's fault struck the request.
func (r *Request) AddFault(name string) { r.faults = append(r.faults, name) }

// SetProbe marks a health check: its line is logged at debug level while the
// answer is good, because each task gets dozens of them a minute.
func (r *Request) SetProbe() { r.probe = true }

// Access gives every request an id, logs one line when it ends, and turns a
// panic into a problem document. draining is asked when the request ends.
func Access(log *slog.Logger, draining func() bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		id := requestID(r.Header.Get(problem.RequestIDHeader))
		w.Header().Set(problem.RequestIDHeader, id)
		rec := &Request{
			log:   log.With(FieldRequestID, id, FieldTraceID, traceID(r.Header.Get("X-Amzn-Trace-Id"))),
			route: RouteUnmatched,
		}
		res := &response{ResponseWriter: w}
		defer func() {
			abort := rec.recovered(res, recover())
			rec.end(r, res, time.Since(begin), draining())
			if abort {
				panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own way to cut a connection off
			}
		}()
		next.ServeHTTP(res, r.WithContext(context.WithValue(r.Context(), contextKey{}, rec)))
	})
}

// recovered handles what a handler panicked with. It reports whether the
// connection has to be cut, because half an answer is already on its way.
func (r *Request) recovered(res *response, cause any) (abort bool) {
	if cause == nil {
		return false
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		r.err = errors.New("answer cut off")
		return true
	}
	r.err = fmt.Errorf("panic: %v", cause)
	r.log.Error(MessagePanic, slog.String(FieldError, clip(fmt.Sprint(cause), maxError)), slog.String(FieldStack, string(debug.Stack())))
	if res.status != 0 {
		return true
	}
	if err := problem.Write(res, problem.New(problem.Internal, "The cause has been logged.")); err != nil {
		r.err = errors.Join(r.err, err)
	}
	return false
}

// end logs the request's line.
func (r *Request) end(req *http.Request, res *response, took time.Duration, draining bool) {
	status := res.status
	if status == 0 {
		// net/http answers so when a handler writes nothing.
		status = http.StatusOK
	}
	attrs := []slog.Attr{
		slog.String(FieldMethod, clip(req.Method, maxText)),
		slog.String(FieldRoute, r.route),
		slog.String(FieldPath, clip(req.URL.Path, maxText)),
		slog.Int(FieldStatus, status),
		slog.Float64(FieldDurationMs, math.Round(float64(took.Microseconds()))/1000),
		slog.Int64(FieldBytes, res.bytes),
		slog.String(FieldRemoteIP, remoteIP(req)),
		slog.String(FieldUserAgent, clip(req.UserAgent(), maxText)),
	}
	if draining {
		attrs = append(attrs, slog.Bool(FieldDraining, true))
	}
	if len(r.faults) > 0 {
		attrs = append(attrs, slog.String(FieldFault, strings.Join(slices.Compact(r.faults), ",")))
	}
	if r.err != nil {
		attrs = append(attrs, slog.String(FieldError, clip(r.err.Error(), maxError)))
	}
	r.log.LogAttrs(req.Context(), r.level(status), MessageRequest, attrs...)
}

func (r *Request) level(status int) slog.Level {
	switch {
	case r.probe && status < http.StatusBadRequest:
		return slog.LevelDebug
	case r.probe:
		return slog.LevelWarn
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	}
	return slog.LevelInfo
}

func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}

// response remembers what was answered.
type response struct {
	http.ResponseWriter

	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *response) WriteHeader(status int) {
	// 1xx is not the answer yet.
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *response) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}
