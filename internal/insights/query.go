package insights

import (
	"fmt"
	"slices"
	"strconv"
)

// Query is a parsed query.
type Query struct {
	commands []command
	fields   []string
}

// Result is what a query answers.
type Result struct {
	// Columns are the names of the fields to show, in order.
	Columns []string
	// Rows have the values by column: numbers are float64, times are texts such
	// as "2026-01-02 15:04:05.000", and an absent value is left out.
	Rows []map[string]any
}

// command is one step of a query.
type command interface {
	run(t *table)
}

// table is what one command hands to the next.
type table struct {
	rows []row
	// columns are what is shown.
	columns []string
}

// Parse reads a query. What it does not know is an error that says where.
func Parse(query string) (*Query, error) {
	tokens, err := scan(query)
	if err != nil {
		return nil, fmt.Errorf("parse query: %w", err)
	}
	q, p := &Query{}, &parser{tokens: tokens}
	for {
		c, err := p.command()
		if err != nil {
			return nil, fmt.Errorf("parse query: %w", err)
		}
		q.commands = append(q.commands, c)
		if _, more := p.accept("|"); !more {
			break
		}
	}
	if t := p.peek(); t.kind != end {
		return nil, fmt.Errorf("parse query: %s, want \"|\" or the end", t)
	}
	return q, q.resolve()
}

func (p *parser) command() (command, error) {
	switch t := p.take(); t.text {
	case "fields", "display":
		columns, err := p.columns()
		return project{columns, t.text == "display"}, err
	case "filter":
		e, err := p.expression()
		return where{e}, err
	case "stats":
		return p.stats()
	case "sort":
		return p.sort()
	case "limit":
		n := p.take()
		most, err := strconv.Atoi(n.text)
		if n.kind != number || err != nil || most < 1 {
			return nil, fmt.Errorf("%s, want how many rows", n)
		}
		return limit{most}, nil
	default:
		return nil, fmt.Errorf("%s is no command that is known here", t)
	}
}

// columns reads expressions with their names.
func (p *parser) columns() ([]column, error) {
	var out []column
	for {
		begin := p.peek()
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		c := column{of: e}
		if f, ok := e.(field); ok {
			c.name = f.name
		}
		if _, ok := p.accept("as"); ok {
			alias := p.take()
			if alias.kind != word && alias.kind != quoted {
				return nil, fmt.Errorf(`%s, want a name after "as"`, alias)
			}
			c.name = alias.text
		}
		switch {
		case c.name == "":
			return nil, fmt.Errorf(`expression at %d has no name, want "as" and one`, begin.at)
		case slices.ContainsFunc(out, func(o column) bool { return o.name == c.name }):
			return nil, fmt.Errorf("column %q is there twice", c.name)
		}
		out = append(out, c)
		if _, more := p.accept(","); !more {
			return out, nil
		}
	}
}

func (p *parser) stats() (command, error) {
	p.grouped = true
	values, err := p.columns()
	p.grouped = false
	if err != nil {
		return nil, err
	}
	var by []column
	if _, ok := p.accept("by"); ok {
		if by, err = p.columns(); err != nil {
			return nil, err
		}
	}
	return stats{by: by, values: values}, nil
}

func (p *parser) sort() (command, error) {
	t := p.take()
	if t.kind != word && t.kind != quoted {
		return nil, fmt.Errorf("%s, want a field to sort by", t)
	}
	direction, _ := p.accept("asc", "desc")
	return sorting{t.text, direction == "desc"}, nil
}

// Fields lists the fields of log lines that the query reads, sorted, without
// those that CloudWatch adds (@timestamp, @message).
func (q *Query) Fields() []string { return slices.Clone(q.fields) }

// Run evaluates the query over records.
func (q *Query) Run(records []Record) *Result {
	t := &table{}
	for _, r := range records {
		t.rows = append(t.rows, r.fields)
	}
	for _, c := range q.commands {
		c.run(t)
	}
	return t.result()
}

func (t *table) result() *Result {
	out := &Result{Columns: t.columns}
	if len(out.Columns) == 0 {
		// What CloudWatch shows of a query that names no fields.
		out.Columns = []string{"@timestamp", "@message"}
	}
	for _, r := range t.rows {
		shown := map[string]any{}
		for _, c := range out.Columns {
			switch v := r[c].(type) {
			case nil:
			case float64, string, bool:
				shown[c] = v
			default:
				shown[c] = render(v)
			}
		}
		out.Rows = append(out.Rows, shown)
	}
	return out
}
