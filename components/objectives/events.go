package objectives

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/policydoc"
	"evenkeel/internal/signals"
)

// The events that have a rule of their own, and all others that a person may
// want to read later.
const (
	deploymentStarted = "deployment-started"
	deploymentFailed  = "deployment-failed"
	taskStopped       = "task-stopped"
	otherEvents       = "other"
)

// RuleName is the name of the rule that a reference of package signals stands
// for, or "".
func RuleName(base string, r signals.Ref) string {
	events := map[signals.Ref]string{
		signals.DeploymentStartedRule: deploymentStarted,
		signals.DeploymentFailedRule:  deploymentFailed,
		signals.TaskStoppedRule:       taskStopped,
	}
	if e, ok := events[r]; ok {
		return base + "-" + e
	}
	return ""
}

// crashed are the reasons for which a task stops by itself. ECS's own, such as
// a deployment or scaling in, are not among them.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html#ECS-Type-Task-stopCode
var crashed = []string{"EssentialContainerExited", "TaskFailedToStart"}

// deployments are the patterns of a deployment's start, of its failure, and of
// what else happens to it.
type deployments struct{ started, failed, other map[string]any }

// ecsDeployments are those that ECS itself runs.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
func ecsDeployments(serviceARN string) deployments {
	pattern := func(names ...string) map[string]any {
		return map[string]any{
			"source": []string{"aws.ecs"}, "detail-type": []string{"ECS Deployment State Change"},
			"resources": []string{serviceARN}, "detail": map[string]any{"eventName": names},
		}
	}
	return deployments{
		started: pattern("SERVICE_DEPLOYMENT_IN_PROGRESS"), failed: pattern("SERVICE_DEPLOYMENT_FAILED"),
		other: pattern("SERVICE_DEPLOYMENT_COMPLETED"),
	}
}

// codeDeployments are those that CodeDeploy runs, of which ECS sends no event.
// Whoever stops one took it for a failure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
func codeDeployments(group string) deployments {
	pattern := func(states ...string) map[string]any {
		return map[string]any{
			"source": []string{"aws.codedeploy"}, "detail-type": []string{"CodeDeploy Deployment State-change Notification"},
			"detail": map[string]any{"application": []string{group}, "deploymentGroup": []string{group}, "state": states},
		}
	}
	return deployments{started: pattern("START"), failed: pattern("FAILURE", "STOP"), other: pattern("READY", "SUCCESS")}
}

// patterns are what each rule matches, for the service with this ARN in a
// cluster with that one. No event matches two of them, so that each is logged
// once.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
func patterns(serviceARN, clusterARN, serviceName string, of deployments) map[string]any {
	stopped := func(code any) map[string]any {
		return map[string]any{
			"source": []string{"aws.ecs"}, "detail-type": []string{"ECS Task State Change"},
			"detail": map[string]any{
				"clusterArn": []string{clusterARN}, "group": []string{"service:" + serviceName},
				"lastStatus": []string{"STOPPED"}, "stopCode": code,
			},
		}
	}
	return map[string]any{
		deploymentStarted: of.started,
		deploymentFailed:  of.failed,
		taskStopped:       stopped(crashed),
		otherEvents: map[string]any{"$or": []any{
			of.other,
			stopped([]any{map[string]any{"anything-but": crashed}}),
			map[string]any{
				"source": []string{"aws.ecs"}, "detail-type": []string{"ECS Service Action"},
				"resources": []string{serviceARN}, "detail": map[string]any{"eventType": []string{"WARN", "ERROR"}},
			},
		}},
	}
}

func (b *builder) pattern(event string) pulumi.StringOutput {
	a := b.args
	return a.AccountID.ToStringOutput().ApplyT(func(account string) (string, error) {
		arn := func(kind, name string) string {
			return fmt.Sprintf("arn:aws:ecs:%s:%s:%s/%s", a.Region, account, kind, name)
		}
		service := arn("service", a.ClusterName+"/"+a.ServiceName)
		of := ecsDeployments(service)
		if a.DeploymentGroup != "" {
			of = codeDeployments(a.DeploymentGroup)
		}
		all := patterns(service, arn("cluster", a.ClusterName), a.ServiceName, of)
		text, err := json.Marshal(all[event])
		return string(text), err
	}).(pulumi.StringOutput)
}

// events makes the rules, and the log that they write to.
func (b *builder) events() error {
	group, err := cloudwatch.NewLogGroup(b.ctx, b.child("events"), &cloudwatch.LogGroupArgs{
		// EventBridge writes to groups that start like this.
		Name: pulumi.String("/aws/events/" + b.args.Name), RetentionInDays: pulumi.Int(b.args.EventLogDays),
	}, pulumi.Parent(b.parent))
	if err != nil {
		return fmt.Errorf("create log group %s: %w", b.child("events"), err)
	}
	b.parent.EventLogGroupName = group.Name
	var rules []pulumi.StringOutput
	described := map[string]string{
		deploymentStarted: "A deployment of the service has started", deploymentFailed: "A deployment of the service has failed",
		taskStopped: "A task has stopped by itself", otherEvents: "What else happens to the service",
	}
	for _, event := range []string{deploymentStarted, deploymentFailed, taskStopped, otherEvents} {
		child := b.child("rule-" + event)
		rule, err := cloudwatch.NewEventRule(b.ctx, child, &cloudwatch.EventRuleArgs{
			Name: pulumi.String(b.args.physical(event)), Description: pulumi.String(described[event]), EventPattern: b.pattern(event),
		}, pulumi.Parent(b.parent))
		if err != nil {
			return fmt.Errorf("create event rule %s: %w", child, err)
		}
		_, err = cloudwatch.NewEventTarget(b.ctx, b.child("target-"+event), &cloudwatch.EventTargetArgs{
			Rule: rule.Name, TargetId: pulumi.String("log"), Arn: group.Arn,
		}, pulumi.Parent(b.parent))
		if err != nil {
			return fmt.Errorf("create event target %s: %w", b.child("target-"+event), err)
		}
		rules = append(rules, rule.Arn)
	}
	return b.logPolicy(group, rules)
}

// logPolicy lets EventBridge write events of these rules to the log.
func (b *builder) logPolicy(group *cloudwatch.LogGroup, rules []pulumi.StringOutput) error {
	inputs := pulumi.StringArray{}
	for _, r := range rules {
		inputs = append(inputs, r)
	}
	document := pulumi.All(group.Arn, inputs).ApplyT(func(v []any) (string, error) {
		return logPolicy(v[0].(string), v[1].([]string))
	}).(pulumi.StringOutput)
	_, err := cloudwatch.NewLogResourcePolicy(b.ctx, b.child("events-policy"), &cloudwatch.LogResourcePolicyArgs{
		PolicyName: pulumi.String(b.args.physical("events")), PolicyDocument: document,
	}, pulumi.Parent(b.parent))
	if err != nil {
		return fmt.Errorf("create log resource policy %s: %w", b.child("events-policy"), err)
	}
	return nil
}

// logPolicy renders who may write to the log group. The conditions are those
// that AWS's own example has: a stream is created without naming a rule.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
func logPolicy(groupARN string, ruleARNs []string) (string, error) {
	writers := map[string][]string{"Service": {"delivery.logs.amazonaws.com", "events.amazonaws.com"}}
	return policydoc.Document{Statements: []policydoc.Statement{
		{
			Sid: "CreateStreams", Principals: writers, Actions: []string{"logs:CreateLogStream"}, Resources: []string{groupARN + ":*"},
		},
		{
			Sid: "WriteEvents", Principals: writers, Actions: []string{"logs:PutLogEvents"}, Resources: []string{groupARN + ":*:*"},
			Conditions: map[string]map[string][]string{"ArnEquals": {"aws:SourceArn": ruleARNs}},
		},
	}}.JSON()
}
