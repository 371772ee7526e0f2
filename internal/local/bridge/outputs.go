package bridge

import (
	"context"
	"strconv"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"evenkeel/bridge/internal/mapping"
)

// convertOutputs turns outputs that Terraform keeps as strings into what the SDK
// declares.
func convertOutputs(e *mapping.Entity) info.PropertyTransform {
	return func(_ context.Context, out resource.PropertyMap) (resource.PropertyMap, error) {
		return convert(resource.NewObjectProperty(out), e.Fields).ObjectValue(), nil
	}
}

func convert(v resource.PropertyValue, fields map[string]*mapping.Field) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return resource.MakeSecret(convert(v.SecretValue().Element, fields))
	case v.IsArray():
		out := make([]resource.PropertyValue, 0, len(v.ArrayValue()))
		for _, e := range v.ArrayValue() {
			out = append(out, convert(e, fields))
		}
		return resource.NewArrayProperty(out)
	case v.IsObject():
		out := v.ObjectValue().Copy()
		for _, f := range fields {
			if p, ok := out[resource.PropertyKey(f.Name)]; ok {
				convertProperty(out, resource.PropertyKey(f.Name), p, f)
			}
		}
		return resource.NewObjectProperty(out)
	}
	return v
}

func convertProperty(out resource.PropertyMap, k resource.PropertyKey, v resource.PropertyValue, f *mapping.Field) {
	switch {
	case len(f.Nested()) > 0:
		out[k] = convert(v, f.Nested())
	case !v.IsString():
	case f.File != "":
		out[k] = fromFile(v.StringValue(), f.File)
	case f.Type != "":
		if c, ok := parse(f.Type, v.StringValue()); ok {
			out[k] = c
		} else {
			delete(out, k) // an empty string stands for unset
		}
	}
}

func parse(typ, s string) (resource.PropertyValue, bool) {
	switch typ {
	case "bool":
		b, err := strconv.ParseBool(s)
		return resource.NewBoolProperty(b), err == nil
	case "int", "float64":
		n, err := strconv.ParseFloat(s, 64)
		return resource.NewNumberProperty(n), err == nil
	}
	return resource.NewStringProperty(s), true
}
