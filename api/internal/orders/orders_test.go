package orders_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/orders"
	"evenkeel/api/internal/problem"
)

func draft() orders.Draft {
	return orders.Draft{Customer: "c-1", Currency: "EUR", Items: []orders.Item{{SKU: "A-1", Quantity: 2, UnitPrice: 150}}}
}

// clock ticks a second each time that somebody looks at it.
func clock() func() time.Time {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	return func() time.Time { now = now.Add(time.Second); return now }
}

func items(n int) []orders.Item {
	var list []orders.Item
	for i := range n {
		list = append(list, orders.Item{SKU: fmt.Sprintf("A-%d", i), Quantity: 1000, UnitPrice: 10_000_000})
	}
	return list
}

func TestDraftsWithinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		edit  func(*orders.Draft)
		total int64
	}{
		"one item":          {func(*orders.Draft) {}, 300},
		"for nothing":       {func(d *orders.Draft) { d.Items[0].UnitPrice = 0 }, 0},
		"as much as can be": {func(d *orders.Draft) { d.Items = items(50) }, 500_000_000_000},
		"longest names": {func(d *orders.Draft) {
			d.Customer, d.Items[0].SKU = strings.Repeat("c", 64), strings.Repeat("S", 32)
		}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			d := draft()
			c.edit(&d)
			o, err := orders.NewStore(1, clock()).Add(d)
			require.NoError(t, err)
			assert.Equal(t, c.total, o.Total)
			assert.Equal(t, time.Date(2026, 1, 1, 11, 0, 1, 0, time.UTC), o.CreatedAt)
			assert.Regexp(t, `^ord_[a-z2-7]{26}$`, o.ID)
		})
	}
}

func TestDraftsOutOfBounds(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*orders.Draft)
		want []problem.FieldError
	}{
		"nothing": {func(d *orders.Draft) { *d = orders.Draft{} }, []problem.FieldError{
			{Pointer: "#/customer", Detail: "is missing, want 1 to 64 letters, digits, _ or -"},
			{Pointer: "#/currency", Detail: "is missing, want an ISO 4217 code such as EUR"},
			{Pointer: "#/items", Detail: "has 0 items, want 1 to 50"},
		}},
		"customer too long": {func(d *orders.Draft) { d.Customer = strings.Repeat("c", 65) }, []problem.FieldError{
			{Pointer: "#/customer", Detail: `is "` + strings.Repeat("c", 64) + `…", want 1 to 64 letters, digits, _ or -`},
		}},
		"customer in two lines": {func(d *orders.Draft) { d.Customer = "c\n" }, []problem.FieldError{
			{Pointer: "#/customer", Detail: `is "c\n", want 1 to 64 letters, digits, _ or -`},
		}},
		"currency": {func(d *orders.Draft) { d.Currency = "EURO" }, []problem.FieldError{
			{Pointer: "#/currency", Detail: `is "EURO", want an ISO 4217 code such as EUR`},
		}},
		"too many items": {func(d *orders.Draft) { d.Items = items(51) }, []problem.FieldError{
			{Pointer: "#/items", Detail: "has 51 items, want 1 to 50"},
		}},
		"empty item": {func(d *orders.Draft) { d.Items = []orders.Item{{}} }, []problem.FieldError{
			{Pointer: "#/items/0/sku", Detail: "is missing, want 1 to 32 capital letters, digits or -"},
			{Pointer: "#/items/0/quantity", Detail: "is 0, want 1 to 1000"},
		}},
		"too much": {func(d *orders.Draft) { d.Items[0].Quantity, d.Items[0].UnitPrice = 1001, 10_000_001 }, []problem.FieldError{
			{Pointer: "#/items/0/quantity", Detail: "is 1001, want 1 to 1000"},
			{Pointer: "#/items/0/unitPrice", Detail: "is 10000001, want 0 to 10000000"},
		}},
		"the same twice": {func(d *orders.Draft) { d.Items = append(d.Items, items(1)[0], d.Items[0]) }, []problem.FieldError{
			{Pointer: "#/items/2/sku", Detail: `is "A-1" like that of item 0, want one item a SKU`},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := draft()
			c.edit(&d)
			s := orders.NewStore(1, clock())
			_, err := s.Add(d)
			var p *problem.Problem
			require.ErrorAs(t, err, &p)
			assert.Equal(t, "invalid-fields", p.Kind.Name)
			assert.Equal(t, c.want, p.Errors)
			found, _ := s.List(1, 0, "")
			assert.Empty(t, found, "nothing was changed")
		})
	}
}

func TestLifeOfAnOrder(t *testing.T) {
	all := []orders.Status{orders.Open, orders.Paid, orders.Shipped, orders.Cancelled}
	paths := map[orders.Status][]orders.Status{
		orders.Open: {}, orders.Paid: {orders.Paid}, orders.Shipped: {orders.Paid, orders.Shipped}, orders.Cancelled: {orders.Cancelled},
	}
	allowed := map[orders.Status][]orders.Status{
		orders.Open:      {orders.Open, orders.Paid, orders.Cancelled},
		orders.Paid:      {orders.Paid, orders.Shipped, orders.Cancelled},
		orders.Shipped:   {orders.Shipped},
		orders.Cancelled: {orders.Cancelled},
	}
	for _, from := range all {
		for _, to := range all {
			t.Run(string(from+" to "+to), func(t *testing.T) {
				s := orders.NewStore(1, clock())
				o, err := s.Add(draft())
				require.NoError(t, err)
				for _, step := range paths[from] {
					o, err = s.SetStatus(o.ID, step)
					require.NoError(t, err)
				}
				moved, err := s.SetStatus(o.ID, to)
				now, lost := s.Get(o.ID)
				require.NoError(t, lost)
				if slices.Contains(allowed[from], to) {
					require.NoError(t, err)
					assert.Equal(t, to, moved.Status)
					assert.Equal(t, moved, now)
					assert.Equal(t, from != to, moved.UpdatedAt.After(o.UpdatedAt))
					return
				}
				var p *problem.Problem
				require.ErrorAs(t, err, &p)
				assert.Equal(t, fmt.Sprintf("the order is %s and cannot become %s", from, to), p.Detail)
				assert.Equal(t, o, now, "nothing was changed")
			})
		}
	}
}

func TestOldestMakesWay(t *testing.T) {
	for capacity, kept := range map[int]int{3: 3, 1: 1, 0: 1, -1: 1} {
		s := orders.NewStore(capacity, clock())
		var ids []string
		for range 10 {
			o, err := s.Add(draft())
			require.NoError(t, err)
			ids = append(ids, o.ID)
		}
		found, next := s.List(100, 0, "")
		require.Len(t, found, kept)
		assert.Zero(t, next)
		assert.Equal(t, ids[9], found[0].ID)
		for i, id := range ids {
			_, err := s.Get(id)
			assert.Equal(t, i >= 10-kept, err == nil, "order %d of 10, %d kept", i, kept)
		}
	}
}

// Orders come and go while a caller turns pages: none comes twice, and a cursor
// whose order is gone still works.
func TestPagesWhileOrdersComeAndGo(t *testing.T) {
	s := orders.NewStore(4, clock())
	add := func() string {
		o, err := s.Add(draft())
		require.NoError(t, err)
		return o.ID
	}
	a, b, c, d := add(), add(), add(), add()
	page, next := s.List(2, 0, "")
	assert.Equal(t, []string{d, c}, []string{page[0].ID, page[1].ID})
	add()
	page, end := s.List(2, next, "")
	require.Len(t, page, 1, "%s made way", a)
	assert.Equal(t, b, page[0].ID)
	assert.Zero(t, end)
	for range 4 {
		add()
	}
	page, end = s.List(2, next, "")
	assert.Empty(t, page)
	assert.Zero(t, end)
	_, err := s.SetStatus(a, orders.Paid)
	require.ErrorContains(t, err, "there is no order")
}

func TestManyCallersAtOnce(t *testing.T) {
	s := orders.NewStore(50, time.Now)
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for range 100 {
				o, err := s.Add(draft())
				if !assert.NoError(t, err) {
					return
				}
				_, _ = s.SetStatus(o.ID, orders.Paid)
				_, _ = s.Get(o.ID)
				s.List(10, 0, orders.Paid)
			}
		})
	}
	crowd.Wait()
	found, _ := s.List(100, 0, "")
	assert.Len(t, found, 50)
}
