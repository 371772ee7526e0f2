package local

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"evenkeel/internal/local/summary"
)

// describe summarizes what the engine's state says was deployed.
func (r *Request) describe() ([]summary.Section, error) {
	state, err := readState(r)
	if err != nil || state == nil {
		return nil, err
	}
	return summary.Of(deployed(state)), nil
}

func deployed(state *apitype.DeploymentV3) []summary.Resource {
	var out []summary.Resource
	for _, r := range state.Resources {
		if r.Delete {
			continue // replaced, and not yet deleted
		}
		out = append(out, summary.Resource{
			Type: string(r.Type), Name: r.URN.Name(), Parent: string(r.Parent), ID: string(r.ID), Inputs: plainInputs(r.Inputs),
		})
	}
	return out
}

// plainInputs leaves out what the engine marks, such as secrets, which it keeps
// as an object with a signature.
func plainInputs(m map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range m {
		if object, ok := v.(map[string]any); ok && object[resource.SigKey] != nil {
			continue
		}
		out[name] = v
	}
	return out
}
