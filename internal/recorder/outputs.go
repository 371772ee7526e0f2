package recorder

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// outputsJSON lists, by type token, the properties of each resource of the AWS
// SDK that hold strings ("s") or lists of strings ("l"). It is generated from
// the SDK's sources by internal/local/bridge/cmd/genmapping.
//
//go:embed outputs.json
var outputsJSON []byte

type shape struct {
	Strings []string `json:"s"`
	Lists   []string `json:"l"`
}

// shapes parses the table once; it takes a few milliseconds, which a command
// that records nothing does not pay.
var shapes = sync.OnceValues(func() (map[string]shape, error) {
	var table struct {
		Resources map[string]shape `json:"resources"`
	}
	if err := json.Unmarshal(outputsJSON, &table); err != nil {
		return nil, fmt.Errorf("read outputs.json: %w", err)
	}
	return table.Resources, nil
})

// awsxShapes are the components of the awsx plugin, which is no part of the AWS
// SDK. Two of each subnet stand for as many as there are zones.
var awsxShapes = map[string]map[string]any{
	"awsx:ec2:Vpc": {
		"vpcId":            "${ref.vpcId}",
		"publicSubnetIds":  []any{"${ref.publicSubnetIds[0]}", "${ref.publicSubnetIds[1]}"},
		"privateSubnetIds": []any{"${ref.privateSubnetIds[0]}", "${ref.privateSubnetIds[1]}"},
	},
}

// reference is how the output property of the resource ref is written.
func reference(ref, property string) string { return "${" + ref + "." + property + "}" }

// state is what the provider would have returned: the inputs, and references
// for every string that the program left to AWS.
func (m *monitor) state(r Registration) (resource.PropertyMap, error) {
	table, err := shapes()
	if err != nil {
		return nil, err
	}
	out := r.Inputs.Copy()
	ref := r.Ref()
	fill := func(property string, v resource.PropertyValue) {
		key := resource.PropertyKey(property)
		if _, set := out[key]; !set && property != "id" {
			out[key] = v
		}
	}
	s := table[r.Type]
	for _, p := range s.Strings {
		fill(p, resource.NewProperty(reference(ref, p)))
	}
	for _, p := range s.Lists {
		fill(p, resource.NewProperty([]resource.PropertyValue{resource.NewProperty(reference(ref, p+"[0]"))}))
	}
	for p, v := range awsxShapes[r.Type] {
		fill(p, resource.NewPropertyValue(withRef(v, ref)))
	}
	for p, v := range m.opts.Computed[r.Type] {
		out[resource.PropertyKey(p)] = resource.NewPropertyValue(v)
	}
	return out, nil
}

func withRef(v any, ref string) any {
	switch v := v.(type) {
	case string:
		return strings.Replace(v, "${ref.", "${"+ref+".", 1)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withRef(e, ref)
		}
		return out
	}
	return v
}
