package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	rprovider "github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"evenkeel/bridge/internal/mapping"
	"evenkeel/bridge/internal/tfprovider"
)

// installed matches the folder the Pulumi engine looks for a plugin in.
var installed = regexp.MustCompile(`^resource-aws-v(\d+\.\d+\.\d+\S*)$`)

// Version is the version that the plugin reports when it is started as program: that of
// the folder, such as .../plugins/resource-aws-v6.66.3/, as the engine keeps each
// version it is asked for in a folder of its own, and all may hold the same file; in any
// other folder that of the SDK which the mapping was derived from.
func Version(program string) (string, error) {
	if m := installed.FindStringSubmatch(filepath.Base(filepath.Dir(program))); m != nil {
		return m[1], nil
	}
	table, err := mapping.Load()
	if err != nil {
		return "", err
	}
	return table.SDKVersion, nil
}

// Run serves the plugin to the Pulumi engine, until ctx is done, with the Terraform
// provider that EVENKEEL_TERRAFORM_PROVIDER_AWS names. program is the path the plugin
// was started by. The Terraform provider's process has ended when Run returns.
func Run(ctx context.Context, program string) error {
	table, err := mapping.Load()
	if err != nil {
		return err
	}
	version, err := Version(program)
	if err != nil {
		return err
	}
	binary := os.Getenv(tfprovider.EnvBinary)
	if binary == "" {
		return fmt.Errorf("%s is not set, want the path of a terraform-provider-aws binary", tfprovider.EnvBinary)
	}
	server, end, err := tfprovider.Launch(binary)
	if err != nil {
		return err
	}
	defer end()
	// Calls that are under way would hold up the end of the server.
	defer context.AfterFunc(ctx, end)()
	return rprovider.MainContext(ctx, "aws", func(host *rprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return newServer(ctx, host, server, table, version)
	})
}

// newServer bridges the Terraform provider. It logs to host.
func newServer(
	ctx context.Context, host *rprovider.HostClient, tf *tfprovider.Server, table *mapping.Table, version string,
) (pulumirpc.ResourceProviderServer, error) {
	info, err := provider(ctx, tf, table, version)
	if err != nil {
		return nil, err
	}
	inner, err := tfbridge.NewProviderServer(ctx, host, info, tfbridge.ProviderMetadata{
		// Programs in Go carry the schema in their SDK.
		XGetSchema: func(context.Context, plugin.GetSchemaRequest) ([]byte, error) {
			return json.Marshal(map[string]string{"name": info.Name, "version": version})
		},
	})
	if err != nil {
		return nil, fmt.Errorf("bridge the Terraform provider: %w", err)
	}
	return &server{ResourceProviderServer: inner, types: resourceTypesByToken(info)}, nil
}
