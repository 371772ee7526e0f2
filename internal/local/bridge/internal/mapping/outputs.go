package mapping

import (
	"bytes"
	"maps"
	"slices"

	"evenkeel/bridge/internal/sdkscan"
)

// stringOutputs lists, of one entity's outputs, those that are one string and those that are
// lists of strings.
type stringOutputs struct {
	Strings []string `json:"s,omitempty"`
	Lists   []string `json:"l,omitempty"`
}

// Outputs renders, for every token of the SDK, which outputs are strings ("s") or lists
// of strings ("l"). Enums count as strings. Tokens without any are left out.
func Outputs(sdk *sdkscan.SDK) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n")
	if err := writeLines(&b, "resources", stringsOf(sdk.Resources), ",\n"); err != nil {
		return nil, err
	}
	if err := writeLines(&b, "functions", stringsOf(sdk.Functions), "\n}\n"); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func stringsOf(entities []sdkscan.Entity) map[string]stringOutputs {
	out := map[string]stringOutputs{}
	for _, e := range entities {
		var o stringOutputs
		for _, name := range slices.Sorted(maps.Keys(e.Outputs)) {
			switch s := e.Outputs[name]; {
			case s.IsString():
				o.Strings = append(o.Strings, name)
			case s.Kind == sdkscan.List && s.Elem.IsString():
				o.Lists = append(o.Lists, name)
			}
		}
		if len(o.Strings)+len(o.Lists) > 0 {
			out[e.Token] = o
		}
	}
	return out
}
