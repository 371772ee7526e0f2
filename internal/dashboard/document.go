package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// document is a dashboard body, as far as it is drawn.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type document struct {
	Start   string   `json:"start"`
	Widgets []widget `json:"widgets"`
}

type widget struct {
	Type       string     `json:"type"`
	X          int        `json:"x"`
	Y          int        `json:"y"`
	Width      int        `json:"width"`
	Height     int        `json:"height"`
	Properties properties `json:"properties"`
}

type properties struct {
	Title                string            `json:"title"`
	View                 string            `json:"view"`
	Start                string            `json:"start"`
	Period               int               `json:"period"`
	SetPeriodToTimeRange bool              `json:"setPeriodToTimeRange"`
	Metrics              []json.RawMessage `json:"metrics"`
	Annotations          struct {
		Horizontal []annotation `json:"horizontal"`
	} `json:"annotations"`
	YAxis struct {
		Left struct {
			Label string   `json:"label"`
			Max   *float64 `json:"max"`
		} `json:"left"`
	} `json:"yAxis"`
	Alarms   []string `json:"alarms"`
	Query    string   `json:"query"`
	Markdown string   `json:"markdown"`
}

type annotation struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
	Color string  `json:"color"`
}

// row is one metric or expression of a widget.
type row struct {
	Namespace, Name string
	Dimensions      []string
	options
}

type options struct {
	ID         string `json:"id"`
	Expression string `json:"expression"`
	Label      string `json:"label"`
	Stat       string `json:"stat"`
	Color      string `json:"color"`
	Visible    *bool  `json:"visible"`
}

func (o options) visible() bool { return o.Visible == nil || *o.Visible }

// defaultShown is the time shown when a body doesn't say.
const defaultShown = 3 * time.Hour

// colorPattern allows none: then the text's color is used.
var colorPattern = regexp.MustCompile(`^(#[0-9a-fA-F]{6})?$`)

func parse(body []byte) (document, error) {
	var d document
	if err := json.Unmarshal(body, &d); err != nil {
		return document{}, fmt.Errorf("read dashboard body: %w", err)
	}
	if len(d.Widgets) == 0 {
		return document{}, errors.New("read dashboard body: has no widgets")
	}
	return d, nil
}

// rows reads the metrics of a widget: texts followed by options.
func (p properties) rows() ([]row, error) {
	out := make([]row, 0, len(p.Metrics))
	for i, raw := range p.Metrics {
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil || len(items) == 0 {
			return nil, fmt.Errorf("metrics[%d]: is %s, want a list that is not empty", i, raw)
		}
		var r row
		if err := json.Unmarshal(items[len(items)-1], &r.options); err != nil {
			return nil, fmt.Errorf("metrics[%d]: ends with %s, want an object with options", i, items[len(items)-1])
		}
		var texts []string
		for _, item := range items[:len(items)-1] {
			var text string
			if err := json.Unmarshal(item, &text); err != nil {
				return nil, fmt.Errorf("metrics[%d]: has %s, want a text", i, item)
			}
			texts = append(texts, text)
		}
		switch {
		case r.ID == "":
			return nil, fmt.Errorf("metrics[%d]: has no id", i)
		case !colorPattern.MatchString(r.Color):
			return nil, fmt.Errorf("metrics[%d]: color: is %q, want one such as \"#0072b2\"", i, r.Color)
		case r.Expression != "" && len(texts) == 0:
		case r.Expression == "" && len(texts) >= 2 && len(texts)%2 == 0:
			r.Namespace, r.Name, r.Dimensions = texts[0], texts[1], texts[2:]
		default:
			return nil, fmt.Errorf("metrics[%d]: has %d texts before its options, want namespace, name and pairs of a dimension's name and value, or an expression alone", i, len(texts))
		}
		out = append(out, r)
	}
	return out, nil
}

var relative = regexp.MustCompile(`^-P(?:(T)(\d+)([HM])|(\d+)([DW]))$`)

// ago reads a relative start, as "-PT3H" or "-P30D".
func ago(start string) (time.Duration, error) {
	if start == "" {
		return defaultShown, nil
	}
	m := relative.FindStringSubmatch(start)
	if m == nil {
		return 0, fmt.Errorf("start: is %q, want a relative time, such as \"-PT3H\" or \"-P30D\"", start)
	}
	unit := map[string]time.Duration{"M": time.Minute, "H": time.Hour, "D": 24 * time.Hour, "W": 7 * 24 * time.Hour}[m[3]+m[5]]
	n, err := strconv.Atoi(m[2] + m[4])
	if err != nil || n < 1 || n > 10_000 {
		return 0, fmt.Errorf("start: is %q, want 1 to 10000 minutes, hours, days or weeks", start)
	}
	return time.Duration(n) * unit, nil
}
