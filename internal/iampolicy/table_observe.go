package iampolicy

func cloudwatchRows() service {
	alarm := []string{"arn:aws:cloudwatch:{region}:{account}:alarm:{base}-*"}
	board := []string{"arn:aws:cloudwatch::{account}:dashboard/{base}"}
	metric, composite := "cloudwatch/metricAlarm:MetricAlarm", "cloudwatch/compositeAlarm:CompositeAlarm"
	alarms, boards := []string{metric, composite}, []string{"cloudwatch/dashboard:Dashboard"}
	// Application Auto Scaling keeps the alarms of its policies, and wants who
	// sets a policy to have the right to.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/auto-scaling-IAM.html
	const tracked = "Application Auto Scaling asks for it; the emulator makes no alarms of its own"
	policies, tracking := []string{"appautoscaling/policy:Policy"}, []string{"arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-service/{base}/{service}-*"}
	return service{"cloudwatch", []row{
		{types: alarms, does: read, actions: []string{"DescribeAlarms"}, why: scopedAll},
		{types: alarms, does: read, actions: []string{"ListTagsForResource"}, on: alarm},
		{types: []string{metric}, does: create | update, actions: []string{"PutMetricAlarm"}, on: alarm},
		{types: []string{composite}, does: create | update, actions: []string{"PutCompositeAlarm"}, why: scopedAll},
		{types: alarms, does: create | update, actions: []string{"TagResource", "UntagResource"}, on: alarm},
		{types: alarms, does: remove, actions: []string{"DeleteAlarms"}, on: alarm},
		{types: policies, does: create | update, actions: []string{"PutMetricAlarm"}, on: tracking, unseen: tracked},
		{types: policies, does: remove, actions: []string{"DeleteAlarms"}, on: tracking, unseen: tracked},
		{types: boards, does: read, actions: []string{"GetDashboard"}, on: board},
		{types: boards, does: create | update, actions: []string{"PutDashboard"}, on: board},
		{types: boards, does: remove, actions: []string{"DeleteDashboards"}, on: board},
	}}
}

func dynamicLogRows() service {
	group := []string{
		"arn:aws:logs:{region}:{account}:log-group:/ecs/{base}*", "arn:aws:logs:{region}:{account}:log-group:/aws/events/{base}*",
		"arn:aws:logs:{region}:{account}:log-group:/vpc/{base}*",
	}
	const noName = "query definitions and resource policies have no ARN of their own"
	groups, filters := []string{"cloudwatch/logGroup:LogGroup"}, []string{"cloudwatch/logMetricFilter:LogMetricFilter"}
	policies, queries := []string{"cloudwatch/logResourcePolicy:LogResourcePolicy"}, []string{"cloudwatch/queryDefinition:QueryDefinition"}
	return service{"logs", []row{
		{types: groups, does: read, actions: []string{"DescribeLogGroups"}, why: listsAll},
		{types: groups, does: read, actions: []string{"ListTagsForResource"}, on: group},
		{types: groups, does: create, actions: []string{"CreateLogGroup"}, on: group, scope: tagging},
		{types: groups, does: create | update, actions: []string{"PutRetentionPolicy", "TagResource", "UntagResource"}, on: group},
		{types: groups, does: update, actions: []string{"DeleteRetentionPolicy", "AssociateKmsKey", "DisassociateKmsKey"}, on: group},
		{types: groups, does: remove, actions: []string{"DeleteLogGroup"}, on: group},
		{types: filters, does: read, actions: []string{"DescribeMetricFilters"}, on: group},
		{types: filters, does: create | update, actions: []string{"PutMetricFilter"}, on: group},
		{types: filters, does: remove, actions: []string{"DeleteMetricFilter"}, on: group},
		{types: policies, does: read, actions: []string{"DescribeResourcePolicies"}, why: noName},
		{types: policies, does: create | update, actions: []string{"PutResourcePolicy"}, why: noName},
		{types: policies, does: remove, actions: []string{"DeleteResourcePolicy"}, why: noName},
		{types: queries, does: read, actions: []string{"DescribeQueryDefinitions"}, why: noName},
		{types: queries, does: create | update, actions: []string{"PutQueryDefinition"}, why: noName},
		{types: queries, does: remove, actions: []string{"DeleteQueryDefinition"}, why: noName},
	}}
}

func eventRows() service {
	rule := []string{"arn:aws:events:{region}:{account}:rule/{base}-*"}
	rules, targets := []string{"cloudwatch/eventRule:EventRule"}, []string{"cloudwatch/eventTarget:EventTarget"}
	return service{"events", []row{
		{types: rules, does: read, actions: []string{"DescribeRule", "ListTagsForResource"}, on: rule},
		{types: rules, does: create, actions: []string{"TagResource"}, on: rule},
		{types: rules, does: create | update, actions: []string{"PutRule"}, on: rule},
		{types: rules, does: update, actions: []string{"EnableRule", "DisableRule", "TagResource", "UntagResource"}, on: rule},
		{types: rules, does: remove, actions: []string{"DeleteRule"}, on: rule},
		{types: targets, does: read, actions: []string{"ListTargetsByRule"}, on: rule},
		{types: targets, does: create | update, actions: []string{"PutTargets"}, on: rule},
		{types: targets, does: remove, actions: []string{"RemoveTargets"}, on: rule},
	}}
}

func topicRows() service {
	topic := []string{"arn:aws:sns:{region}:{account}:{base}-page", "arn:aws:sns:{region}:{account}:{base}-ticket"}
	topics, policies := []string{"sns/topic:Topic"}, []string{"sns/topicPolicy:TopicPolicy"}
	subscriptions := []string{"sns/topicSubscription:TopicSubscription"}
	const noARN = "it goes by a subscription, whose id is AWS's own, and need not name the topic"
	return service{"sns", []row{
		{types: append(topics, policies...), does: read, actions: []string{"GetTopicAttributes"}, on: topic},
		{types: topics, does: read, actions: []string{"ListTagsForResource"}, on: topic},
		{types: topics, does: create, actions: []string{"CreateTopic", "TagResource"}, on: topic, scope: tagging},
		{types: topics, does: update, actions: []string{"TagResource", "UntagResource"}, on: topic},
		{types: append(topics, policies...), does: create | update, actions: []string{"SetTopicAttributes"}, on: topic},
		{types: policies, does: remove, actions: []string{"SetTopicAttributes"}, on: topic},
		{types: topics, does: remove, actions: []string{"DeleteTopic"}, on: topic},
		{types: subscriptions, does: read, actions: []string{"GetSubscriptionAttributes"}, why: noARN},
		{types: subscriptions, does: create, actions: []string{"Subscribe"}, on: topic},
		{types: subscriptions, does: update, actions: []string{"SetSubscriptionAttributes"}, why: noARN},
		{types: subscriptions, does: remove, actions: []string{"Unsubscribe"}, why: noARN},
	}}
}
