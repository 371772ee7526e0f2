package delivery

import (
	"fmt"
	"strings"

	"evenkeel/internal/policydoc"
)

// trustPolicy lets CodeDeploy assume the role; see the package comment for why
// it has no condition.
func trustPolicy() (string, error) {
	return policydoc.Document{Statements: []policydoc.Statement{{
		Sid:        "AssumedByService",
		Principals: map[string][]string{"Service": {"codedeploy.amazonaws.com"}},
		Actions:    []string{"sts:AssumeRole"},
	}}}.JSON()
}

// owned is what a deployment works on.
type owned struct {
	region, account               string
	cluster, service              string
	listener, testListener        string
	executionRoleARN, taskRoleARN string
}

// deploymentPolicy renders what CodeDeploy may do: see the state of one service,
// its alarms and load balancer, make and delete task sets of that service, move
// two listeners, and pass the two roles of its tasks.
func deploymentPolicy(o owned) (string, error) {
	ecs := func(kind, name string) string {
		return fmt.Sprintf("arn:aws:ecs:%s:%s:%s/%s/%s%s", o.region, o.account, kind, o.cluster, o.service, name)
	}
	return policydoc.Document{Statements: []policydoc.Statement{
		{
			Sid: "ReplaceTasks",
			Actions: []string{
				"ecs:CreateTaskSet", "ecs:DeleteTaskSet", "ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet",
			},
			// Some act on the service, some on its task sets.
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
			Resources: []string{ecs("service", ""), ecs("task-set", "/*")},
		},
		{
			Sid: "SeeTraffic",
			Actions: []string{
				"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetGroups",
			},
			// AWS cannot narrow these down.
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
			Resources: []string{"*"},
		},
		{
			Sid: "MoveTraffic", Actions: []string{"elasticloadbalancing:ModifyListener"}, Resources: []string{o.listener, o.testListener},
		},
		{
			// The default action of a listener is a rule of its own, too.
			Sid: "MoveTrafficByRule", Actions: []string{"elasticloadbalancing:ModifyRule"},
			Resources: []string{rulesOf(o.listener), rulesOf(o.testListener)},
		},
		{
			Sid: "WatchAlarms", Actions: []string{"cloudwatch:DescribeAlarms"},
			Resources: []string{fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:*", o.region, o.account)},
		},
		{
			Sid: "PassTaskRoles", Actions: []string{"iam:PassRole"}, Resources: []string{o.executionRoleARN, o.taskRoleARN},
			Conditions: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}},
		},
	}}.JSON()
}

// rulesOf is the ARNs of a listener's rules.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
func rulesOf(listenerARN string) string {
	return strings.Replace(listenerARN, ":listener/", ":listener-rule/", 1) + "/*"
}
