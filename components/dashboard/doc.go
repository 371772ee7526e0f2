// Package dashboard is one page that answers, from top to bottom: do users get
// what was promised, what do they feel now, what changed, what does it cost, and
// what do the logs say.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-dashboard  aws.cloudwatch.Dashboard "<Args.Name>"
//
// Everything that is measured, and every threshold line, comes from
// internal/signals, so the page shows what the alarms watch. Lines are drawn in
// the period of the alarms on them: a line that crosses a threshold here is one
// that the alarm counts.
//
// CloudWatch's vertical annotations are dates written into the body, so they
// can't follow deployments. Deployments are lines of their own instead, right
// under the golden signals and as wide, so that one looks straight up. Scaling
// stands beside them: the number of tasks desired and running or, without
// Container Insights, of tasks behind the load balancer.
//
// What it refuses: a missing reference, objectives that signals refuses, two
// alarms of one key and more alarms than CloudWatch shows, queries without
// title or text, queries over events without a log group of events, and a
// runbook address that is not https.
package dashboard
