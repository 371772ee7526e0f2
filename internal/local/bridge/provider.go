package bridge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"evenkeel/bridge/internal/mapping"
	"evenkeel/bridge/internal/tfprovider"
)

// provider describes the Terraform provider behind server to the Pulumi bridge, with
// the names and shapes of table. It fails when the Terraform provider lacks a type of
// the table.
func provider(
	ctx context.Context, server *tfprovider.Server, table *mapping.Table, version string,
) (p info.Provider, err error) {
	server.Resources = slices.Collect(maps.Keys(table.Resources))
	server.DataSources = slices.Collect(maps.Keys(table.DataSources))
	p = info.Provider{
		P:              proto.New(ctx, server),
		Name:           "aws",
		Version:        version,
		ResourcePrefix: "aws",
		MetadataInfo:   &info.Metadata{Data: info.ProviderMetadata(nil)},
		Config:         mapping.SchemaInfos(table.Config),
		Resources:      map[string]*info.Resource{},
		DataSources:    map[string]*info.DataSource{},

		EnableAccuratePFBridgePreview: true,
	}
	defaultConfig(p.Config)
	types, err := resourceTypes(p.P)
	if err != nil {
		return p, err
	}
	for name, e := range table.Resources {
		p.Resources[name] = resourceInfo(name, e, types.Get(name).Schema())
	}
	for name, e := range table.DataSources {
		p.DataSources[name] = &info.DataSource{
			Tok: tokens.ModuleMember(e.Token), Fields: mapping.SchemaInfos(e.Fields),
		}
	}
	return p, nil
}

// resourceTypes turns the bridge's panic about a provider that does not answer into an
// error.
func resourceTypes(p shim.Provider) (types shim.ResourceMap, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read the Terraform provider's schema: %v", r)
		}
	}()
	return p.ResourcesMap(), nil
}

// defaultConfig adds the defaults of pulumi-aws to the provider's configuration.
func defaultConfig(config map[string]*info.Schema) {
	for name, d := range map[string]*info.Default{
		"region":                 {EnvVars: []string{"AWS_REGION", "AWS_DEFAULT_REGION"}},
		"skip_region_validation": {Value: true},
	} {
		if config[name] == nil {
			config[name] = &info.Schema{}
		}
		config[name].Default = d
	}
}

func resourceInfo(tfType string, e *mapping.Entity, schema shim.SchemaMap) *info.Resource {
	r := &info.Resource{
		Tok:                tokens.Type(e.Token),
		Fields:             mapping.SchemaInfos(e.Fields),
		PreCheckCallback:   preCheck(e),
		TransformOutputs:   convertOutputs(e),
		TransformFromState: filesFromState(e),
	}
	if r.Fields == nil {
		r.Fields = map[string]*info.Schema{}
	}
	if _, ok := schema.GetOk("id"); !ok {
		r.ComputeID = idFrom("arn", "name")
	}
	addDefaults(strings.TrimSuffix(tfType, tfprovider.AliasSuffix), r, schema)
	return r
}

// idFrom serves the few resources without an id of their own.
func idFrom(keys ...resource.PropertyKey) info.ComputeID {
	return func(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
		for _, k := range keys {
			if v := state[k]; v.IsString() {
				return resource.ID(v.StringValue()), nil
			}
		}
		return "", errors.New("find the resource's ID: it has neither an id, an arn nor a name")
	}
}
