package release

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// shortRevision is "<family>:<number>" of a task definition's ARN.
func shortRevision(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// digestOf is the digest in an image's reference, or all of it if it has none.
func digestOf(image string) string {
	_, digest, found := strings.Cut(image, "@")
	if !found {
		return image
	}
	return digest
}

func join(lines []string) string { return strings.Join(lines, "\n") }

// service asks for the stack's service.
func (r *run) service(ctx context.Context) (*types.Service, error) {
	out, err := r.clients.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &r.out.Cluster, Services: []string{r.out.Service}})
	if err != nil {
		return nil, fmt.Errorf("ask ECS for service %s: %w", r.out.Service, err)
	}
	if len(out.Services) == 0 || aws.ToString(out.Services[0].Status) == "INACTIVE" {
		return nil, fmt.Errorf("cluster %s has no service %s: `pulumi up` makes it", r.out.Cluster, r.out.Service)
	}
	return &out.Services[0], nil
}

// live is the task definition that users' requests reach: CodeDeploy's primary
// task set, or the newest of ECS's deployments that is complete. Empty while
// there is none.
func live(s *types.Service) string {
	for _, set := range s.TaskSets {
		if aws.ToString(set.Status) == "PRIMARY" {
			return aws.ToString(set.TaskDefinition)
		}
	}
	deployments := slices.Clone(s.Deployments)
	slices.SortStableFunc(deployments, func(a, b types.Deployment) int { return aws.ToTime(b.CreatedAt).Compare(aws.ToTime(a.CreatedAt)) })
	for _, d := range deployments {
		if d.RolloutState == types.DeploymentRolloutStateCompleted {
			return aws.ToString(d.TaskDefinition)
		}
	}
	for _, d := range deployments { // the way back to a version that has served
		if strings.Contains(aws.ToString(d.RolloutStateReason), "rolling back to deployment") {
			return aws.ToString(d.TaskDefinition)
		}
	}
	for _, d := range deployments { // the old version of a deployment on its way
		if aws.ToString(d.Status) == "ACTIVE" && d.RunningCount > 0 {
			return aws.ToString(d.TaskDefinition)
		}
	}
	return ""
}

// serving asks AWS what users get.
func (r *run) serving(ctx context.Context) (Serving, error) {
	s, err := r.service(ctx)
	if err != nil {
		return Serving{}, err
	}
	arn := live(s)
	if arn == "" || s.RunningCount == 0 {
		return Serving{}, nil
	}
	_, image, err := r.definition(ctx, arn)
	return Serving{Image: r.own(image), Revision: shortRevision(arn)}, err
}

// definition asks for a task definition and the image of the stack's container.
func (r *run) definition(ctx context.Context, arn string) (*types.TaskDefinition, string, error) {
	out, err := r.clients.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return nil, "", fmt.Errorf("ask ECS for task definition %s: %w", shortRevision(arn), err)
	}
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		if aws.ToString(c.Name) == r.out.Container {
			return out.TaskDefinition, aws.ToString(c.Image), nil
		}
	}
	return nil, "", fmt.Errorf("task definition %s has no container %s", shortRevision(arn), r.out.Container)
}

// withdraw marks the revision that a rollback has left: it was good once, and
// the next rollback must not bring it back.
func (r *run) withdraw(ctx context.Context, arn string) {
	_, err := r.clients.ECS.TagResource(ctx, &ecs.TagResourceInput{
		ResourceArn: &arn,
		Tags:        []types.Tag{{Key: aws.String(WithdrawnTag), Value: aws.String(r.Clock.Now().UTC().Format(time.RFC3339))}},
	})
	if err != nil {
		r.told.say("%s could not be marked as withdrawn, and the next --rollback may bring it back: %v", shortRevision(arn), err)
	}
}

// record marks the revision as good.
func (r *run) record(ctx context.Context) error {
	_, err := r.clients.ECS.TagResource(ctx, &ecs.TagResourceInput{
		ResourceArn: &r.out.TaskDefinition,
		Tags:        []types.Tag{{Key: aws.String(ReleasedTag), Value: aws.String(r.Clock.Now().UTC().Format(time.RFC3339))}},
	})
	if err != nil {
		r.told.say("the release succeeded and could not be recorded as good: %v", err)
		r.report.Next = "allow ecs:TagResource on the task definition: without the record, --rollback does not find this release"
	}
	return nil
}

// newest is the newest revision of the stack's own; empty if there is none.
func (r *run) newest(ctx context.Context) (string, error) {
	family, _, _ := strings.Cut(shortRevision(r.out.TaskDefinition), ":")
	out, err := r.clients.ECS.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{FamilyPrefix: &family, Sort: types.SortOrderDesc})
	if err != nil {
		return "", fmt.Errorf("list the revisions of %s: %w", family, err)
	}
	// Not every endpoint heeds the order that was asked for.
	slices.SortFunc(out.TaskDefinitionArns, func(a, b string) int { return number(b) - number(a) })
	for _, arn := range out.TaskDefinitionArns {
		if image, _, err := r.tagged(ctx, arn); err != nil || image != "" {
			return arn, err
		}
	}
	return "", nil
}

// good finds the newest revision that served all traffic, with another image
// than the given one.
func (r *run) good(ctx context.Context, not string) (image string, err error) {
	family, _, _ := strings.Cut(shortRevision(r.out.TaskDefinition), ":")
	withdrawn := map[string]bool{digestOf(not): true}
	in := &ecs.ListTaskDefinitionsInput{FamilyPrefix: &family, Sort: types.SortOrderDesc}
	for {
		out, err := r.clients.ECS.ListTaskDefinitions(ctx, in)
		if err != nil {
			return "", fmt.Errorf("list the revisions of %s: %w", family, err)
		}
		// Not every endpoint heeds the order that was asked for.
		slices.SortFunc(out.TaskDefinitionArns, func(a, b string) int { return number(b) - number(a) })
		for _, arn := range out.TaskDefinitionArns {
			image, tags, err := r.tagged(ctx, arn)
			if err != nil {
				return "", err
			}
			// The newest comes first: an image that was released again since counts.
			if digest := digestOf(image); tags[ReleasedTag] && !tags[WithdrawnTag] && !withdrawn[digest] {
				return image, nil
			} else if tags[WithdrawnTag] {
				withdrawn[digest] = true
			}
		}
		if out.NextToken == nil {
			return "", nil
		}
		in.NextToken = out.NextToken
	}
}

// tagged is the image of a revision and what it is tagged with.
func (r *run) tagged(ctx context.Context, arn string) (image string, tags map[string]bool, err error) {
	out, err := r.clients.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &arn, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err != nil {
		return "", nil, fmt.Errorf("ask ECS for task definition %s: %w", shortRevision(arn), err)
	}
	tags = map[string]bool{}
	for _, tag := range out.Tags {
		tags[aws.ToString(tag.Key)] = true
	}
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		if aws.ToString(c.Name) == r.out.Container {
			return aws.ToString(c.Image), tags, nil
		}
	}
	return "", nil, nil // of another service that had the family's name
}
