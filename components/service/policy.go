package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"evenkeel/internal/check"
	"evenkeel/internal/policydoc"
)

// taskPrincipal assumes the roles of tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
const taskPrincipal = "ecs-tasks.amazonaws.com"

// anything is for the few actions that AWS cannot narrow down to a resource.
var anything = []string{"*"}

func trustPolicy(accountID string) (string, error) {
	return policydoc.AssumeBy(taskPrincipal, accountID).JSON()
}

// executionPolicy renders what ECS may do to start a task: pull from one
// repository, write to one log group, and read exactly the given secrets.
// AWS's managed policy for this allows every repository and every log group.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
//
// An empty keyARN leaves the key out. secrets maps variables to ARNs.
func executionPolicy(repositoryARN, logGroupARN, keyARN, region string, secrets map[string]string) (string, error) {
	statements := []policydoc.Statement{
		{
			Sid: "RegistryLogin",
			// The token belongs to the whole registry; it opens no repository
			// that IAM does not allow as well.
			Actions:   []string{"ecr:GetAuthorizationToken"},
			Resources: anything,
		},
		{
			Sid:       "PullImage",
			Actions:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: []string{repositoryARN},
		},
		{
			Sid:     "WriteLogs",
			Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			// ":*" stands for the streams of the group.
			Resources: []string{logGroupARN + ":*"},
		},
	}
	arns, err := secretARNs(secrets)
	if err != nil {
		return "", err
	}
	if len(arns) > 0 {
		statements = append(statements, policydoc.Statement{
			Sid: "ReadSecrets", Actions: []string{"secretsmanager:GetSecretValue"}, Resources: arns,
		})
	}
	if len(arns) > 0 && keyARN != "" {
		statements = append(statements, policydoc.Statement{
			Sid: "DecryptSecrets", Actions: []string{"kms:Decrypt"}, Resources: []string{keyARN},
			Conditions: map[string]map[string][]string{"StringEquals": {
				"kms:ViaService": {"secretsmanager." + region + ".amazonaws.com"},
			}},
		})
	}
	return policydoc.Document{Statements: statements}.JSON()
}

// secretARNs returns the ARNs of the secrets themselves, each once, sorted.
func secretARNs(secrets map[string]string) ([]string, error) {
	var out []string
	var l check.List
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		arn, err := secretARN(secrets[name])
		if err != nil {
			l.Addf(check.Path("Secrets").Key(name), "%v", err)
			continue
		}
		if !slices.Contains(out, arn) {
			out = append(out, arn)
		}
	}
	slices.Sort(out)
	return out, l.Err()
}

// secretARN cuts off what ECS allows after a secret's ARN, which has seven
// parts: ":<JSON key>:<version stage>:<version id>".
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func secretARN(valueFrom string) (string, error) {
	const arnParts, serviceIndex = 7, 2
	if strings.ContainsAny(valueFrom, "*?") {
		return "", fmt.Errorf("is %q, want the ARN of one secret: a wildcard would open others", valueFrom)
	}
	if !strings.HasPrefix(valueFrom, "arn:") {
		return valueFrom, nil // what stands for an ARN that is not known yet
	}
	parts := strings.Split(valueFrom, ":")
	if len(parts) < arnParts || parts[serviceIndex] != "secretsmanager" {
		return "", fmt.Errorf("is %q, want the ARN of a secret in Secrets Manager", valueFrom)
	}
	return strings.Join(parts[:arnParts], ":"), nil
}

// execPolicy renders what the container needs for ECS Exec: the channel to
// Session Manager, and the log group that keeps what was typed and printed.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
func execPolicy(logGroupARN string) (string, error) {
	return policydoc.Document{Statements: []policydoc.Statement{
		{
			Sid: "OpenExecChannel",
			Actions: []string{
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			},
			// Channels have no ARN: AWS accepts no other resource.
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsessionmanagermessagegatewayservice.html
			Resources: anything,
		},
		{
			Sid: "FindExecLogGroup",
			// The agent lists groups before it writes, and a list has no resource.
			Actions:   []string{"logs:DescribeLogGroups"},
			Resources: anything,
		},
		{
			Sid:       "WriteExecLogs",
			Actions:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resources: []string{logGroupARN + ":*"},
		},
	}}.JSON()
}
