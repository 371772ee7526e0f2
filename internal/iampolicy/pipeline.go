package iampolicy

import (
	"slices"
	"strings"

	"evenkeel/internal/policydoc"
)

// everything is for the few statements that cannot be narrowed.
var everything = []string{"*"}

// onEverything says why of the actions on everything that no row has.
var onEverything = []struct {
	actions []string
	why     string
}{
	{
		[]string{"codedeploy:ContinueDeployment", "codedeploy:GetDeploymentTarget", "codedeploy:ListDeploymentTargets", "codedeploy:StopDeployment"},
		"they go by a deployment's id and know no resources: on anything narrower AWS would refuse them",
	},
	{[]string{"ecs:ListTaskDefinitions", "sts:GetCallerIdentity"}, noLevel},
	{[]string{"ecs:ListTasks"}, "it knows container instances only, which Fargate has none of; the cluster is a condition"},
}

// push is what `evenkeel image push` and `evenkeel image scan` call. Images go
// through ECR's API, so nobody logs in to a registry.
func push(in Input) []policydoc.Statement {
	return []policydoc.Statement{{
		Sid: "PushImages",
		Actions: []string{
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImageScanFindings", "ecr:DescribeImages",
			"ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
		},
		Resources: []string{in.arn("arn:aws:ecr:{region}:{account}:repository/" + in.RepositoryName)},
	}}
}

// release is what `evenkeel release` calls besides Pulumi.
func release(in Input) []policydoc.Statement {
	out := []policydoc.Statement{
		{
			Sid: "ReleaseAsk", Resources: everything,
			Actions: []string{"cloudwatch:DescribeAlarms", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"},
		},
		{
			Sid: "ReleaseTasks", Resources: everything, Actions: []string{"ecs:ListTasks"},
			Conditions: map[string]map[string][]string{"ArnEquals": {"ecs:cluster": {in.arn("arn:aws:ecs:{region}:{account}:cluster/{base}")}}},
		},
		{
			Sid: "ReleaseFollow", Actions: []string{"ecs:DescribeServices", "ecs:DescribeTasks", "ecs:TagResource"},
			Resources: []string{
				in.arn("arn:aws:ecs:{region}:{account}:service/{base}/{service}"), in.arn("arn:aws:ecs:{region}:{account}:task/{base}/*"),
				in.arn("arn:aws:ecs:{region}:{account}:task-definition/{base}:*"),
			},
		},
		{
			Sid: "ReleaseImage", Actions: []string{"ecr:DescribeImageScanFindings", "ecr:DescribeImages"},
			Resources: []string{in.arn("arn:aws:ecr:{region}:{account}:repository/" + in.RepositoryName)},
		},
	}
	if in.has("aws:secretsmanager/secret:Secret") {
		out = append(out, policydoc.Statement{
			Sid: "ReleaseSecrets", Actions: []string{"secretsmanager:DescribeSecret"},
			Resources: []string{in.arn("arn:aws:secretsmanager:{region}:{account}:secret:{base}/*")},
		})
	}
	if in.has("aws:codedeploy/deploymentGroup:DeploymentGroup") {
		out = append(out, policydoc.Statement{
			Sid: "ReleaseByCodeDeploy",
			Actions: []string{
				"codedeploy:CreateDeployment", "codedeploy:GetApplicationRevision", "codedeploy:GetDeployment", "codedeploy:GetDeploymentConfig",
				"codedeploy:ListDeployments", "codedeploy:RegisterApplicationRevision",
			},
			Resources: []string{
				in.arn("arn:aws:codedeploy:{region}:{account}:application:{base}"), in.arn("arn:aws:codedeploy:{region}:{account}:deploymentgroup:{base}/*"),
				in.arn("arn:aws:codedeploy:{region}:{account}:deploymentconfig:*"),
			},
		}, policydoc.Statement{
			Sid: "ReleaseFollowCodeDeploy", Resources: everything,
			Actions: []string{
				"codedeploy:ContinueDeployment", "codedeploy:GetDeploymentTarget", "codedeploy:ListDeploymentTargets", "codedeploy:StopDeployment",
			},
		})
	}
	return out
}

// state fills in the path of one of the stack's files in the bucket of states.
func (in Input) state(pattern string) string {
	return strings.NewReplacer("{project}", in.Project, "{stack}", in.Stack).Replace(pattern)
}

// engine is what Pulumi itself needs: the stack's own files in the bucket of
// states, and the key that encrypts the secrets in them. A preview takes and
// gives back the state's lock. Other stacks' files can be listed, not read.
// https://www.pulumi.com/docs/iac/concepts/state-and-backends/
func engine(in Input, writes bool) []policydoc.Statement {
	out := []policydoc.Statement{{Sid: "WhoAmI", Actions: []string{"sts:GetCallerIdentity"}, Resources: everything}}
	if in.StateBucket != "" {
		bucket := "arn:aws:s3:::" + in.StateBucket
		locks := []string{bucket + in.state("/.pulumi/locks/organization/{project}/{stack}/*")}
		objects := append(slices.Clone(locks),
			bucket+in.state("/.pulumi/backups/{project}/{stack}/*"), bucket+in.state("/.pulumi/history/{project}/{stack}/*"),
			bucket+in.state("/.pulumi/stacks/{project}/{stack}.json*"), bucket+in.state("/.pulumi/stacks/{project}/{stack}.pulumi-tags"),
		)
		written := locks
		if writes {
			written = objects
		}
		out = append(out,
			policydoc.Statement{Sid: "ListState", Actions: []string{"s3:ListBucket"}, Resources: []string{bucket}},
			policydoc.Statement{Sid: "ReadState", Actions: []string{"s3:GetObject"}, Resources: append(slices.Clone(objects), bucket+"/.pulumi/meta.yaml")},
			policydoc.Statement{Sid: "WriteState", Actions: []string{"s3:DeleteObject", "s3:PutObject"}, Resources: written},
		)
	}
	if in.StateKeyARN != "" {
		// S3 asks for data keys, also for the lock's: the key encrypts the bucket.
		// Only the stack's own data key would be encrypted, by bootstrap.
		out = append(out, policydoc.Statement{
			Sid: "StateKey", Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{in.StateKeyARN},
		})
	}
	return out
}

// ownRights denies the pipeline what would let it give itself more: its own
// roles and policies, the provider whose tokens it comes with, and users.
func ownRights(in Input) policydoc.Statement {
	return policydoc.Statement{
		Sid: "NotItsOwnRights", Effect: policydoc.Deny,
		Actions: []string{
			"iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Pass*", "iam:Put*", "iam:Remove*", "iam:Set*", "iam:Tag*",
			"iam:Untag*", "iam:Update*",
		},
		Resources: []string{
			in.arn("arn:aws:iam::{account}:oidc-provider/*"), in.arn("arn:aws:iam::{account}:policy/{base}-*"),
			in.arn("arn:aws:iam::{account}:role/{base}-deploy"), in.arn("arn:aws:iam::{account}:role/{base}-preview"),
			in.arn("arn:aws:iam::{account}:role/{base}-push"), in.arn("arn:aws:iam::{account}:user/*"),
		},
	}
}
