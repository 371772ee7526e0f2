package bridge

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"evenkeel/bridge/internal/mapping"
)

// preCheck prepares a resource's inputs like pulumi-aws does: the provider's default
// tags are merged into its own, and assets become files for Terraform to read.
func preCheck(e *mapping.Entity) info.PreCheckCallback {
	return func(_ context.Context, inputs, config resource.PropertyMap) (resource.PropertyMap, error) {
		if e.Tagged {
			inputs = withDefaultTags(inputs, config)
		}
		for _, f := range e.Fields {
			if f.File == "" {
				continue
			}
			k := resource.PropertyKey(f.Name)
			v, ok := inputs[k]
			if !ok {
				continue
			}
			file, err := toFile(v)
			if err != nil {
				return nil, err
			}
			inputs[k] = file
		}
		return inputs, nil
	}
}

// withDefaultTags merges the tags of the provider's defaultTags under the resource's
// own. Tags that are unknown or secret as a whole are left to Terraform, which merges
// them when it applies.
func withDefaultTags(inputs, config resource.PropertyMap) resource.PropertyMap {
	defaults := plain(config["defaultTags"])
	if !defaults.IsObject() || !plain(defaults.ObjectValue()["tags"]).IsObject() {
		return inputs
	}
	own, ok := inputs["tags"]
	if ok && !own.IsObject() {
		return inputs
	}
	merged := plain(defaults.ObjectValue()["tags"]).ObjectValue().Copy()
	if ok {
		for k, v := range own.ObjectValue() {
			merged[k] = v
		}
	}
	if len(merged) > 0 {
		inputs["tags"] = resource.NewObjectProperty(merged)
	}
	return inputs
}

func plain(v resource.PropertyValue) resource.PropertyValue {
	if v.IsSecret() {
		return v.SecretValue().Element
	}
	return v
}
