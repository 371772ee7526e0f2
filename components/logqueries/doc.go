// Package logqueries saves the questions that people ask of the logs when
// something is wrong, and counts the errors in them.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-<key>                aws.cloudwatch.QueryDefinition "<Args.Name>/<key>", one for each of Queries
//	<c>-application-errors   aws.cloudwatch.LogMetricFilter, the metric ApplicationErrors
//	<c>-panics               aws.cloudwatch.LogMetricFilter, the metric Panics
//
// The console shows the queries in a folder of the stack's name. They use the
// log fields that docs/own-api.md asks of every API, and those of the events
// that ECS sends to EventBridge.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
//
// What it does not do: it makes no log group, and bounds no time: whoever runs
// a query chooses the time range, and pays for what it scans.
//
// What it refuses: a name that cannot start physical names, a namespace that
// CloudWatch does not take or keeps for itself, and missing log groups.
package logqueries
