package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// table is a heading and rows of equal length.
type table struct {
	title string
	head  []string
	rows  [][]string
}

// tables are the report's figures, the same for every format.
func (r *Report) tables() []table {
	var out []table
	if r.Program != nil {
		out = append(out, r.Program.table())
	}
	if len(r.Targets) > 0 {
		out = append(out, r.times(), r.memory())
	}
	if len(r.Goals) > 0 {
		t := table{"Goals", []string{"goal", "limit", "measured", ""}, nil}
		for _, g := range r.Goals {
			t.rows = append(t.rows, []string{
				g.What, "< " + strconv.FormatFloat(g.Limit, 'f', -1, 64) + " " + g.Unit, number(g.Measured) + " " + g.Unit,
				map[bool]string{true: "met", false: "missed"}[g.Met],
			})
		}
		out = append(out, t)
	}
	return out
}

func (b *Build) table() table {
	t := table{"The program, `go build .`", []string{"build", "time", "CPU time", "memory", "largest process"}, nil}
	for _, row := range []struct {
		name   string
		figure Figure
	}{
		{"cold: empty build cache, modules downloaded", b.Cold}, {"one package of the program edited", b.Edited}, {"warm: nothing changed", b.Warm},
	} {
		t.rows = append(t.rows, []string{
			row.name, seconds(row.figure.Median()), seconds(median(row.figure.CPUSeconds)),
			mib(row.figure.Memory.Command), mib(row.figure.Memory.Largest),
		})
	}
	t.rows = append(t.rows, []string{"size of the binary", "", "", mib(b.BinaryMiB), ""}, []string{"size of the build cache", "", "", mib(b.CacheMiB), ""})
	return t
}

// times has a column a target.
func (r *Report) times() table {
	t := table{"Time", []string{"command"}, [][]string{{"resources"}}}
	for _, target := range r.Targets {
		t.head = append(t.head, target.Name)
		t.rows[0] = append(t.rows[0], strconv.Itoa(target.Resources))
	}
	for _, s := range Steps() {
		row := []string{string(s)}
		for _, target := range r.Targets {
			cell := unknown
			if f := target.Steps[s]; f != nil {
				cell = seconds(f.Median())
			}
			row = append(row, cell)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func (r *Report) memory() table {
	t := table{"Peak memory", []string{"processes"}, nil}
	for _, target := range r.Targets {
		t.head = append(t.head, target.Name)
	}
	row := func(name string, read func(*Target) int) {
		cells := []string{name}
		for i := range r.Targets {
			cells = append(cells, mib(read(&r.Targets[i])))
		}
		t.rows = append(t.rows, cells)
	}
	row("command, program, engine, AWS provider", func(t *Target) int { return t.Memory().Command })
	row("of these the largest process", func(t *Target) int { return t.Memory().Largest })
	row("emulator", func(t *Target) int { return t.Memory().Emulator })
	return t
}

// unknown is a cell without a figure.
const unknown = "–"

func mib(n int) string {
	if n == 0 {
		return unknown
	}
	return strconv.Itoa(n) + " MiB"
}

func seconds(s float64) string { return number(s) + " s" }

// number keeps three digits that count.
func number(f float64) string {
	switch {
	case f >= 100:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case f >= 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	default:
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
}

// conditions say when, where and how the figures were taken.
func (r *Report) conditions() string {
	m := r.Machine
	out := fmt.Sprintf("Taken %s by `%s` on %s, %d CPUs", r.Date, r.Command, m.System, m.CPUs)
	if m.MemoryGiB > 0 {
		out += fmt.Sprintf(", %d GiB", m.MemoryGiB)
	}
	out += ", " + m.Go
	if m.Load > 0 {
		out += fmt.Sprintf(", load %.1f at the start", m.Load)
	}
	return out + ". Times are wall-clock medians, memory is the most that was seen."
}

// WriteJSON writes every single figure.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteText writes aligned tables.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, strings.ReplaceAll(r.conditions(), "`", ""))
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n%s\n", strings.ReplaceAll(t.title, "`", ""))
		tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range append([][]string{t.head}, t.rows...) {
			fmt.Fprintln(tw, "  "+strings.Join(row, "\t"))
		}
		if err := tw.Flush(); err != nil {
			return err
		}
	}
	for line := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// Markdown is the report for docs/performance.md.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.conditions())
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n### %s\n\n", t.title)
		for i, row := range append([][]string{t.head}, t.rows...) {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
			}
		}
	}
	return b.String()
}
