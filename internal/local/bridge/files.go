package bridge

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/reservedkeys"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"evenkeel/bridge/internal/mapping"
)

// toFile writes an asset or archive to the file that Terraform is to read. The bridge
// names the file after the content's hash, so changed content is a changed file name.
// All other values are returned as they are.
func toFile(v resource.PropertyValue) (resource.PropertyValue, error) {
	var file any
	var err error
	switch {
	case v.IsArchive():
		a := v.ArchiveValue()
		if err := a.EnsureHash(); err != nil {
			return v, fmt.Errorf("hash the archive: %w", err)
		}
		file, err = mapping.File.TranslateArchive(a)
	case v.IsAsset():
		a := v.AssetValue()
		if err := a.EnsureHash(); err != nil {
			return v, fmt.Errorf("hash the asset: %w", err)
		}
		file, err = mapping.File.TranslateAsset(a)
	default:
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("write the %s for Terraform: %w", v.TypeString(), err)
	}
	return resource.NewProperty(file.(string)), nil
}

// fromFile is the way back for outputs, which the SDK expects to be of kind "archive" or
// "asset". It has no more than the hash, which is also all that the engine sends of it
// later: addPaths does the rest.
func fromFile(file, kind string) resource.PropertyValue {
	hash := file[strings.LastIndex(file, "-")+1:]
	if kind == "archive" {
		return resource.NewProperty(&archive.Archive{Sig: archive.ArchiveSig, Hash: hash})
	}
	return resource.NewProperty(&asset.Asset{Sig: asset.AssetSig, Hash: hash})
}

// filesFromState undoes fromFile when state comes back: the bridge reads state either by
// its own delta, which then must not expect an asset, or by plain encoding.
func filesFromState(e *mapping.Entity) info.PropertyTransform {
	return func(_ context.Context, props resource.PropertyMap) (resource.PropertyMap, error) {
		props = props.Copy()
		for _, f := range e.Fields {
			k := resource.PropertyKey(f.Name)
			hash := hashOf(props[k])
			if f.File == "" || hash == "" {
				continue
			}
			file, err := fileOf(hash)
			if err != nil {
				return nil, err
			}
			props[k] = resource.NewProperty(file)
			forgetDelta(props, k)
		}
		return props, nil
	}
}

// fileOf is where toFile writes what has the given hash.
func fileOf(hash string) (string, error) {
	file, err := mapping.File.TranslateAsset(&asset.Asset{Sig: asset.AssetSig, Hash: hash})
	if err != nil {
		return "", fmt.Errorf("find the file with hash %s: %w", hash, err)
	}
	return file.(string), nil
}

func hashOf(v resource.PropertyValue) string {
	switch {
	case v.IsArchive():
		return v.ArchiveValue().Hash
	case v.IsAsset():
		return v.AssetValue().Hash
	}
	return ""
}

func forgetDelta(props resource.PropertyMap, k resource.PropertyKey) {
	delta := props[reservedkeys.RawStateDelta]
	if !delta.IsObject() {
		return
	}
	obj := delta.ObjectValue()["obj"]
	if obj.IsObject() && obj.ObjectValue()["ps"].IsObject() {
		delete(obj.ObjectValue()["ps"].ObjectValue(), k)
	}
}
