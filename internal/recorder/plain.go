package recorder

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// What stands for values that must not or cannot be shown.
const (
	// MaskedSecret stands for a secret's value.
	MaskedSecret = "[secret]"
	// Unknown stands for a value that is known after an update only.
	Unknown = "[unknown]"
)

// Plain returns the inputs as plain Go values (string, float64, bool, nil,
// []any, map[string]any), secrets masked.
func (r Registration) Plain() map[string]any { return plainMap(r.Inputs) }

func plainMap(m resource.PropertyMap) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[string(k)] = plain(v)
	}
	return out
}

func plain(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		return MaskedSecret
	case v.IsOutput():
		o := v.OutputValue()
		switch {
		case o.Secret:
			return MaskedSecret
		case !o.Known:
			return Unknown
		}
		return plain(o.Element)
	case v.IsComputed():
		return Unknown
	case v.IsArray():
		out := make([]any, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			out[i] = plain(e)
		}
		return out
	case v.IsObject():
		return plainMap(v.ObjectValue())
	case v.IsResourceReference():
		return "${" + string(v.ResourceReferenceValue().URN.Type()) + "::" + v.ResourceReferenceValue().URN.Name() + "}"
	case v.IsAsset():
		return "asset:" + v.AssetValue().Hash
	case v.IsArchive():
		return "archive:" + v.ArchiveValue().Hash
	}
	return v.V
}
