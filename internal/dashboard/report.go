package dashboard

import (
	_ "embed"
	"fmt"
	"html"
	"strings"

	"evenkeel/internal/metricmath"
	"evenkeel/internal/signals"
)

//go:embed report.css
var style string

// report is one page.
type report struct {
	document document
	title    string
	// states of alarms by key; an alarm that is not in it was not evaluated.
	states map[string]metricmath.State
}

// Option changes what a report shows.
type Option func(*report) error

// WithSpec shows each alarm in the state that CloudWatch would give it at the
// end of the sample. Without it no state is shown. It is an error when an
// alarm's condition cannot be evaluated.
func WithSpec(spec signals.Spec) Option {
	return func(r *report) (err error) {
		r.states, err = states(spec)
		return err
	}
}

// Report draws the dashboard body as one HTML page with sample data. The page
// loads nothing and runs nothing. A body that is no dashboard's, a widget of
// another kind than metric, alarm, log and text, and a metric or expression that
// the sample has no data for are errors that name it.
func Report(body []byte, title string, options ...Option) ([]byte, error) {
	d, err := parse(body)
	if err != nil {
		return nil, err
	}
	r := report{document: d, title: title}
	for _, o := range options {
		if err := o(&r); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	r.head(&b)
	for i, w := range d.Widgets {
		if err := r.widget(&b, i, w); err != nil {
			return nil, fmt.Errorf("widgets[%d] %q: %w", i, w.Properties.Title, err)
		}
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return []byte(b.String()), nil
}

func (r report) head(b *strings.Builder) {
	title := html.EscapeString(r.title)
	fmt.Fprintf(b, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>
%s</style>
</head>
<body>
<header>
<h1>%s</h1>
<p><strong class="badge">SAMPLE DATA</strong> The dashboard's own document, drawn without AWS. The numbers are made up: they end at %s UTC, half an hour into a deployment that goes wrong.</p>
</header>
<main>
`, title, style, title, now.Format("15:04"))
}

func (r report) widget(b *strings.Builder, i int, w widget) error {
	if w.X < 0 || w.Y < 0 || w.Width < 1 || w.Height < 1 || w.X+w.Width > 24 {
		return fmt.Errorf("stands at %d,%d and is %dx%d, want it within 24 columns", w.X, w.Y, w.Width, w.Height)
	}
	id := fmt.Sprintf("w%d", i)
	inside, err := r.html(w, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, `<section class="%s" style="grid-area:%d/%d/span %d/span %d">`, w.Type, w.Y+1, w.X+1, w.Height, w.Width)
	if w.Properties.Title != "" {
		fmt.Fprintf(b, `<h2 id="%s">%s</h2>`, id, html.EscapeString(w.Properties.Title))
	}
	b.WriteString(inside + "</section>\n")
	return nil
}
