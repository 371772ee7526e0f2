package insights

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Record is one log event.
type Record struct{ fields row }

// ReadLines reads one log event a line, as CloudWatch Logs would: fields of
// nested objects and of arrays get names with periods, such as
// "detail.containers.0.exitCode", null is no field, and a line that is no JSON
// object has its text in "@message" only. "@timestamp" is the line's field time,
// RFC 3339; a line without one has none.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
func ReadLines(r io.Reader) ([]Record, error) {
	var out []Record
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := lines.Text(); line != "" {
			out = append(out, parseLine(line))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read log lines: %w", err)
	}
	return out, nil
}

func parseLine(line string) Record {
	fields := row{"@message": line}
	var object map[string]any
	if err := json.Unmarshal([]byte(line), &object); err == nil {
		for name, v := range object {
			flatten(fields, name, v)
		}
	}
	if stamp, ok := fields["time"].(string); ok {
		if t, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
			fields["@timestamp"] = t.Truncate(time.Millisecond)
		}
	}
	return Record{fields}
}

func flatten(into row, name string, v any) {
	switch v := v.(type) {
	case nil:
	case map[string]any:
		for key, inner := range v {
			flatten(into, name+"."+key, inner)
		}
	case []any:
		for i, inner := range v {
			flatten(into, name+"."+strconv.Itoa(i), inner)
		}
	default:
		into[name] = v
	}
}

// Field returns the text of a field, and whether the event has it.
func (r Record) Field(name string) (string, bool) {
	v, ok := r.fields[name]
	return render(v), ok
}
