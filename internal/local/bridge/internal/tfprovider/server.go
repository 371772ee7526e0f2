package tfprovider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

// AliasSuffix marks a type name as a second name for the provider's type of the same
// name without it. The AWS SDK offers some types under an old and a new token, and the
// bridge wants one Terraform name for each token.
const AliasSuffix = "_legacy"

// upstream is the name by which the provider knows a type.
func upstream(typeName string) string { return strings.TrimSuffix(typeName, AliasSuffix) }

// Server implements tfprotov6.ProviderServer on top of a protocol 5 provider.
type Server struct {
	unsupported
	client tfplugin5.ProviderClient

	// Resources and DataSources list the type names that GetProviderSchema returns,
	// aliases included. All types of the provider when nil.
	Resources, DataSources []string
}

var _ tfprotov6.ProviderServer = (*Server)(nil)

// GetProviderSchema fails when the provider lacks a type of s.Resources or
// s.DataSources.
func (s *Server) GetProviderSchema(
	ctx context.Context, _ *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	r, err := s.client.GetSchema(ctx, &tfplugin5.GetProviderSchema_Request{})
	if err != nil {
		return nil, err
	}
	out := &tfprotov6.GetProviderSchemaResponse{Diagnostics: diagnosticsTo6(r.Diagnostics)}
	if out.Provider, err = schemaTo6(r.Provider); err != nil {
		return nil, fmt.Errorf("provider schema: %w", err)
	}
	if out.ResourceSchemas, err = schemasTo6(r.ResourceSchemas, s.Resources); err != nil {
		return nil, fmt.Errorf("resource type %w", err)
	}
	if out.DataSourceSchemas, err = schemasTo6(r.DataSourceSchemas, s.DataSources); err != nil {
		return nil, fmt.Errorf("data source %w", err)
	}
	return out, nil
}

func (s *Server) ValidateProviderConfig(
	ctx context.Context, q *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	r, err := s.client.PrepareProviderConfig(ctx, &tfplugin5.PrepareProviderConfig_Request{Config: dynamicTo5(q.Config)})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ValidateProviderConfigResponse{
		PreparedConfig: dynamicTo6(r.PreparedConfig), Diagnostics: diagnosticsTo6(r.Diagnostics),
	}, nil
}

func (s *Server) ConfigureProvider(
	ctx context.Context, q *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	r, err := s.client.Configure(ctx, &tfplugin5.Configure_Request{
		TerraformVersion: q.TerraformVersion, Config: dynamicTo5(q.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: diagnosticsTo6(r.Diagnostics)}, nil
}

func (s *Server) StopProvider(
	ctx context.Context, _ *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	r, err := s.client.Stop(ctx, &tfplugin5.Stop_Request{})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.StopProviderResponse{Error: r.Error}, nil
}
