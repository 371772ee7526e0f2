package workload

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Renderer turns lines of the API's log into lines for people.
type Renderer struct {
	// Color marks levels and statuses, for a terminal.
	Color bool
	// Location is the time zone of the times. Default: the machine's.
	Location *time.Location
}

// Fields that have a column, and fields that are the same on every line or
// that only queries need.
var (
	columns = []string{"time", "level", "msg", "method", "route", "status", "durationMs", "requestId"}
	hidden  = []string{
		"version", "environment", "deployment", "task", "zone", "traceId", "path", "bytes", "remoteIp", "userAgent", "stack",
	}
)

// Line renders one line. What is not slog's JSON stays as it is.
func (r Renderer) Line(line string) string {
	fields, ok := parse(line)
	if !ok {
		return line
	}
	at, err := time.Parse(time.RFC3339Nano, text(fields["time"]))
	if err != nil {
		return line
	}
	if r.Location == nil {
		r.Location = time.Local
	}
	var b strings.Builder
	b.WriteString(r.paint(faint, at.In(r.Location).Format("15:04:05.000")))
	level := text(fields["level"])
	b.WriteString(" " + r.paint(levelColor(level), fmt.Sprintf("%-5s", level)) + " ")
	msg := text(fields["msg"])
	if _, request := fields["method"]; request {
		r.request(&b, msg, fields)
	} else {
		b.WriteString(msg)
		if id := text(fields["requestId"]); id != "" {
			b.WriteString(r.paint(faint, "  "+id))
		}
	}
	r.rest(&b, fields)
	return b.String()
}

// request renders the columns of a line about a request.
func (r Renderer) request(b *strings.Builder, msg string, f map[string]any) {
	status := text(f["status"])
	fmt.Fprintf(b, "%-8s %-6s %-20s %s %8s ms  %s", msg, text(f["method"]), text(f["route"]),
		r.paint(statusColor(status), fmt.Sprintf("%3s", status)), text(f["durationMs"]), r.paint(faint, text(f["requestId"])))
	// The route does not tell which one, or that there is none.
	if path := text(f["path"]); path != "" && path != text(f["route"]) {
		b.WriteString("  " + r.paint(faint, "path=") + quoted(path))
	}
}

// rest renders the fields without a column, and a stack below the line.
func (r Renderer) rest(b *strings.Builder, fields map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(columns, name) || slices.Contains(hidden, name) {
			continue
		}
		b.WriteString("  " + r.paint(faint, name+"=") + quoted(text(fields[name])))
	}
	if stack, ok := fields["stack"].(string); ok {
		for _, line := range strings.Split(strings.TrimSpace(stack), "\n") {
			b.WriteString("\n    " + clean(strings.ReplaceAll(line, "\t", "    ")))
		}
	}
}

// parse decodes a line of slog's JSON handler.
func parse(line string) (map[string]any, bool) {
	if !strings.HasPrefix(line, "{") {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber() // numbers stay as they were written
	var fields map[string]any
	if err := d.Decode(&fields); err != nil || d.More() {
		return nil, false
	}
	for _, name := range []string{"time", "level", "msg"} {
		if _, ok := fields[name].(string); !ok {
			return nil, false
		}
	}
	return fields, true
}

// text is a field's value, safe for a terminal.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return clean(v)
	case json.Number:
		return v.String()
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}

// clean keeps a caller's text from moving a terminal's cursor.
func clean(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return strconv.Quote(s)
	}
	return s
}

func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, ` "`) && !strings.HasPrefix(s, `"`) && !strings.HasPrefix(s, "[") && !strings.HasPrefix(s, "{") {
		return strconv.Quote(s)
	}
	return s
}

// Colors, as parameters of the terminal's "select graphic rendition".
const (
	plain  = ""
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (r Renderer) paint(color, s string) string {
	if !r.Color || color == plain || s == "" {
		return s
	}
	return "\033[" + color + "m" + s + "\033[0m"
}

func levelColor(level string) string {
	switch {
	case strings.HasPrefix(level, "ERROR"):
		return red
	case strings.HasPrefix(level, "WARN"):
		return yellow
	case strings.HasPrefix(level, "DEBUG"):
		return faint
	}
	return plain
}

func statusColor(status string) string {
	switch {
	case strings.HasPrefix(status, "5"):
		return red
	case strings.HasPrefix(status, "4"):
		return yellow
	case strings.HasPrefix(status, "2"):
		return green
	}
	return plain
}
