// Package objectives is when somebody is told: the alarms that package signals
// defines, over the metrics of one stack, and the events of its ECS service that
// some of them count.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-<key>                       aws.cloudwatch.MetricAlarm or CompositeAlarm "<Args.Name>-<key>", each key of signals.Spec
//	<c>-rule-<event>                aws.cloudwatch.EventRule "<Args.Name>-<event>"
//	<c>-target-<event>              aws.cloudwatch.EventTarget that writes the events to the log
//	<c>-events                      aws.cloudwatch.LogGroup "/aws/events/<Args.Name>"
//	<c>-events-policy               aws.cloudwatch.LogResourcePolicy
//
// <event> is deployment-started, deployment-failed, task-stopped, or other.
//
// An alarm that tells somebody says so on the topic for its severity, when it
// starts and when it ends, with what users feel, the first step, the runbook and
// the dashboard. One that tells nobody feeds a composite alarm. Suppressed
// alarms change their state all the same.
//
// Alarms need no service to exist, only its name: they are created before it,
// so that its deployments can be rolled back on them.
//
// What it refuses: objectives that no alarm could ever hold (see package
// signals), links that are no https URLs, and names that AWS would refuse.
package objectives
