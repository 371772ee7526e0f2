package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// document is a dashboard body, as far as it is used here.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type document struct {
	Start          string   `json:"start"`
	PeriodOverride string   `json:"periodOverride"`
	Widgets        []widget `json:"widgets"`
}

// The kinds of widget.
const (
	metricWidget = "metric"
	textWidget   = "text"
	logWidget    = "log"
	alarmWidget  = "alarm"
)

// columns is the width of the grid.
const columns = 24

type widget struct {
	Type   string `json:"type"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	// Properties is one of the structures below.
	Properties any `json:"properties"`
}

type metricProperties struct {
	Title  string `json:"title"`
	Region string `json:"region"`
	View   string `json:"view"`
	// Metrics are rows as CloudWatch wants them: namespace, name and dimensions
	// followed by the options, or the options alone for an expression.
	Metrics              [][]any      `json:"metrics"`
	Period               int          `json:"period,omitempty"`
	Start                string       `json:"start,omitempty"`
	SetPeriodToTimeRange bool         `json:"setPeriodToTimeRange,omitempty"`
	FullPrecision        bool         `json:"singleValueFullPrecision,omitempty"`
	Stacked              *bool        `json:"stacked,omitempty"`
	Annotations          *annotations `json:"annotations,omitempty"`
	YAxis                *yAxis       `json:"yAxis,omitempty"`
	Legend               *legend      `json:"legend,omitempty"`
}

// options end a row of metrics.
type options struct {
	ID         string `json:"id"`
	Expression string `json:"expression,omitempty"`
	Label      string `json:"label,omitempty"`
	Stat       string `json:"stat,omitempty"`
	Color      string `json:"color,omitempty"`
	Visible    *bool  `json:"visible,omitempty"`
}

type annotations struct {
	Horizontal []horizontal `json:"horizontal"`
}

type horizontal struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
	Color string  `json:"color"`
}

type yAxis struct {
	Left axis `json:"left"`
}

type axis struct {
	Label     string   `json:"label"`
	Min       float64  `json:"min"`
	Max       *float64 `json:"max,omitempty"`
	ShowUnits bool     `json:"showUnits"`
}

type legend struct {
	Position string `json:"position"`
}

type textProperties struct {
	Markdown string `json:"markdown"`
}

type logProperties struct {
	Title  string `json:"title"`
	Region string `json:"region"`
	Query  string `json:"query"`
	View   string `json:"view"`
}

type alarmProperties struct {
	Title  string   `json:"title"`
	Alarms []string `json:"alarms"`
	SortBy string   `json:"sortBy"`
}

// firingFirst sorts alarms in ALARM first, and those that changed last before
// the others.
const firingFirst = "stateUpdatedTimestamp"

// canonical renders with sorted keys and without HTML escapes, so that the text
// depends on nothing but the content, and expressions stay readable.
func (d document) canonical() (string, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encode dashboard body: %w", err)
	}
	var sorted any
	if err := json.Unmarshal(raw, &sorted); err != nil {
		return "", fmt.Errorf("sort dashboard body: %w", err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(sorted); err != nil {
		return "", fmt.Errorf("encode dashboard body: %w", err)
	}
	return string(bytes.TrimSpace(out.Bytes())), nil
}
