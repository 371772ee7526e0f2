package insights

import (
	"fmt"
	"slices"
	"strings"
)

// names is what a query knows of fields while its commands are read in order.
type names struct {
	// read are fields of the log lines, made are columns that the query made.
	read, made map[string]bool
	// closed says that there are no fields but the made ones.
	closed bool
}

func (n *names) use(name string) error {
	switch {
	case n.made[name]:
	case n.closed:
		return fmt.Errorf("field %q is gone after stats", name)
	case !strings.HasPrefix(name, "@"):
		n.read[name] = true
	}
	return nil
}

func (n *names) useAll(columns []column) error {
	for _, c := range columns {
		if err := n.useIn(c.of); err != nil {
			return err
		}
	}
	return nil
}

func (n *names) useIn(e expression) error {
	var first error
	e.each(func(part expression) {
		var err error
		switch part := part.(type) {
		case field:
			err = n.use(part.name)
		case bin:
			err = n.use("@timestamp")
		}
		if first == nil {
			first = err
		}
	})
	return first
}

func (n *names) make(columns []column) {
	for _, c := range columns {
		if f, same := c.of.(field); !same || f.name != c.name {
			n.made[c.name] = true
		}
	}
}

// resolve finds which fields the query reads, and refuses those that an
// earlier command has dropped.
func (q *Query) resolve() error {
	n := &names{read: map[string]bool{}, made: map[string]bool{}}
	for _, c := range q.commands {
		var err error
		switch c := c.(type) {
		case project:
			err = n.useAll(c.columns)
			n.make(c.columns)
		case where:
			err = n.useIn(c.condition)
		case stats:
			err = n.useAll(slices.Concat(c.by, c.values))
			n.made, n.closed = map[string]bool{}, true
			for _, col := range slices.Concat(c.by, c.values) {
				n.made[col.name] = true
			}
		case sorting:
			err = n.use(c.by)
		}
		if err != nil {
			return fmt.Errorf("parse query: %w", err)
		}
	}
	for name := range n.read {
		q.fields = append(q.fields, name)
	}
	slices.Sort(q.fields)
	return nil
}
