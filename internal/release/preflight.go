package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// scanWait is how long the repository's scan of a new image may take: minutes.
const scanWait = 10 * time.Minute

// preflight lists everything that would make the release fail, or that would
// keep AWS from noticing that it does. A way back is checked less: whoever takes
// it is in trouble already, with an alarm that rings and an image that was good.
func (r *run) preflight(ctx context.Context, image string, back bool) ([]string, error) {
	r.told.say("checking what could make the release fail")
	var problems []string
	checks := []func(context.Context, string) ([]string, error){r.checkSecrets, r.checkRoles}
	if !back {
		checks = append(checks, r.checkService, r.checkImage, r.checkAlarms)
	}
	for _, check := range checks {
		found, err := check(ctx, image)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

// absent tells that an image of the stack's own repository is not there.
func (r *run) absent(ctx context.Context, image string) ([]string, error) {
	repository, digest, full := strings.Cut(image, "@")
	if full && repository != r.out.RepositoryURL {
		return nil, nil
	}
	if !full {
		digest = image
	}
	out, err := r.clients.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RepositoryName: aws.String(r.out.repository()), ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: &digest}},
	})
	var missing *ecrtypes.ImageNotFoundException
	if errors.As(err, &missing) || err == nil && len(out.ImageDetails) == 0 {
		return []string{fmt.Sprintf("image %s is not in the repository %s: want one that is, or none for the last good one", digest, r.out.RepositoryURL)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask ECR for image %s: %w", digest, err)
	}
	return nil, nil
}

// checkImage wants the image in the stack's repository, scanned, without a
// critical finding. Other registries are the business of whoever runs them.
func (r *run) checkImage(ctx context.Context, image string) ([]string, error) {
	repository, digest, full := strings.Cut(image, "@")
	if full && repository != r.out.RepositoryURL {
		r.told.say("%s is not in the stack's own repository: whether it exists and what its scan found is not checked", image)
		return nil, nil
	}
	if !full {
		digest = image
	}
	until := r.Clock.Now().Add(scanWait)
	for {
		out, err := r.clients.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{
			RepositoryName: aws.String(r.out.repository()), ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: &digest}},
		})
		var missing *ecrtypes.ImageNotFoundException
		if errors.As(err, &missing) || err == nil && len(out.ImageDetails) == 0 {
			return []string{fmt.Sprintf("image %s is not in the repository %s: push it first", digest, r.out.RepositoryURL)}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("ask ECR for image %s: %w", digest, err)
		}
		found, open := judgeScan(digest, out.ImageDetails[0])
		if !open || r.Clock.Now().After(until) {
			if why := unread(out.ImageDetails[0]); why != "" {
				r.told.say("nobody has looked for vulnerabilities in %s: %s", digest, why)
			}
			return found, nil
		}
		r.told.state("waiting for the scan of %s", digest)
		if err := r.Clock.Sleep(ctx, r.Options.Poll); err != nil {
			return nil, err
		}
	}
}

// judgeScan says what the repository's scan of an image came to, and whether it
// still runs. An index of images for several architectures is not scanned.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-troubleshooting.html
func judgeScan(digest string, d ecrtypes.ImageDetail) (problems []string, open bool) {
	if index(aws.ToString(d.ImageManifestMediaType)) {
		return nil, false
	}
	if d.ImageScanStatus == nil {
		return []string{fmt.Sprintf("image %s was not scanned yet: scan on push takes a minute or two, or start one by `aws ecr start-image-scan`", digest)}, true
	}
	switch d.ImageScanStatus.Status {
	case ecrtypes.ScanStatusInProgress, ecrtypes.ScanStatusPending:
		return []string{fmt.Sprintf("the scan of image %s has not ended after %s", digest, scanWait)}, true
	case ecrtypes.ScanStatusFailed, ecrtypes.ScanStatusScanEligibilityExpired, ecrtypes.ScanStatusFindingsUnavailable,
		ecrtypes.ScanStatusLimitExceeded, ecrtypes.ScanStatusImageArchived:
		return []string{fmt.Sprintf("the scan of image %s came to nothing (%s): %s", digest, d.ImageScanStatus.Status, aws.ToString(d.ImageScanStatus.Description))}, false
	case ecrtypes.ScanStatusUnsupportedImage, ecrtypes.ScanStatusComplete, ecrtypes.ScanStatusActive:
	}
	if d.ImageScanFindingsSummary != nil {
		if n := d.ImageScanFindingsSummary.FindingSeverityCounts[string(ecrtypes.FindingSeverityCritical)]; n > 0 {
			return []string{fmt.Sprintf("the scan of image %s found %d critical findings: `aws ecr describe-image-scan-findings` lists them; "+
				"build it anew on an updated base", digest, n)}, false
		}
	}
	return nil, false
}

// unread says why a scan that found nothing says nothing; empty where it does.
func unread(d ecrtypes.ImageDetail) string {
	switch {
	case index(aws.ToString(d.ImageManifestMediaType)):
		return "ECR does not scan an index of images for several architectures, only the images in it"
	case d.ImageScanStatus != nil && d.ImageScanStatus.Status == ecrtypes.ScanStatusUnsupportedImage:
		return "ECR's scan cannot read it, as it cannot read images without a package manager; enhanced scanning reads more"
	}
	return ""
}

func index(mediaType string) bool {
	return mediaType == "application/vnd.oci.image.index.v1+json" || mediaType == "application/vnd.docker.distribution.manifest.list.v2+json"
}

// checkAlarms wants all rollback alarms there, and silent: ECS ignores all of
// them in a deployment that starts while one is in the state ALARM.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
func (r *run) checkAlarms(ctx context.Context, _ string) ([]string, error) {
	states, err := r.alarms(ctx)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, name := range slices.Sorted(slices.Values(r.out.RollbackAlarms)) {
		if _, there := states[name]; !there {
			problems = append(problems, fmt.Sprintf("alarm %s, on which a deployment is rolled back, does not exist: `pulumi up` makes it", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		switch {
		case states[name] != cwtypes.StateValueAlarm:
		case r.Options.DespiteAlarms:
			r.told.say("alarm %s rings: no alarm takes the new version back", name)
		default:
			problems = append(problems, fmt.Sprintf("alarm %s rings: AWS would not notice that the new version fails; "+
				"wait until it is silent, or go back by --rollback if the last release is why, or bring what mends it by --despite-alarms", name))
		}
	}
	return problems, nil
}

// checkService wants no deployment on its way: ECS would end it half-way, and
// nobody could tell which one an alarm was about.
func (r *run) checkService(ctx context.Context, _ string) ([]string, error) {
	s, err := r.service(ctx)
	if err != nil {
		return nil, err
	}
	if r.out.codeDeploy() {
		id, err := r.delivery(ctx)
		if err != nil || id == "" {
			return nil, err
		}
		if moved, err := r.keepsOnly(ctx, id); err != nil || moved {
			return nil, err
		}
		return []string{fmt.Sprintf("CodeDeploy deployment %s is on its way: `%s --watch` follows it, --rollback ends it", id, r.again())}, nil
	}
	for _, d := range s.Deployments {
		if aws.ToString(d.Status) == "PRIMARY" && d.RolloutState == ecstypes.DeploymentRolloutStateInProgress && d.DesiredCount > 0 {
			return []string{fmt.Sprintf("a deployment of %s is on its way: `%s --watch` follows it, --rollback ends it",
				shortRevision(aws.ToString(d.TaskDefinition)), r.again())}, nil
		}
	}
	return nil, nil
}

// checkSecrets wants every secret of the tasks to be there: a task whose secret
// is gone does not start.
func (r *run) checkSecrets(ctx context.Context, _ string) ([]string, error) {
	definition, _, err := r.definition(ctx, r.out.TaskDefinition)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, c := range definition.ContainerDefinitions {
		for _, s := range c.Secrets {
			id, ok := secretID(aws.ToString(s.ValueFrom))
			if !ok {
				continue
			}
			out, err := r.clients.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
			var missing *smtypes.ResourceNotFoundException
			switch {
			case errors.As(err, &missing):
				problems = append(problems, fmt.Sprintf("secret %s of variable %s does not exist", id, aws.ToString(s.Name)))
			case err != nil:
				return nil, fmt.Errorf("ask for secret %s: %w", id, err)
			case out.DeletedDate != nil:
				problems = append(problems, fmt.Sprintf("secret %s of variable %s is being deleted: `aws secretsmanager restore-secret --secret-id %[1]s` keeps it", id, aws.ToString(s.Name)))
			case len(out.VersionIdsToStages) == 0:
				problems = append(problems, fmt.Sprintf("secret %s of variable %s has no value, and no task could start: "+
					"`aws secretsmanager put-secret-value --secret-id %[1]s --secret-string ...` sets it", id, aws.ToString(s.Name)))
			}
		}
	}
	return problems, nil
}

// checkRoles wants the tasks' roles to be there, and to trust ECS: a task whose
// role ECS may not assume does not start.
func (r *run) checkRoles(ctx context.Context, _ string) ([]string, error) {
	definition, _, err := r.definition(ctx, r.out.TaskDefinition)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, arn := range []string{aws.ToString(definition.ExecutionRoleArn), aws.ToString(definition.TaskRoleArn)} {
		name := arn[strings.LastIndexByte(arn, '/')+1:]
		if name == "" {
			continue
		}
		out, err := r.clients.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		var missing *iamtypes.NoSuchEntityException
		if errors.As(err, &missing) {
			problems = append(problems, fmt.Sprintf("role %s of the tasks does not exist: `pulumi up --refresh` makes it anew", name))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("ask IAM for role %s: %w", name, err)
		}
		trust, err := url.QueryUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument))
		if err != nil {
			return nil, fmt.Errorf("read the trust of role %s: %w", name, err)
		}
		if !strings.Contains(trust, `"ecs-tasks.amazonaws.com"`) {
			problems = append(problems, fmt.Sprintf("role %s does not trust ecs-tasks.amazonaws.com any more, so no task can start: `pulumi up --refresh` restores it", name))
		}
	}
	return problems, nil
}

// secretID is the ARN of a secret within what a task definition says of it,
// "arn:aws:secretsmanager:<region>:<account>:secret:<name>" and then, possibly,
// ":<key>:<stage>:<version>".
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func secretID(from string) (string, bool) {
	const parts = 7
	p := strings.Split(from, ":")
	if len(p) < parts || p[2] != "secretsmanager" {
		return "", false
	}
	return strings.Join(p[:parts], ":"), true
}
