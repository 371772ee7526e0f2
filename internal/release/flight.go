package release

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
)

// delivery finds the deployment that is on its way; empty if there is none.
func (r *run) delivery(ctx context.Context) (string, error) {
	out, err := r.clients.CodeDeploy.ListDeployments(ctx, &codedeploy.ListDeploymentsInput{
		ApplicationName: &r.out.Application, DeploymentGroupName: &r.out.Group, IncludeOnlyStatuses: inFlight(),
	})
	if err != nil {
		return "", fmt.Errorf("ask CodeDeploy for deployments of %s: %w", r.out.Group, err)
	}
	if len(out.Deployments) == 0 {
		return "", nil
	}
	return out.Deployments[0], nil
}

// info asks for a deployment.
func (r *run) info(ctx context.Context, id string) (*types.DeploymentInfo, error) {
	out, err := r.clients.CodeDeploy.GetDeployment(ctx, &codedeploy.GetDeploymentInput{DeploymentId: &id})
	if err != nil {
		return nil, fmt.Errorf("ask CodeDeploy for deployment %s: %w", id, err)
	}
	return out.DeploymentInfo, nil
}

// flight is the deployment that is on its way; nil if there is none. CodeDeploy's
// way back is a deployment of its own: then it is the one that failed, and back is
// true, because nobody may stop it.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
func (r *run) flight(ctx context.Context) (d *types.DeploymentInfo, back bool, err error) {
	id, err := r.delivery(ctx)
	if err != nil || id == "" {
		return nil, false, err
	}
	d, err = r.info(ctx, id)
	if err != nil || d.RollbackInfo == nil || aws.ToString(d.RollbackInfo.RollbackTriggeringDeploymentId) == "" {
		return d, false, err
	}
	d, err = r.info(ctx, aws.ToString(d.RollbackInfo.RollbackTriggeringDeploymentId))
	return d, true, err
}

// last is the newest deployment that is no way back; nil if there never was one.
func (r *run) last(ctx context.Context) (last *types.DeploymentInfo, err error) {
	in := &codedeploy.ListDeploymentsInput{ApplicationName: &r.out.Application, DeploymentGroupName: &r.out.Group}
	for {
		out, err := r.clients.CodeDeploy.ListDeployments(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("ask CodeDeploy for deployments of %s: %w", r.out.Group, err)
		}
		for _, id := range out.Deployments { // in no order that is promised
			d, err := r.info(ctx, id)
			if err != nil {
				return nil, err
			}
			newer := last == nil || aws.ToTime(d.CreateTime).After(aws.ToTime(last.CreateTime))
			if newer && (d.RollbackInfo == nil || aws.ToString(d.RollbackInfo.RollbackTriggeringDeploymentId) == "") {
				last = d
			}
		}
		if out.NextToken == nil {
			return last, nil
		}
		in.NextToken = out.NextToken
	}
}

// revisionOf is the task definition that a deployment brings; empty if it was not
// described in JSON, as releases do. GetDeployment names the description only, by
// its SHA-256: its content is null, and is asked for apart.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
func (r *run) revisionOf(ctx context.Context, d *types.DeploymentInfo) (string, error) {
	if d.Revision == nil || d.Revision.AppSpecContent == nil {
		return "", nil
	}
	content := d.Revision.AppSpecContent
	if content.Content == nil && content.Sha256 != nil {
		out, err := r.clients.CodeDeploy.GetApplicationRevision(ctx, &codedeploy.GetApplicationRevisionInput{
			ApplicationName: &r.out.Application,
			Revision:        &types.RevisionLocation{RevisionType: d.Revision.RevisionType, AppSpecContent: &types.AppSpecContent{Sha256: content.Sha256}},
		})
		if err != nil {
			return "", fmt.Errorf("ask CodeDeploy for the AppSpec of deployment %s: %w", aws.ToString(d.DeploymentId), err)
		}
		if out.Revision == nil || out.Revision.AppSpecContent == nil {
			return "", nil
		}
		content = out.Revision.AppSpecContent
	}
	return taskDefinitionIn(aws.ToString(content.Content)), nil
}

// taskDefinitionIn is the task definition that an AppSpec names; empty if it is
// not in JSON.
func taskDefinitionIn(appSpec string) string {
	var spec struct {
		Resources []struct {
			TargetService struct {
				Properties struct{ TaskDefinition string }
			}
		}
	}
	if json.Unmarshal([]byte(appSpec), &spec) != nil || len(spec.Resources) == 0 {
		return ""
	}
	return spec.Resources[0].TargetService.Properties.TaskDefinition
}
