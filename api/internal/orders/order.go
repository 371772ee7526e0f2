// Package orders is the sample's resource: orders, kept in memory.
package orders

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"evenkeel/api/internal/problem"
)

// Status is where an order is in its life.
type Status string

// The statuses. An order is open, then paid, then shipped; until it is shipped
// it can be cancelled.
const (
	Open      Status = "open"
	Paid      Status = "paid"
	Shipped   Status = "shipped"
	Cancelled Status = "cancelled"
)

var (
	statuses = []Status{Open, Paid, Shipped, Cancelled}
	next     = map[Status][]Status{Open: {Paid, Cancelled}, Paid: {Shipped, Cancelled}}
)

// choices words the statuses.
const choices = string(Open + ", " + Paid + ", " + Shipped + " or " + Cancelled)

// Bounds of an order's values.
const (
	maxItems     = 50
	maxQuantity  = 1000
	maxUnitPrice = 10_000_000
)

var (
	customerPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	skuPattern      = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,31}$`)
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

// Item is one line of an order.
type Item struct {
	SKU string `json:"sku"`
	// Quantity is 1 to 1000.
	Quantity int `json:"quantity"`
	// UnitPrice is in the currency's minor unit (cents), 0 to 10,000,000.
	UnitPrice int `json:"unitPrice"`
}

// Draft is what a caller sends to place an order.
type Draft struct {
	Customer string `json:"customer"`
	// Currency is an ISO 4217 code.
	Currency string `json:"currency"`
	// Items are 1 to 50.
	Items []Item `json:"items"`
}

// Order is an order as callers get it.
type Order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Currency string `json:"currency"`
	Items    []Item `json:"items"`
	// Total is in the currency's minor unit.
	Total     int64     `json:"total"`
	Status    Status    `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// total cannot overflow: the bounds of a valid draft keep it below 10^12.
func (d Draft) total() int64 {
	var sum int64
	for _, it := range d.Items {
		sum += int64(it.Quantity) * int64(it.UnitPrice)
	}
	return sum
}

// validate lists what is wrong with a draft, or returns nil.
func (d Draft) validate() *problem.Problem {
	var v findings
	v.match("#/customer", d.Customer, customerPattern, "1 to 64 letters, digits, _ or -")
	v.match("#/currency", d.Currency, currencyPattern, "an ISO 4217 code such as EUR")
	if n := len(d.Items); n < 1 || n > maxItems {
		v.addf("#/items", "has %d items, want 1 to %d", n, maxItems)
	}
	seen := map[string]int{}
	for i, it := range d.Items[:min(len(d.Items), maxItems)] {
		at := "#/items/" + strconv.Itoa(i)
		v.match(at+"/sku", it.SKU, skuPattern, "1 to 32 capital letters, digits or -")
		v.within(at+"/quantity", it.Quantity, 1, maxQuantity)
		v.within(at+"/unitPrice", it.UnitPrice, 0, maxUnitPrice)
		if first, twice := seen[it.SKU]; twice && it.SKU != "" {
			v.addf(at+"/sku", "is %s like that of item %d, want one item a SKU", problem.Quote(it.SKU), first)
		} else {
			seen[it.SKU] = i
		}
	}
	return v.problem()
}

type findings []problem.FieldError

func (v *findings) addf(pointer, format string, args ...any) {
	*v = append(*v, problem.FieldError{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

func (v *findings) match(pointer, value string, pattern *regexp.Regexp, want string) {
	switch {
	case value == "":
		v.addf(pointer, "is missing, want %s", want)
	case !pattern.MatchString(value):
		v.addf(pointer, "is %s, want %s", problem.Quote(value), want)
	}
}

func (v *findings) within(pointer string, value, least, most int) {
	if value < least || value > most {
		v.addf(pointer, "is %d, want %d to %d", value, least, most)
	}
}

func (v *findings) problem() *problem.Problem {
	if len(*v) == 0 {
		return nil
	}
	p := problem.New(problem.InvalidFields, "%d values are not acceptable", len(*v))
	if len(*v) == 1 {
		p.Detail = "one value is not acceptable"
	}
	p.Errors = *v
	return p
}

// move checks that an order may go from one status to another.
func move(from, to Status) error {
	if from == to || slices.Contains(next[from], to) {
		return nil
	}
	return problem.New(problem.Conflict, "the order is %s and cannot become %s", from, to)
}
