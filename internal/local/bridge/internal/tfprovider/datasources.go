package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

func (s *Server) ValidateDataResourceConfig(
	ctx context.Context, q *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	r, err := s.client.ValidateDataSourceConfig(ctx, &tfplugin5.ValidateDataSourceConfig_Request{
		TypeName: upstream(q.TypeName), Config: dynamicTo5(q.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: diagnosticsTo6(r.Diagnostics)}, nil
}

func (s *Server) ReadDataSource(
	ctx context.Context, q *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	r, err := s.client.ReadDataSource(ctx, &tfplugin5.ReadDataSource_Request{
		TypeName: upstream(q.TypeName), Config: dynamicTo5(q.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadDataSourceResponse{
		State: dynamicTo6(r.State), Diagnostics: diagnosticsTo6(r.Diagnostics),
	}, nil
}
