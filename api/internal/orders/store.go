package orders

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"evenkeel/api/internal/problem"
)

// Store keeps the newest orders in memory. It is safe for concurrent use.
type Store struct {
	capacity int
	now      func() time.Time

	mu    sync.RWMutex
	last  uint64
	byAge []*entry // oldest first, so by number as well
	byID  map[string]*entry
}

type entry struct {
	number uint64
	order  Order
}

// NewStore makes an empty store for at most capacity orders, at least one. The
// oldest makes way for one too many: memory stays bounded.
func NewStore(capacity int, now func() time.Time) *Store {
	return &Store{capacity: max(capacity, 1), now: now, byID: map[string]*entry{}}
}

// Add places an order.
func (s *Store) Add(d Draft) (Order, error) {
	if p := d.validate(); p != nil {
		return Order{}, p
	}
	now := s.now().UTC()
	o := Order{
		ID:       "ord_" + strings.ToLower(rand.Text()),
		Customer: d.Customer, Currency: d.Currency, Items: slices.Clone(d.Items), Total: d.total(),
		Status: Open, CreatedAt: now, UpdatedAt: now,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byAge) == s.capacity {
		delete(s.byID, s.byAge[0].order.ID)
		s.byAge[0] = nil
		s.byAge = s.byAge[1:]
	}
	s.last++
	e := &entry{number: s.last, order: o}
	s.byAge = append(s.byAge, e)
	s.byID[o.ID] = e
	return o, nil
}

// Get returns an order. The error is a problem when there is none.
func (s *Store) Get(id string) (Order, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e, ok := s.byID[id]
	if !ok {
		return Order{}, missing(id)
	}
	return e.order, nil
}

// SetStatus moves an order on. The error is a problem when there is none or it
// cannot go there. Setting the status that it has changes nothing.
func (s *Store) SetStatus(id string, to Status) (Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byID[id]
	if !ok {
		return Order{}, missing(id)
	}
	if err := move(e.order.Status, to); err != nil {
		return Order{}, err
	}
	if e.order.Status != to {
		e.order.Status, e.order.UpdatedAt = to, s.now().UTC()
	}
	return e.order, nil
}

// List returns at most limit orders, newest first, of those older than the
// order with the number before (0: of all), and the number to go on from, 0 at
// the end. An empty status means every status.
func (s *Store) List(limit int, before uint64, status Status) ([]Order, uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	end := len(s.byAge)
	if before > 0 {
		end, _ = slices.BinarySearchFunc(s.byAge, before, func(e *entry, n uint64) int {
			return cmp.Compare(e.number, n)
		})
	}
	found := []Order{}
	var oldest uint64
	for i := end - 1; i >= 0; i-- {
		e := s.byAge[i]
		if status != "" && e.order.Status != status {
			continue
		}
		if len(found) == limit {
			return found, oldest
		}
		found, oldest = append(found, e.order), e.number
	}
	return found, 0
}

func missing(id string) error {
	return problem.New(problem.NotFound, "there is no order %s", problem.Quote(id))
}
