package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/reservedkeys"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// server adds to the bridge's server what its Plugin Framework half leaves out: it
// keeps apart names that the program gave and names that were made up, and orders
// replacements by that.
type server struct {
	pulumirpc.ResourceProviderServer
	types map[string]resourceType // by token
}

func (s *server) typeOf(urn string) resourceType { return s.types[string(resource.URN(urn).Type())] }

// Check refuses what the bridge would pass over without a word: inputs that the type
// does not have, and a name that can't be made up. It records under __defaults which
// names were.
func (s *server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	t := s.typeOf(req.GetUrn())
	given, names := inputs(req.GetNews().GetFields()), t.autonamed()
	forgetGivenNames(req.GetOlds().GetFields(), names)
	resp, err := s.ResourceProviderServer.Check(ctx, req)
	if err != nil {
		return nil, err
	}
	resp.Failures = append(resp.Failures, t.unknownInputs(given)...)
	checked := inputs(resp.GetInputs().GetFields())
	madeUp := []*structpb.Value{}
	for _, n := range names {
		switch {
		case given.has(n) || given.has(prefixOf(n)):
		case checked.has(n):
			madeUp = append(madeUp, structpb.NewStringValue(n))
		default:
			resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Property: n, Reason: unnameable})
		}
	}
	if checked != nil {
		checked[reservedkeys.Defaults] = structpb.NewListValue(&structpb.ListValue{Values: madeUp})
	}
	return resp, nil
}

const unnameable = "is not given, and none can be made up: the resource's name in the program is too long for it, " +
	"or automatic naming is off"

// forgetGivenNames makes a name that the program no longer gives be made up: the bridge
// would keep the old one.
func forgetGivenNames(olds inputs, names []string) {
	defaults, known := olds.defaults()
	for _, n := range names {
		if known && !slices.Contains(defaults, n) {
			delete(olds, n)
		}
	}
}

func (t resourceType) unknownInputs(given inputs) []*pulumirpc.CheckFailure {
	if t.schema == nil {
		return nil
	}
	var out []*pulumirpc.CheckFailure
	for name := range given {
		tfName := tfbridge.PulumiToTerraformName(name, t.schema, t.fields)
		if _, ok := t.schema.GetOk(tfName); !ok && !strings.HasPrefix(name, "__") {
			out = append(out, &pulumirpc.CheckFailure{
				Property: name,
				Reason:   fmt.Sprintf("is set, but %s of terraform-provider-aws has no such property", t.tfName),
			})
		}
	}
	slices.SortFunc(out, func(a, b *pulumirpc.CheckFailure) int { return strings.Compare(a.Property, b.Property) })
	return out
}

// Diff decides the order of a replacement.
func (s *server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	resp, err := s.ResourceProviderServer.Diff(ctx, req)
	if err != nil || len(resp.GetReplaces()) == 0 {
		return resp, err
	}
	olds, news := req.GetOldInputs().GetFields(), req.GetNews().GetFields()
	resp.DeleteBeforeReplace = s.typeOf(req.GetUrn()).deleteFirst(req.GetId(), olds, news)
	return resp, nil
}

// Read leaves the inputs as Check made them, so that a refresh forgets nothing: with
// __defaults, and with files as paths.
func (s *server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	resp, err := s.ResourceProviderServer.Read(ctx, req)
	if err != nil {
		return nil, err
	}
	read := inputs(resp.GetInputs().GetFields())
	if defaults, ok := req.GetInputs().GetFields()[reservedkeys.Defaults]; ok && read != nil {
		read[reservedkeys.Defaults] = defaults
	}
	t := s.typeOf(req.GetUrn())
	err = t.eachFile(read, func(name, path string, _ *structpb.Struct) { read[name] = structpb.NewStringValue(path) })
	if err != nil {
		return nil, err
	}
	return resp, t.addPaths(resp.GetProperties())
}

// Create completes the files among the outputs.
func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	resp, err := s.ResourceProviderServer.Create(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, s.typeOf(req.GetUrn()).addPaths(resp.GetProperties())
}

// Update completes the files among the outputs.
func (s *server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	resp, err := s.ResourceProviderServer.Update(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, s.typeOf(req.GetUrn()).addPaths(resp.GetProperties())
}

// addPaths says where the files are, without which the SDK refuses them. It is not done
// earlier, as the bridge would then look into files that may be gone.
func (t resourceType) addPaths(outputs *structpb.Struct) error {
	return t.eachFile(outputs.GetFields(), func(_, path string, file *structpb.Struct) {
		file.Fields["path"] = structpb.NewStringValue(path)
	})
}

// eachFile calls do for all properties that hold an asset or archive with a hash.
func (t resourceType) eachFile(in inputs, do func(name, path string, file *structpb.Struct)) error {
	for tfName, f := range t.fields {
		if f.Asset == nil {
			continue
		}
		name := pulumiName(tfName, t.schema, t.fields)
		file := in[name].GetStructValue()
		hash := file.GetFields()["hash"].GetStringValue()
		if hash == "" {
			continue
		}
		path, err := fileOf(hash)
		if err != nil {
			return err
		}
		do(name, path, file)
	}
	return nil
}
