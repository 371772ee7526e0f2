package dashboard

import (
	"fmt"
	"regexp"

	"evenkeel/internal/signals"
)

// Colors that people of any color vision tell apart, by Okabe and Ito, the last by Tol. Lines
// and thresholds share none. https://jfly.uni-koeln.de/color/
var lineColors = []string{"#0072b2", "#cc79a7", "#56b4e9", "#999933"}

const objectiveColor = "#009e73"

func severityColor(s signals.Severity) string {
	switch s {
	case signals.Sev1:
		return "#d55e00"
	case signals.Sev2:
		return "#e69f00"
	case signals.Sev3:
		return "#8c8c8c"
	}
	return objectiveColor
}

// rows collects the metrics of one widget. CloudWatch wants ids that are unique
// in the widget; signals' are unique in a series.
type rows struct {
	refs  map[signals.Ref]string
	taken map[string]bool
	out   [][]any
	lines int
}

var identifier = regexp.MustCompile(`\b[a-z][a-z0-9_]*\b`)

// add draws one more line. Whatever is not the line itself is calculated with,
// but not drawn.
func (r *rows) add(s signals.Series) {
	hidden := false
	names := map[string]string{}
	place := func(id string, row []any, o options) {
		names[id] = r.unique(id)
		o.ID = names[id]
		if id == s.Return {
			o.Label, o.Color = s.Label, lineColors[r.lines%len(lineColors)]
		} else {
			o.Visible = &hidden
		}
		r.out = append(r.out, append(row, o))
	}
	for _, m := range s.Metrics {
		row := []any{m.Namespace, m.Name}
		for _, d := range m.Dimensions {
			row = append(row, d.Name, r.refs[d.Of])
		}
		place(m.ID, row, options{Stat: m.Stat})
	}
	for _, e := range s.Expressions {
		text := identifier.ReplaceAllStringFunc(e.Text, func(id string) string {
			if renamed, known := names[id]; known {
				return renamed
			}
			return id
		})
		place(e.ID, nil, options{Expression: text})
	}
	r.lines++
}

func (r *rows) unique(id string) string {
	name := id
	for i := 2; r.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", id, i)
	}
	r.taken[name] = true
	return name
}

func (in Input) rows(lines ...signals.Series) [][]any {
	r := rows{refs: in.refs(), taken: map[string]bool{}}
	for _, l := range lines {
		r.add(l)
	}
	return r.out
}
