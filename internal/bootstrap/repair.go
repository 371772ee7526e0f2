package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"evenkeel/internal/policydoc"
)

// change puts one setting right.
type change func(context.Context) error

// aspect is one setting of a key or a bucket. look returns the change that it
// needs, or nil when it is as it should be.
type aspect struct {
	name string
	look func(context.Context) (change, error)
}

// repair puts right, or with Check only lists, the settings that are not as
// they should be.
func (r *run) repair(ctx context.Context, aspects []aspect) ([]string, error) {
	var fixed []string
	for _, a := range aspects {
		needed, err := a.look(ctx)
		if err != nil {
			return nil, err
		}
		if needed == nil {
			continue
		}
		if r.Check {
			fixed = append(fixed, a.name+" would be put right")
			continue
		}
		if err := needed(ctx); err != nil {
			return nil, err
		}
		fixed = append(fixed, a.name+" put right")
	}
	return fixed, nil
}

// merged returns a policy that has every statement of want, by its Sid, and
// what else is in the policy that is there, which somebody has added. differs
// tells whether that is another policy than the one that is there.
func merged(there string, want policydoc.Document) (text string, differs bool, err error) {
	rendered, err := want.JSON()
	if err != nil {
		return "", false, err
	}
	var wanted, old map[string]any
	if err := json.Unmarshal([]byte(rendered), &wanted); err != nil {
		return "", false, err
	}
	if there == "" {
		return rendered, true, nil
	}
	if err := json.Unmarshal([]byte(there), &old); err != nil {
		return "", false, fmt.Errorf("read the policy that is there: %w", err)
	}
	ours, statements := map[any]bool{}, statementsOf(wanted)
	for _, s := range statements {
		ours[s["Sid"]] = true
	}
	before := statementsOf(old)
	for _, s := range before {
		if !ours[s["Sid"]] && !isDefault(s) {
			statements = append(statements, s)
		}
	}
	if same(before, statements) && old["Version"] == wanted["Version"] {
		return there, false, nil
	}
	wanted["Statement"] = statements
	raw, err := json.Marshal(wanted)
	return string(raw), true, err
}

// isDefault is the one statement that KMS gives a key without a policy,
// by which IAM policies alone decide everything.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func isDefault(s map[string]any) bool {
	return s["Sid"] == "Enable IAM User Permissions"
}

func statementsOf(policy map[string]any) []map[string]any {
	list, ok := policy["Statement"].([]any)
	if !ok {
		list = []any{policy["Statement"]} // a policy's only statement may stand alone
	}
	var out []map[string]any
	for _, s := range list {
		if m, ok := s.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// same compares statements in any order, and a value with a list of only that
// value: AWS gives a policy back either way.
func same(a, b []map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || reflect.DeepEqual(normal(x), normal(y))
		}
		if !found {
			return false
		}
	}
	return true
}

func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = normal(x)
		}
		return out
	case []any:
		if len(v) == 1 {
			return normal(v[0])
		}
		set := map[any]bool{}
		for _, x := range v {
			text, ok := x.(string)
			if !ok {
				return v
			}
			set[text] = true
		}
		return set // the order of actions or resources means nothing
	}
	return v
}
