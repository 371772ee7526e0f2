package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// shownByOther marks a kind that the row of another resource tells about.
const shownByOther = "-"

// kind is how resources of one type are presented.
type kind struct {
	// noun names one of them.
	noun string
	// label and detail are the two lines of a row; without label it is the
	// noun, without detail there is none.
	label, detail func(view) string
	icon          icon
	// order sorts the rows of a card.
	order int
	// fold, when set, is the plural word under which they are only counted.
	fold string
	// use is what an arrow to one of them says.
	use func(view) string
	// feeds turns the arrows around: the flow goes from it to who refers to it.
	feeds bool
	// entry, when set, makes it a place where requests come in: it returns
	// where from and how.
	entry func(view) (from, how string)
	// watches marks what only looks at others. Its arrows are left out, but for
	// those to where it tells people, which hears: they would be many, and say
	// that everything is watched.
	watches, hears bool
	// surrounds makes its component the frame around those that refer to it.
	surrounds bool
}

// text returns the two lines of a row.
func (k kind) text(v view) (label, detail string) {
	label = k.noun
	if k.label != nil {
		label = k.label(v)
	}
	if k.detail != nil {
		detail = k.detail(v)
	}
	return strings.TrimSpace(label), strings.TrimSpace(detail)
}

// kindOf returns the presentation of a type. One that the table does not know
// is shown with its short type and its role.
func kindOf(token string) kind {
	if k, ok := kinds[token]; ok {
		return k
	}
	return kind{noun: strings.TrimPrefix(ShortType(token), "aws "), detail: view.role, order: 90}
}

// kinds is the presentation of the types that a reader should recognize.
var kinds = map[string]kind{
	"aws:lb/loadBalancer:LoadBalancer": {noun: "Load balancer", icon: iconBalancer, order: 10, detail: scope},
	"aws:lb/listener:Listener": {
		noun: "Listener", icon: iconEntry, order: 20, entry: listenerEntry, feeds: true,
		label:  func(v view) string { return fmt.Sprintf("%s listener :%s", v.str("protocol"), v.str("port")) },
		detail: listenerDetail,
	},
	"aws:lb/targetGroup:TargetGroup": {
		noun: "Targets", icon: iconTargets, order: 30, feeds: true,
		detail: func(v view) string { return prefixed("health check ", v.str("healthCheck", "path")) },
		use:    func(v view) string { return v.str("protocol") + " :" + v.str("port") },
	},
	"aws:s3/bucketV2:BucketV2": {noun: "S3 bucket", icon: iconBucket, order: 60, detail: view.role, use: words("stores")},

	"aws:ecs/service:Service":               {noun: "ECS service", icon: iconCompute, order: 10, label: serviceLabel, detail: serviceDetail, use: words("scales")},
	"aws:ecs/taskDefinition:TaskDefinition": {noun: "Task definition", icon: iconPage, order: 20, detail: taskDetail},
	"aws:ecs/cluster:Cluster":               {noun: "Cluster", icon: iconCluster, order: 40, detail: func(v view) string { return v.str("name") }},
	"aws:cloudwatch/logGroup:LogGroup":      {noun: "Logs", icon: iconLogs, order: 50, label: logLabel, detail: func(v view) string { return v.str("name") }, use: words("writes logs")},

	"aws:ecr/repository:Repository": {noun: "Image repository", icon: iconLayers, order: 10, detail: repositoryDetail, use: words("pulls image")},

	"aws:secretsmanager/secret:Secret": {noun: "Secret", icon: iconLock, order: 10, label: nounAndRole("Secret"), detail: secretDetail, use: words("reads")},
	"aws:kms/key:Key":                  {noun: "KMS key", icon: iconKey, order: 80, detail: keyDetail, use: words("encrypts")},

	"aws:sns/topic:Topic": {noun: "Topic", hears: true, icon: iconBell, order: 10, label: nounAndRole("Topic"), detail: topicDetail, use: words("notifies")},

	"awsx:ec2:Vpc":                    {noun: "VPC", icon: iconNetwork, order: 10, surrounds: true, label: vpcLabel, detail: vpcDetail},
	"aws:ec2/vpcEndpoint:VpcEndpoint": {noun: "VPC endpoint", icon: iconEntry, order: 20, label: endpointLabel, detail: func(v view) string { return strings.ToLower(v.str("vpcEndpointType")) }},
	"aws:ec2/flowLog:FlowLog":         {noun: "Flow logs", icon: iconLogs, order: 30, detail: func(v view) string { return strings.ToLower(v.str("trafficType")) + " traffic" }},

	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {watches: true, noun: "Composite alarms", icon: iconBell, order: 10, detail: func(v view) string { return v.str("alarmName") }},
	"aws:cloudwatch/metricAlarm:MetricAlarm":       {watches: true, noun: "Metric alarms", icon: iconBell, order: 20, detail: func(v view) string { return v.str("name") }},
	"aws:cloudwatch/dashboard:Dashboard":           {watches: true, noun: "Dashboard", icon: iconPage, order: 10, detail: func(v view) string { return v.str("dashboardName") }},
	"aws:appautoscaling/target:Target": {
		noun: "Autoscaling", icon: iconCompute, order: 10,
		detail: func(v view) string { return fmt.Sprintf("%s to %s tasks", v.str("minCapacity"), v.str("maxCapacity")) },
		use:    words("scales"),
	},
	"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {noun: "Slack channel", icon: iconBell, order: 20},

	"aws:codedeploy/deploymentGroup:DeploymentGroup": {
		noun: "Deployment group", icon: iconCompute, order: 10, use: words("deploys"),
		detail: func(v view) string { return strings.TrimPrefix(v.str("deploymentConfigName"), "CodeDeployDefault.") },
	},
	"aws:codedeploy/application:Application":           {fold: foldSettings},
	"aws:codedeploy/deploymentConfig:DeploymentConfig": {fold: foldSettings},

	"aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
		noun: "Identity provider", icon: iconKey, order: 10, detail: func(v view) string { return strings.TrimPrefix(v.str("url"), "https://") },
	},

	"aws:sns/topicSubscription:TopicSubscription": {fold: shownByOther},

	"aws:cloudwatch/eventRule:EventRule":                 {watches: true, fold: foldRules},
	"aws:cloudwatch/eventTarget:EventTarget":             {watches: true, fold: foldSettings},
	"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {watches: true, fold: foldGrants},
	"aws:cloudwatch/queryDefinition:QueryDefinition":     {watches: true, fold: foldQueries},
	"aws:cloudwatch/logMetricFilter:LogMetricFilter":     {watches: true, fold: foldMetrics},
	"aws:appautoscaling/policy:Policy":                   {fold: foldPolicies},
	"aws:appautoscaling/scheduledAction:ScheduledAction": {fold: foldSchedules},

	"aws:ec2/securityGroup:SecurityGroup":                       {fold: foldRules},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":         {fold: foldRules},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {fold: foldRules},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {fold: foldRules},

	"aws:iam/role:Role":                                 {fold: foldGrants},
	"aws:iam/rolePolicy:RolePolicy":                     {fold: foldGrants},
	"aws:iam/policy:Policy":                             {fold: foldGrants},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {fold: foldGrants},
	"aws:sns/topicPolicy:TopicPolicy":                   {fold: foldGrants},
	"aws:s3/bucketPolicy:BucketPolicy":                  {fold: foldGrants},
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":           {fold: foldSettings},

	"aws:kms/alias:Alias": {fold: foldSettings},
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders":                                  {fold: foldSettings},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     {fold: foldSettings},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     {fold: foldSettings},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       {fold: foldSettings},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {fold: foldSettings},
}

// The words under which secondary resources are counted.
const (
	foldRules    = "rules"
	foldGrants   = "permissions"
	foldSettings = "settings"

	foldQueries   = "saved queries"
	foldMetrics   = "metrics"
	foldPolicies  = "policies"
	foldSchedules = "schedules"
)

// foldedText is such as "+ 10 rules, permissions and settings", what is most
// first.
func foldedText(counts map[string]int) string {
	nouns := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	sum := 0
	for _, n := range counts {
		sum += n
	}
	switch last := len(nouns) - 1; last {
	case -1:
		return ""
	case 0:
		return "+ " + count(sum, nouns[0])
	default:
		return fmt.Sprintf("+ %d %s and %s", sum, strings.Join(nouns[:last], ", "), nouns[last])
	}
}

// count is such as "1 rule" or "2 rules".
func count(n int, plural string) string {
	if n == 1 {
		plural = strings.TrimSuffix(plural, "s")
		if stem, ok := strings.CutSuffix(plural, "ie"); ok {
			plural = stem + "y"
		}
	}
	return strconv.Itoa(n) + " " + plural
}

func words(s string) func(view) string { return func(view) string { return s } }

func nounAndRole(noun string) func(view) string {
	return func(v view) string { return noun + " " + v.role() }
}

func scope(v view) string {
	if v.str("internal") == "true" {
		return "internal"
	}
	return "internet-facing"
}

func listenerEntry(v view) (from, how string) {
	from = "internet"
	for _, ref := range v.InputsFrom["loadBalancerArn"] {
		if scope(view{v.byRef[ref], v.index}) == "internal" {
			from = "internal"
		}
	}
	return from, v.str("protocol")
}

func listenerDetail(v view) string {
	switch v.str("defaultActions", "0", "type") {
	case "redirect":
		return "redirects to " + v.str("defaultActions", "0", "redirect", "protocol")
	case "forward":
		return "forwards to the targets"
	}
	return v.role()
}

func serviceLabel(v view) string {
	n, err := strconv.Atoi(v.str("desiredCount"))
	if err != nil {
		return "ECS service"
	}
	return "ECS service, " + count(n, "tasks")
}

func serviceDetail(v view) string {
	out := "Fargate"
	if v.str("capacityProviderStrategies", "0", "capacityProvider") == "FARGATE_SPOT" {
		out = "Fargate Spot"
	}
	if v.str("deploymentCircuitBreaker", "rollback") == "true" {
		out += ", automatic rollback"
	}
	return out
}

func taskDetail(v view) string {
	return join(
		suffixed(v.str("cpu"), " CPU"), memory(v.str("memory")),
		strings.ToLower(v.str("runtimePlatform", "cpuArchitecture")),
	)
}

func logLabel(v view) string {
	days, err := strconv.Atoi(v.str("retentionInDays"))
	if err != nil || days == 0 {
		return "Logs, kept"
	}
	return "Logs, " + count(days, "days")
}

func repositoryDetail(v view) string {
	out := []string{v.str("name")}
	if v.str("imageTagMutability") == "IMMUTABLE" {
		out = append(out, "immutable")
	}
	return join(out...)
}

func secretDetail(v view) string {
	days, err := strconv.Atoi(v.str("recoveryWindowInDays"))
	if err != nil {
		return v.str("name")
	}
	if days == 0 {
		return "no recovery window"
	}
	return "recoverable for " + count(days, "days")
}

func keyDetail(v view) string {
	if v.str("enableKeyRotation") == "true" {
		return "rotates"
	}
	return ""
}

// topicDetail names who gets a topic's messages.
func topicDetail(v view) string {
	var to []string
	for _, r := range v.referrers(v.Ref(), "aws:sns/topicSubscription:TopicSubscription") {
		if endpoint := (view{r, v.index}).str("endpoint"); endpoint != "" {
			to = append(to, endpoint)
		}
	}
	switch len(to) {
	case 0:
		return "nobody subscribed"
	case 1:
		return "→ " + to[0]
	}
	return fmt.Sprintf("→ %s + %d", to[0], len(to)-1)
}

func vpcLabel(v view) string { return "VPC " + v.str("cidrBlock") }

func vpcDetail(v view) string {
	nat := map[string]string{"None": "no NAT", "Single": "one NAT", "OnePerAz": "a NAT in each"}
	return join(suffixed(v.str("numberOfAvailabilityZones"), " zones"), nat[v.str("natGateways", "strategy")])
}

func endpointLabel(v view) string {
	name := v.str("serviceName")
	return strings.ToUpper(name[strings.LastIndex(name, ".")+1:]) + " endpoint"
}

func suffixed(s, suffix string) string {
	if s == "" {
		return ""
	}
	return s + suffix
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// memory turns MiB into what people say.
func memory(mib string) string {
	n, err := strconv.Atoi(mib)
	switch {
	case err != nil:
		return ""
	case n < 1024:
		return fmt.Sprintf("%d MB", n)
	}
	return strconv.FormatFloat(float64(n)/1024, 'f', -1, 64) + " GB"
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
