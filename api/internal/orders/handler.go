package orders

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"evenkeel/api/internal/problem"
	"evenkeel/api/internal/web"
)

// How many orders a list has.
const (
	defaultLimit = 20
	maxLimit     = 100
)

type page struct {
	Orders []Order `json:"orders"`
	// Next is the cursor of the next page, absent on the last.
	Next string `json:"next,omitempty"`
}

type statusChange struct {
	Status Status `json:"status"`
}

// Routes are the resource's handlers by their pattern.
func Routes(s *Store) map[string]http.Handler {
	return map[string]http.Handler{
		"POST /v1/orders":            web.Handle(s.post),
		"GET /v1/orders":             web.Handle(s.list),
		"GET /v1/orders/{id}":        web.Handle(s.get),
		"PUT /v1/orders/{id}/status": web.Handle(s.putStatus),
	}
}

func (s *Store) post(w http.ResponseWriter, r *http.Request) error {
	var d Draft
	if err := web.Decode(w, r, &d); err != nil {
		return err
	}
	if err := r.Context().Err(); err != nil {
		return fmt.Errorf("place an order: %w", err)
	}
	o, err := s.Add(d)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/orders/"+o.ID)
	return web.Answer(w, http.StatusCreated, o)
}

func (s *Store) get(w http.ResponseWriter, r *http.Request) error {
	o, err := s.Get(r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, o)
}

func (s *Store) putStatus(w http.ResponseWriter, r *http.Request) error {
	var change statusChange
	if err := web.Decode(w, r, &change); err != nil {
		return err
	}
	if !slices.Contains(statuses, change.Status) {
		var v findings
		v.addf("#/status", "is %s, want %s", problem.Quote(string(change.Status)), choices)
		return v.problem()
	}
	o, err := s.SetStatus(r.PathValue("id"), change.Status)
	if err != nil {
		return err
	}
	return web.Answer(w, http.StatusOK, o)
}

func (s *Store) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	limit, before, status := defaultLimit, uint64(0), Status(q.Get("status"))
	var wrong []problem.FieldError
	refuse := func(name, want string) {
		wrong = append(wrong, problem.FieldError{
			Parameter: name, Detail: fmt.Sprintf("is %s, want %s", problem.Quote(q.Get(name)), want),
		})
	}
	if q.Has("limit") {
		n, err := strconv.Atoi(q.Get("limit"))
		if limit = n; err != nil || n < 1 || n > maxLimit {
			refuse("limit", fmt.Sprintf("1 to %d", maxLimit))
		}
	}
	if q.Has("cursor") {
		n, err := strconv.ParseUint(q.Get("cursor"), 36, 64)
		if before = n; err != nil || n == 0 {
			refuse("cursor", `the "next" of an earlier answer`)
		}
	}
	if q.Has("status") && !slices.Contains(statuses, status) {
		refuse("status", choices)
	}
	if len(wrong) > 0 {
		return (*findings)(&wrong).problem()
	}
	found, last := s.List(limit, before, status)
	answer := page{Orders: found}
	if last > 0 {
		answer.Next = strconv.FormatUint(last, 36)
	}
	return web.Answer(w, http.StatusOK, answer)
}
