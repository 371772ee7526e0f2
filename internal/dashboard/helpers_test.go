package dashboard_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evenkeel/internal/dashboard"
	"evenkeel/internal/signals"
)

func spec() signals.Spec {
	return signals.Spec{
		Availability:  99.9,
		Latency:       signals.LatencyObjective{Percent: 99, Within: 300 * time.Millisecond},
		SlowestAnswer: time.Second, ContainerInsights: true, ApplicationNamespace: "evenkeel/orders-test",
		CPUTarget: 60, MemoryTarget: 75,
	}
}

// body reads a document that the dashboard component renders: "full" has
// everything, "plain" what every stack has.
func body(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../components/dashboard/testdata/" + name + ".json")
	require.NoError(t, err)
	return text
}

// pages keeps what was drawn: weeks of samples take a second.
var pages = map[string]string{}

func report(t *testing.T, text []byte) string {
	t.Helper()
	if pages[string(text)] == "" {
		pages[string(text)] = draw(t, text)
	}
	return pages[string(text)]
}

func draw(t *testing.T, text []byte) string {
	t.Helper()
	page, err := dashboard.Report(text, "orders-test", dashboard.WithSpec(spec()))
	require.NoError(t, err)
	return string(page)
}

// widget is what tests need to know of one.
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, View string
		Metrics     [][]any
		Alarms      []string
		Annotations struct {
			Horizontal []struct{ Label, Color string }
		}
	}
}

func widgets(t *testing.T, text []byte) []widget {
	t.Helper()
	var d struct{ Widgets []widget }
	require.NoError(t, json.Unmarshal(text, &d))
	require.NotEmpty(t, d.Widgets)
	return d.Widgets
}

// visible are the options of the lines that a widget draws.
func (w widget) visible() []map[string]any {
	var out []map[string]any
	for _, row := range w.Properties.Metrics {
		if o := row[len(row)-1].(map[string]any); o["visible"] != false {
			out = append(out, o)
		}
	}
	return out
}
