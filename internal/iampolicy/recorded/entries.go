package recorded

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/local/gateway"
	"evenkeel/internal/policydoc"
)

// Entry is a recorded call and whose policy must allow it.
type Entry struct {
	Role iampolicy.Role `json:"role"`
	Call gateway.Call   `json:"call"`
}

// randomPart is what differs from one run to the next.
var randomPart = regexp.MustCompile(`[0-9a-f]{6,}|[A-Za-z0-9]{6}$|:[0-9]+$`)

// Compact keeps one call of each kind: the same action, on a resource of the same
// form, for the same role. What no policy looks at is left out of it.
func Compact(s Stack, entries []Entry) ([]Entry, error) {
	var out []Entry
	seen := map[string]bool{}
	for _, e := range entries {
		requests, err := Requests(s, e.Call)
		if err != nil {
			return nil, err
		}
		key := string(e.Role)
		for _, r := range requests {
			key += " " + r.Action + " " + randomPart.ReplaceAllString(r.Resource, "")
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		e.Call = gateway.Call{
			Service: e.Call.Service, Action: e.Call.Action, Region: e.Call.Region, Method: e.Call.Method, Path: e.Call.Path,
			Parameters: short(e.Call.Parameters), Time: time.Unix(0, 0).UTC(),
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		if a.Role != b.Role {
			return len(b.Role) - len(a.Role)
		}
		return compare(a.Call.Name(), b.Call.Name())
	})
	return out, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// longest is the longest text that names anything.
const longest = 200

// short leaves out texts that name nothing: documents, scripts.
func short(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > longest {
			return nil
		}
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, short(e))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if kept := short(e); kept != nil {
				out[k] = kept
			}
		}
		return out
	}
	return v
}

// ParseDocuments reads what `evenkeel policy` prints: a document or a list.
func ParseDocuments(raw []byte) ([]policydoc.Document, error) {
	type statement struct {
		Sid, Effect      string
		Action, Resource []string
		Condition        map[string]map[string][]string
	}
	type document struct{ Statement []statement }
	var many []document
	if err := json.Unmarshal(raw, &many); err != nil {
		var one document
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("parse policy: %w", err)
		}
		many = []document{one}
	}
	var out []policydoc.Document
	for _, d := range many {
		var parsed policydoc.Document
		for _, s := range d.Statement {
			parsed.Statements = append(parsed.Statements, policydoc.Statement{
				Sid: s.Sid, Effect: s.Effect, Actions: s.Action, Resources: s.Resource, Conditions: s.Condition,
			})
		}
		out = append(out, parsed)
	}
	return out, nil
}
