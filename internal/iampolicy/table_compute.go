package iampolicy

func computeRows() service {
	const (
		cluster = "arn:aws:ecs:{region}:{account}:cluster/{base}"
		svc     = "arn:aws:ecs:{region}:{account}:service/{base}/{service}"
		family  = "arn:aws:ecs:{region}:{account}:task-definition/{base}"
		task    = family + ":*"
	)
	clusters, services, tasks := []string{"ecs/cluster:Cluster"}, []string{"ecs/service:Service"}, []string{"ecs/taskDefinition:TaskDefinition"}
	capacity := []string{"ecs/clusterCapacityProviders:ClusterCapacityProviders"}
	return service{"ecs", []row{
		{types: append(clusters, capacity...), does: read, actions: []string{"DescribeClusters"}, on: []string{cluster}},
		{types: clusters, does: create, actions: []string{"CreateCluster"}, on: []string{cluster}, scope: tagging},
		{types: clusters, does: update, actions: []string{"UpdateCluster", "UpdateClusterSettings"}, on: []string{cluster}},
		{types: clusters, does: remove, actions: []string{"DeleteCluster"}, on: []string{cluster}},
		{types: capacity, does: create | update | remove, actions: []string{"PutClusterCapacityProviders"}, on: []string{cluster}},
		{types: services, does: read, actions: []string{"DescribeServices"}, on: []string{svc}},
		{types: services, does: create, actions: []string{"CreateService"}, on: []string{svc}, scope: tagging},
		{types: services, does: update, actions: []string{"UpdateService"}, on: []string{svc}},
		{types: services, does: remove, actions: []string{"DeleteService"}, on: []string{svc}},
		{types: tasks, does: read, actions: []string{"DescribeTaskDefinition"}, why: noLevel},
		// What is registered has no revision yet.
		{types: tasks, does: create, actions: []string{"RegisterTaskDefinition"}, on: []string{family, task}, scope: tagging},
		{types: tasks, does: update, actions: []string{"ListTagsForResource"}, on: []string{task}},
		{
			types: append(append(clusters, services...), tasks...), does: create | update, actions: []string{"TagResource", "UntagResource"},
			on: []string{cluster, svc, task},
		},
	}}
}

func autoscalingRows() service {
	const target = "arn:aws:application-autoscaling:{region}:{account}:scalable-target/*"
	ecs := map[string]map[string][]string{"StringEquals": {"application-autoscaling:service-namespace": {"ecs"}}}
	targets, policies := "appautoscaling/target:Target", "appautoscaling/policy:Policy"
	actions := "appautoscaling/scheduledAction:ScheduledAction"
	return service{"application-autoscaling", []row{
		{types: []string{targets}, does: read, actions: []string{"DescribeScalableTargets"}, why: listsAll},
		{types: []string{targets}, does: read, actions: []string{"ListTagsForResource"}, on: []string{target}},
		{types: []string{policies}, does: read, actions: []string{"DescribeScalingPolicies"}, why: listsAll},
		{types: []string{actions}, does: read, actions: []string{"DescribeScheduledActions"}, why: listsAll},
		{types: []string{targets}, does: update, actions: []string{"RegisterScalableTarget"}, on: []string{target}, scope: tagged, when: ecs},
		{types: []string{targets}, does: create, actions: []string{"RegisterScalableTarget"}, on: []string{target}, scope: tagging, when: ecs},
		{types: []string{targets}, does: create, actions: []string{"TagResource"}, on: []string{target}, scope: tagging},
		{types: []string{targets}, does: update, actions: []string{"TagResource", "UntagResource"}, on: []string{target}, scope: tagged},
		{types: []string{targets}, does: remove, actions: []string{"DeregisterScalableTarget"}, on: []string{target}, scope: tagged, when: ecs},
		{types: []string{policies}, does: create | update, actions: []string{"PutScalingPolicy"}, on: []string{target}, scope: tagged, when: ecs},
		{types: []string{policies}, does: remove, actions: []string{"DeleteScalingPolicy"}, on: []string{target}, scope: tagged, when: ecs},
		{types: []string{actions}, does: create | update, actions: []string{"PutScheduledAction"}, on: []string{target}, scope: tagged, when: ecs},
		{types: []string{actions}, does: remove, actions: []string{"DeleteScheduledAction"}, on: []string{target}, scope: tagged, when: ecs},
	}}
}

func registryRows() service {
	repository := []string{"arn:aws:ecr:{region}:{account}:repository/{base}"}
	repositories, lifecycles := []string{"ecr/repository:Repository"}, []string{"ecr/lifecyclePolicy:LifecyclePolicy"}
	return service{"ecr", []row{
		{types: repositories, does: read, actions: []string{"DescribeRepositories", "ListTagsForResource"}, on: repository},
		{types: repositories, does: create, actions: []string{"CreateRepository"}, on: repository, scope: tagging},
		{
			types: repositories, does: update, on: repository,
			actions: []string{"PutImageScanningConfiguration", "PutImageTagMutability", "TagResource", "UntagResource"},
		},
		{types: repositories, does: create, actions: []string{"TagResource"}, on: repository},
		{types: repositories, does: remove, actions: []string{"DeleteRepository"}, on: repository},
		{types: lifecycles, does: read, actions: []string{"GetLifecyclePolicy"}, on: repository},
		{types: lifecycles, does: create | update, actions: []string{"PutLifecyclePolicy"}, on: repository},
		{types: lifecycles, does: remove, actions: []string{"DeleteLifecyclePolicy"}, on: repository},
	}}
}

func codedeployRows() service {
	const (
		application   = "arn:aws:codedeploy:{region}:{account}:application:{base}"
		group         = "arn:aws:codedeploy:{region}:{account}:deploymentgroup:{base}/{base}"
		configuration = "arn:aws:codedeploy:{region}:{account}:deploymentconfig:{base}-*"
	)
	applications, groups := []string{"codedeploy/application:Application"}, []string{"codedeploy/deploymentGroup:DeploymentGroup"}
	configurations := []string{"codedeploy/deploymentConfig:DeploymentConfig"}
	return service{"codedeploy", []row{
		{types: applications, does: read, actions: []string{"GetApplication", "ListTagsForResource"}, on: []string{application}},
		{types: applications, does: create, actions: []string{"CreateApplication"}, on: []string{application}, scope: tagging},
		{types: applications, does: update, actions: []string{"UpdateApplication", "TagResource", "UntagResource"}, on: []string{application}},
		{types: applications, does: create, actions: []string{"TagResource"}, on: []string{application}},
		{types: applications, does: remove, actions: []string{"DeleteApplication"}, on: []string{application}},
		{types: groups, does: read, actions: []string{"GetDeploymentGroup", "ListTagsForResource"}, on: []string{group}},
		{types: groups, does: create, actions: []string{"CreateDeploymentGroup"}, on: []string{group}, scope: tagging},
		{types: groups, does: update, actions: []string{"UpdateDeploymentGroup", "TagResource", "UntagResource"}, on: []string{group}},
		{types: groups, does: create, actions: []string{"TagResource"}, on: []string{group}},
		{types: groups, does: remove, actions: []string{"DeleteDeploymentGroup"}, on: []string{group}},
		{types: configurations, does: read, actions: []string{"GetDeploymentConfig"}, on: []string{configuration}},
		{types: configurations, does: create, actions: []string{"CreateDeploymentConfig"}, on: []string{configuration}},
		{types: configurations, does: remove, actions: []string{"DeleteDeploymentConfig"}, on: []string{configuration}},
	}}
}

func chatRows() service {
	chats, chat := []string{"chatbot/slackChannelConfiguration:SlackChannelConfiguration"}, []string{"arn:aws:chatbot::{account}:chat-configuration/slack-channel/{base}"}
	return service{"chatbot", []row{
		{types: chats, does: read, actions: []string{"DescribeSlackChannelConfigurations", "ListTagsForResource"}, why: noLevel, unseen: noChat},
		{types: chats, does: create, actions: []string{"CreateSlackChannelConfiguration"}, why: noLevel, unseen: noChat},
		{types: chats, does: create, actions: []string{"TagResource"}, on: chat, unseen: noChat},
		{types: chats, does: update, actions: []string{"UpdateSlackChannelConfiguration", "TagResource", "UntagResource"}, on: chat, unseen: noChat},
		{types: chats, does: remove, actions: []string{"DeleteSlackChannelConfiguration"}, on: chat, unseen: noChat},
	}}
}
