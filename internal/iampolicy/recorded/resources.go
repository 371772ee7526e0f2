package recorded

import (
	"fmt"
	"net/url"
	"strings"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/local/gateway"
)

// named says how the parameters of a service name resources.
type named struct {
	// keys lead from a parameter to the ARN's last part, with "%s" for the value.
	// A value that is an ARN stays.
	keys map[string]string
	// global are services without a region in their ARNs.
	global bool
}

var services = map[string]named{
	"ecr": {keys: map[string]string{"repositoryName": "repository/%s", "repositoryNames": "repository/%s", "resourceArn": "%s"}},
	"codedeploy": {keys: map[string]string{
		"deploymentConfigName": "deploymentconfig:%s", "ResourceArn": "%s",
	}},
	"events":         {keys: map[string]string{"Name": "rule/%s", "Rule": "rule/%s", "ResourceARN": "%s"}},
	"kms":            {keys: map[string]string{"KeyId": "key/%s", "TargetKeyId": "key/%s", "AliasName": "%s"}},
	"logs":           {keys: map[string]string{"logGroupName": "log-group:%s", "resourceArn": "%s"}},
	"secretsmanager": {keys: map[string]string{"SecretId": "secret:%s", "Name": "secret:%s-AbCdEf"}},
	"sns":            {keys: map[string]string{"TopicArn": "%s", "ResourceArn": "%s", "Name": "%s"}},
	"application-autoscaling": {keys: map[string]string{
		"ResourceARN": "%s", "ResourceId": "scalable-target/%s",
	}},
	"elasticloadbalancing": {keys: map[string]string{
		"LoadBalancerArn": "%s", "ListenerArn": "%s", "TargetGroupArn": "%s", "ResourceArns": "%s",
	}},
	"ec2": {keys: map[string]string{"GroupId": "security-group/%s"}},
	"iam": {global: true, keys: map[string]string{"RoleName": "role/%s", "PolicyArn": "%s", "OpenIDConnectProviderArn": "%s"}},
	"cloudwatch": {keys: map[string]string{
		"AlarmName": "alarm:%s", "AlarmNames": "alarm:%s", "ResourceARN": "%s",
	}},
	"ecs": {keys: map[string]string{"taskDefinition": "%s", "resourceArn": "%s", "tasks": "%s"}},
	"sts": {},
}

// resources are the ARNs that a call names; none where the action knows none.
func (s Stack) resources(c gateway.Call, p parameters) ([]string, error) {
	n, ok := services[c.Service]
	if !ok {
		return nil, fmt.Errorf("%s: nobody says which resources its calls name", c.Name())
	}
	if unnamed[c.Name()] {
		return nil, nil
	}
	if special := s.special(c, p); special != nil {
		return special, nil
	}
	var out []string
	for key, form := range n.keys {
		for _, v := range p.texts(key) {
			switch {
			case strings.HasPrefix(v, "arn:"):
				out = append(out, v)
			case n.global:
				out = append(out, "arn:aws:"+c.Service+"::"+s.Account+":"+fmt.Sprintf(form, v))
			default:
				out = append(out, s.arn(c.Service, fmt.Sprintf(form, v)))
			}
		}
	}
	return out, nil
}

// stateAlias is the key that Pulumi's secrets are encrypted with.
const stateAlias = "alias/evenkeel-state"

// unnamed are actions that take names and still know no resources, by the
// Service Authorization Reference.
var unnamed = map[string]bool{
	"ecs:DescribeTaskDefinition": true, "ecs:ListTaskDefinitions": true, "ecs:ListTasks": true,
	"cloudwatch:DescribeAlarms": true, "cloudwatch:PutCompositeAlarm": true, "logs:DescribeLogGroups": true,
	"sns:GetSubscriptionAttributes": true, "sns:Unsubscribe": true, "kms:ListAliases": true, "kms:CreateKey": true,
	"application-autoscaling:DescribeScalableTargets": true, "application-autoscaling:DescribeScalingPolicies": true,
	"application-autoscaling:DescribeScheduledActions": true, "codedeploy:ContinueDeployment": true, "codedeploy:GetDeploymentTarget": true,
	"codedeploy:ListDeploymentTargets": true, "codedeploy:StopDeployment": true,
}

// special are the calls whose ARNs are put together.
func (s Stack) special(c gateway.Call, p parameters) []string {
	switch c.Service {
	case "ec2":
		return s.groups(c, p)
	case "ecs":
		return s.containers(c, p)
	case "codedeploy":
		return s.deployments(c, p)
	case "elasticloadbalancing":
		return s.balancers(c, p)
	}
	switch {
	case c.Name() == "kms:Decrypt" && p.text("KeyId") == "": // the ciphertext names it
		return []string{s.Aliases[stateAlias]}
	case c.Service == "kms" && s.Aliases[p.text("KeyId")] != "":
		return []string{s.Aliases[p.text("KeyId")]}
	case c.Service == "cloudwatch" && strings.Contains(c.Action, "Dashboard"):
		return []string{"arn:aws:cloudwatch::" + s.Account + ":dashboard/" + p.text("DashboardName") + strings.Join(p.texts("DashboardNames"), "")}
	case c.Name() == "logs:DescribeMetricFilters":
		return []string{s.arn("logs", "log-group:"+p.text("logGroupName"))}
	case c.Name() == "sns:Subscribe":
		return []string{p.text("TopicArn")}
	}
	return nil
}

func (s Stack) groups(c gateway.Call, p parameters) []string {
	switch {
	case c.Action == "DescribeVpcAttribute":
		return []string{s.arn("ec2", "vpc/"+p.text("VpcId"))}
	case strings.HasPrefix(c.Action, "Describe"):
		return []string{"*"}
	case c.Action == "CreateSecurityGroup":
		return []string{s.arn("ec2", "security-group/sg-new"), s.arn("ec2", "vpc/"+p.text("VpcId"))}
	case strings.HasPrefix(c.Action, "Authorize"):
		return []string{s.arn("ec2", "security-group/"+p.text("GroupId")), s.arn("ec2", "security-group-rule/sgr-new")}
	}
	return nil
}

func (s Stack) balancers(c gateway.Call, p parameters) []string {
	switch {
	case strings.HasPrefix(c.Action, "Describe"):
		return []string{"*"}
	case c.Action == "CreateLoadBalancer":
		return []string{s.arn(c.Service, "loadbalancer/app/"+p.text("Name")+"/50dc6c495c0c9188")}
	case c.Action == "CreateTargetGroup":
		return []string{s.arn(c.Service, "targetgroup/"+p.text("Name")+"/73e2d6bc24d8a067")}
	case c.Action == "CreateListener":
		return []string{p.text("LoadBalancerArn")}
	}
	return nil
}

func (s Stack) containers(c gateway.Call, p parameters) []string {
	last := func(v string) string { return v[strings.LastIndexByte(v, '/')+1:] }
	var out []string
	switch {
	case c.Action == "CreateCluster":
		return []string{s.arn("ecs", "cluster/"+p.text("clusterName"))}
	case c.Action == "RegisterTaskDefinition":
		return []string{s.arn("ecs", "task-definition/"+p.text("family"))}
	case strings.Contains(c.Action, "Service"):
		for _, key := range []string{"service", "services", "serviceName"} {
			for _, v := range p.texts(key) {
				out = append(out, s.arn("ecs", "service/"+last(p.text("cluster"))+"/"+last(v)))
			}
		}
	case strings.Contains(c.Action, "Cluster"):
		for _, key := range []string{"cluster", "clusters"} {
			for _, v := range p.texts(key) {
				out = append(out, s.arn("ecs", "cluster/"+last(v)))
			}
		}
	}
	return out
}

func (s Stack) deployments(c gateway.Call, p parameters) []string {
	group := p.text("deploymentGroupName") + p.text("currentDeploymentGroupName")
	switch {
	case strings.Contains(c.Action, "Config"):
		return nil
	case strings.Contains(c.Action, "Application"):
		return []string{s.arn("codedeploy", "application:"+p.text("applicationName"))}
	case strings.Contains(c.Action, "Deployment") && group == "": // known by the deployment's id
		base := s.Service + "-" + s.Name
		return []string{s.arn("codedeploy", "deploymentgroup:"+base+"/"+base)}
	case strings.Contains(c.Action, "Deployment"):
		return []string{s.arn("codedeploy", "deploymentgroup:"+p.text("applicationName")+"/"+group)}
	}
	return nil
}

// bucketActions are the calls on buckets whose permission has another name.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html says for each
// operation which it needs.
var bucketActions = map[string]string{
	"DeleteBucketEncryption": "PutEncryptionConfiguration", "DeleteBucketLifecycle": "PutLifecycleConfiguration",
	"DeleteBucketOwnershipControls": "PutBucketOwnershipControls", "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
	"GetBucketAccelerateConfiguration": "GetAccelerateConfiguration", "GetBucketCors": "GetBucketCORS", "GetBucketEncryption": "GetEncryptionConfiguration",
	"GetBucketLifecycleConfiguration": "GetLifecycleConfiguration", "GetBucketReplication": "GetReplicationConfiguration",
	"GetObjectLockConfiguration": "GetBucketObjectLockConfiguration", "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "HeadBucket": "ListBucket",
	"PutBucketEncryption": "PutEncryptionConfiguration", "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
	"PutPublicAccessBlock": "PutBucketPublicAccessBlock", "ListObjectsV2": "ListBucket", "ListObjectVersions": "ListBucketVersions",
	// From within the bucket, which GetObject is allowed on as well.
	"CopyObject": "PutObject",
	"HeadObject": "GetObject", "DeleteObjects": "DeleteObject",
}

// bucketRequest reads the bucket, and the object, from the path.
func (s Stack) bucketRequest(c gateway.Call) ([]iampolicy.Request, error) {
	u, err := url.Parse(c.Path)
	if err != nil {
		return nil, fmt.Errorf("%s: path: %w", c.Name(), err)
	}
	action := c.Action
	if other := bucketActions[action]; other != "" {
		action = other
	}
	return []iampolicy.Request{{
		Action: "s3:" + action, Resource: "arn:aws:s3:::" + strings.TrimPrefix(u.Path, "/"), Context: map[string][]string{"aws:requestedregion": {s.Region}},
	}}, nil
}
