package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

func (s *Server) ValidateResourceConfig(
	ctx context.Context, q *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	r, err := s.client.ValidateResourceTypeConfig(ctx, &tfplugin5.ValidateResourceTypeConfig_Request{
		TypeName: upstream(q.TypeName), Config: dynamicTo5(q.Config),
		ClientCapabilities: &tfplugin5.ClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: diagnosticsTo6(r.Diagnostics)}, nil
}

func (s *Server) UpgradeResourceState(
	ctx context.Context, q *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	in := &tfplugin5.UpgradeResourceState_Request{TypeName: upstream(q.TypeName), Version: q.Version}
	if q.RawState != nil {
		in.RawState = &tfplugin5.RawState{Json: q.RawState.JSON, Flatmap: q.RawState.Flatmap}
	}
	r, err := s.client.UpgradeResourceState(ctx, in)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.UpgradeResourceStateResponse{
		UpgradedState: dynamicTo6(r.UpgradedState), Diagnostics: diagnosticsTo6(r.Diagnostics),
	}, nil
}

func (s *Server) ReadResource(
	ctx context.Context, q *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	r, err := s.client.ReadResource(ctx, &tfplugin5.ReadResource_Request{
		TypeName: upstream(q.TypeName), CurrentState: dynamicTo5(q.CurrentState), Private: q.Private,
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadResourceResponse{
		NewState: dynamicTo6(r.NewState), Private: r.Private, Diagnostics: diagnosticsTo6(r.Diagnostics),
	}, nil
}

func (s *Server) PlanResourceChange(
	ctx context.Context, q *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	r, err := s.client.PlanResourceChange(ctx, &tfplugin5.PlanResourceChange_Request{
		TypeName: upstream(q.TypeName), PriorState: dynamicTo5(q.PriorState),
		ProposedNewState: dynamicTo5(q.ProposedNewState), Config: dynamicTo5(q.Config),
		PriorPrivate: q.PriorPrivate,
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: dynamicTo6(r.PlannedState), PlannedPrivate: r.PlannedPrivate,
		RequiresReplace: pathsTo6(r.RequiresReplace), Diagnostics: diagnosticsTo6(r.Diagnostics),
	}, nil
}

func (s *Server) ApplyResourceChange(
	ctx context.Context, q *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	r, err := s.client.ApplyResourceChange(ctx, &tfplugin5.ApplyResourceChange_Request{
		TypeName: upstream(q.TypeName), PriorState: dynamicTo5(q.PriorState),
		PlannedState: dynamicTo5(q.PlannedState), Config: dynamicTo5(q.Config),
		PlannedPrivate: q.PlannedPrivate,
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ApplyResourceChangeResponse{
		NewState: dynamicTo6(r.NewState), Private: r.Private, Diagnostics: diagnosticsTo6(r.Diagnostics),
	}, nil
}

func (s *Server) ImportResourceState(
	ctx context.Context, q *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	r, err := s.client.ImportResourceState(ctx, &tfplugin5.ImportResourceState_Request{TypeName: upstream(q.TypeName), Id: q.ID})
	if err != nil {
		return nil, err
	}
	out := &tfprotov6.ImportResourceStateResponse{Diagnostics: diagnosticsTo6(r.Diagnostics)}
	for _, i := range r.ImportedResources {
		if i.TypeName == upstream(q.TypeName) {
			i.TypeName = q.TypeName
		}
		out.ImportedResources = append(out.ImportedResources, &tfprotov6.ImportedResource{
			TypeName: i.TypeName, State: dynamicTo6(i.State), Private: i.Private,
		})
	}
	return out, nil
}
