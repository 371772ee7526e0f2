package bench

import (
	"fmt"
	"os"
	"strings"
)

// Begin and End enclose what Record writes.
const (
	Begin = "<!-- bench:begin; written by `make bench` -->"
	End   = "<!-- bench:end -->"
)

// Splice returns text with block between the markers, in place of what is
// there.
func Splice(text, block string) (string, error) {
	before, rest, begun := strings.Cut(text, Begin)
	_, after, ended := strings.Cut(rest, End)
	if !begun || !ended || strings.Contains(after, Begin) || strings.Contains(after, End) {
		return "", fmt.Errorf("want %q and, after it, %q, each once", Begin, End)
	}
	return before + Begin + "\n" + strings.TrimRight(block, "\n") + "\n" + End + after, nil
}

// Recordable tells whether the file has the place where Record writes.
func Recordable(file string) error {
	_, err := splice(file, "")
	return err
}

// Record writes the report into the file, between the markers.
func (r *Report) Record(file string) error {
	text, err := splice(file, r.Markdown())
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("record the report: %w", err)
	}
	return nil
}

func splice(file, block string) (string, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("record the report: %w", err)
	}
	text, err := Splice(string(raw), block)
	if err != nil {
		return "", fmt.Errorf("record the report in %s: %w", file, err)
	}
	return text, nil
}
