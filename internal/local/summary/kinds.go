package summary

// kind says how a resource type is summarized.
type kind struct {
	token     string
	dimension Dimension
	// tell returns what there is to say about the resources of this type, of
	// which there is at least one. Without it they are only counted, because
	// the facts of another type cover them.
	tell func(all stack, same []Resource) []string
}

// Types that a fact about another type looks up.
const (
	taskDefinition = "aws:ecs/taskDefinition:TaskDefinition"
	subscription   = "aws:sns/topicSubscription:TopicSubscription"
)

// kinds is every type that a stack may have. Facts come in this order.
var kinds = []kind{
	{"aws:ecs/service:Service", Deployment, services},
	{taskDefinition, Deployment, nil},
	{"aws:ecs/cluster:Cluster", Deployment, clusters},
	{"aws:ecr/repository:Repository", Deployment, repositories},
	{"aws:lb/loadBalancer:LoadBalancer", Deployment, balancers},
	{"aws:lb/listener:Listener", Deployment, listeners},
	{"aws:lb/targetGroup:TargetGroup", Deployment, targetGroups},
	{"aws:codedeploy/deploymentGroup:DeploymentGroup", Deployment, deploymentGroups},
	{"aws:codedeploy/application:Application", Deployment, nil},
	{"aws:codedeploy/deploymentConfig:DeploymentConfig", Deployment, nil},
	{"awsx:ec2:Vpc", Deployment, networks},

	{"aws:cloudwatch/dashboard:Dashboard", Observability, dashboards},
	{"aws:cloudwatch/queryDefinition:QueryDefinition", Observability, queries},
	{"aws:cloudwatch/logMetricFilter:LogMetricFilter", Observability, metricFilters},
	{"aws:cloudwatch/logGroup:LogGroup", Observability, logGroups},
	{"aws:ec2/flowLog:FlowLog", Observability, flowLogs},
	{"aws:s3/bucketV2:BucketV2", Observability, nil},
	{"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", Observability, accessLogs},

	{"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", Capacity, capacityProviders},

	{"aws:appautoscaling/target:Target", Capacity, scalableTargets},
	{"aws:appautoscaling/policy:Policy", Capacity, scalingPolicies},
	{"aws:appautoscaling/scheduledAction:ScheduledAction", Capacity, schedules},

	{"pulumi:providers:aws", Cost, tags},
	{"aws:ecr/lifecyclePolicy:LifecyclePolicy", Cost, imageLifecycles},
	{"aws:ec2/vpcEndpoint:VpcEndpoint", Cost, endpoints},

	{"aws:cloudwatch/metricAlarm:MetricAlarm", Incidents, alarms},
	{compositeAlarm, Incidents, nil},
	{"aws:cloudwatch/eventRule:EventRule", Incidents, eventRules},
	{"aws:cloudwatch/eventTarget:EventTarget", Incidents, nil},
	{"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", Incidents, chats},
	{"aws:sns/topic:Topic", Incidents, topics},
	{subscription, Incidents, nil},

	{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", Security, ingressRules},
	{"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", Security, nil},
	{"aws:ec2/securityGroup:SecurityGroup", Security, nil},
	{"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", Security, nil},
	{"aws:secretsmanager/secret:Secret", Security, secrets},
	{"aws:kms/key:Key", Security, keys},
	{"aws:kms/alias:Alias", Security, nil},
	{"aws:iam/role:Role", Security, roles},
	{"aws:iam/rolePolicy:RolePolicy", Security, nil},
	{"aws:iam/openIdConnectProvider:OpenIdConnectProvider", Security, identityProviders},
	{"aws:iam/policy:Policy", Security, nil},
	{"aws:iam/rolePolicyAttachment:RolePolicyAttachment", Security, nil},
	{"aws:cloudwatch/logResourcePolicy:LogResourcePolicy", Security, nil},
	{"aws:sns/topicPolicy:TopicPolicy", Security, nil},
	{"aws:s3/bucketPolicy:BucketPolicy", Security, nil},
	{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", Security, nil},
	{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", Security, nil},
	{"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", Security, nil},

	// What the awsx plugin makes of a Vpc.
	{"aws:ec2/vpc:Vpc", Deployment, nil},
	{"aws:ec2/subnet:Subnet", Deployment, nil},
	{"aws:ec2/internetGateway:InternetGateway", Deployment, nil},
	{"aws:ec2/routeTable:RouteTable", Deployment, nil},
	{"aws:ec2/route:Route", Deployment, nil},
	{"aws:ec2/routeTableAssociation:RouteTableAssociation", Deployment, nil},
	{"aws:ec2/natGateway:NatGateway", Cost, natGateways},
	{"aws:ec2/eip:Eip", Cost, nil},
}
