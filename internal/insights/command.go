package insights

import (
	"fmt"
	"maps"
	"slices"
)

// column is a named expression.
type column struct {
	name string
	of   expression
}

// project is fields and display.
type project struct {
	columns []column
	// only drops the columns before.
	only bool
}

func (c project) run(t *table) {
	rows := make([]row, len(t.rows))
	for i, r := range t.rows {
		rows[i] = maps.Clone(r)
		for _, col := range c.columns {
			rows[i][col.name] = col.of.value(scope{row: r})
		}
	}
	t.rows = rows
	if c.only {
		t.columns = nil
	}
	for _, col := range c.columns {
		if !slices.Contains(t.columns, col.name) {
			t.columns = append(t.columns, col.name)
		}
	}
}

type where struct{ condition expression }

func (c where) run(t *table) {
	var rows []row
	for _, r := range t.rows {
		if truth(c.condition.value(scope{row: r})) {
			rows = append(rows, r)
		}
	}
	t.rows = rows
}

type stats struct{ by, values []column }

func (c stats) run(t *table) {
	groups, keys := map[string][]row{}, []string{}
	labels := map[string]row{}
	for _, r := range t.rows {
		label, key := row{}, ""
		for _, col := range c.by {
			v := col.of.value(scope{row: r})
			label[col.name] = v
			key += fmt.Sprintf("%T %q;", v, render(v))
		}
		if _, ok := groups[key]; !ok {
			keys, labels[key] = append(keys, key), label
		}
		groups[key] = append(groups[key], r)
	}
	t.rows, t.columns = nil, nil
	for _, key := range keys {
		r := labels[key]
		for _, col := range c.values {
			r[col.name] = col.of.value(scope{group: groups[key]})
		}
		t.rows = append(t.rows, r)
	}
	for _, col := range slices.Concat(c.by, c.values) {
		t.columns = append(t.columns, col.name)
	}
}

type sorting struct {
	by         string
	descending bool
}

func (c sorting) run(t *table) {
	slices.SortStableFunc(t.rows, func(a, b row) int {
		o := ordered(a[c.by], b[c.by])
		if c.descending {
			return -o
		}
		return o
	})
}

// ordered puts absent values before texts, and texts before numbers.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
func ordered(a, b value) int {
	rank := func(v value) int {
		if v == nil {
			return 0
		}
		if _, ok := numeric(v); ok {
			return 2
		}
		return 1
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	o, _ := order(a, b)
	return o
}

type limit struct{ most int }

func (c limit) run(t *table) {
	t.rows = t.rows[:min(c.most, len(t.rows))]
}
