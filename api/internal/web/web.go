// Package web reads JSON requests strictly and writes JSON answers.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"evenkeel/api/internal/problem"
	"evenkeel/api/internal/telemetry"
)

// MaxBody is the largest body that is read, in bytes.
const MaxBody = 64 << 10

// errSent is the error of an answer that broke off after its status was out.
var errSent = errors.New("the caller did not take the whole answer")

// Handle makes a handler of a function that may fail. A *problem.Problem is
// answered as it is, any other error as an internal one whose text only the log
// gets.
func Handle(fn func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := fn(w, r)
		if err == nil {
			return
		}
		rec := telemetry.From(r.Context())
		rec.SetError(err)
		var p *problem.Problem
		switch {
		case errors.Is(err, errSent):
			return
		case errors.As(err, &p):
		case errors.Is(err, context.DeadlineExceeded):
			p = problem.New(problem.Timeout, "The request's time was up.")
		case errors.Is(err, context.Canceled):
			p = problem.New(problem.ClientGone, "The caller closed the connection.")
		default:
			p = problem.New(problem.Internal, "The cause has been logged.")
		}
		if err := problem.Write(w, p); err != nil {
			rec.SetError(errors.Join(p, err))
		}
	})
}

// Deadline gives a handler's context at most the given time.
func Deadline(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Answer writes v as JSON.
func Answer(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		return fmt.Errorf("%w: %w", errSent, err)
	}
	return nil
}

// Decode reads one JSON document of at most MaxBody bytes into v and refuses
// members that v does not have. The error is a *problem.Problem.
func Decode(w http.ResponseWriter, r *http.Request, v any) error {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != "application/json" || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return problem.New(problem.MediaType, "Content-Type is %s, want application/json", problem.Quote(r.Header.Get("Content-Type")))
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return explain(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		if limit := (*http.MaxBytesError)(nil); errors.As(err, &limit) {
			return explain(err)
		}
		return problem.New(problem.Malformed, "something follows the JSON document, want one document")
	}
	return nil
}

// explain words an error of encoding/json for the caller.
func explain(err error) *problem.Problem {
	var (
		limit  *http.MaxBytesError
		syntax *json.SyntaxError
		typ    *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &limit):
		return problem.New(problem.TooLarge, "the body has more than %d bytes", limit.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem.New(problem.BodyTimeout, "the body did not arrive in time")
	case errors.Is(err, io.EOF):
		return problem.New(problem.Malformed, "the body is empty, want a JSON document")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem.New(problem.Malformed, "the JSON document ends too early")
	case errors.As(err, &syntax):
		return problem.New(problem.Malformed, "byte %d: %s", syntax.Offset, syntax)
	case errors.As(err, &typ):
		// The decoder does not tell which item of an array it was in, so that this
		// is no pointer to the value.
		where := typ.Field
		if where == "" {
			where = "the document"
		}
		// Of a number the value repeats every digit.
		value, _, _ := strings.Cut(typ.Value, " ")
		return problem.New(problem.Malformed, "%s is a JSON %s, want %s", where, value, kindName(typ))
	}
	// An unknown field has no type of its own.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if plain, err := strconv.Unquote(name); err == nil {
			name = plain
		}
		return problem.New(problem.Malformed, "there is no field %s", problem.Quote(name))
	}
	return problem.New(problem.Malformed, "the body could not be read")
}
