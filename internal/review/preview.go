package review

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Preview is what Pulumi says that it would do.
type Preview struct {
	// Steps are what would be done. Nil when Text has it.
	Steps []Step
	// Changes counts resources by operation. Nil when Text has it.
	Changes map[string]int
	// Text is a preview as `evenkeel local preview` prints it.
	Text string
}

// Step is one resource that is not left as it is.
type Step struct {
	// Op is Pulumi's name of the operation: create, update, replace, delete …
	Op string `json:"op"`
	// URN is the resource's.
	URN string `json:"urn"`
	// DiffReasons are the properties that differ, ReplaceReasons those of them
	// that cannot be changed in place.
	DiffReasons    []string `json:"diffReasons"`
	ReplaceReasons []string `json:"replaceReasons"`
}

// parts of an operation that the engine also lists: the replacement itself has
// its own step.
var shown = []string{"delete", "replace", "import", "update", "create", "discard-replaced", "remove-pending-replace"}

// ParsePreview reads the output of `evenkeel preview --format json`, of
// `pulumi preview --json`, or else takes the text for what `evenkeel local
// preview` printed.
func ParsePreview(raw []byte) (*Preview, error) {
	text := strings.TrimSpace(string(raw))
	if !strings.HasPrefix(text, "{") {
		return &Preview{Text: text}, nil
	}
	var in struct {
		Steps         []Step
		ChangeSummary map[string]int
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return nil, fmt.Errorf("read the preview: %w; want the output of `evenkeel preview --format json`", err)
	}
	if in.ChangeSummary == nil {
		return nil, fmt.Errorf("read the preview: it has no changeSummary; want the output of `evenkeel preview --format json`")
	}
	out := &Preview{Changes: in.ChangeSummary}
	for _, s := range in.Steps {
		if slices.Contains(shown, s.Op) {
			out.Steps = append(out.Steps, s)
		}
	}
	slices.SortStableFunc(out.Steps, func(a, b Step) int { return slices.Index(shown, a.Op) - slices.Index(shown, b.Op) })
	return out, nil
}

// Summary is "1 replace, 2 update, 40 same".
func (p *Preview) Summary() string {
	var out []string
	for _, op := range slices.Sorted(maps.Keys(p.Changes)) {
		if p.Changes[op] > 0 && op != "same" {
			out = append(out, fmt.Sprintf("%d %s", p.Changes[op], op))
		}
	}
	if n := p.Changes["same"]; n > 0 {
		out = append(out, fmt.Sprintf("%d same", n))
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// Empty tells whether nothing would be done. A text is never empty: only a
// reader can tell.
func (p *Preview) Empty() bool { return p.Text == "" && len(p.Steps) == 0 }

// ref is the "type::name" of a URN, without the types of its parents.
func ref(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return urn
	}
	types := strings.Split(parts[2], "$")
	return types[len(types)-1] + "::" + parts[3]
}
