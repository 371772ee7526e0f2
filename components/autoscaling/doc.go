// Package autoscaling is how the number of an ECS service's tasks follows load:
// it owns the service's desired count from the service's creation on.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-target           aws.appautoscaling.Target of the service
//	<c>-cpu              aws.appautoscaling.Policy, target tracking
//	<c>-memory           aws.appautoscaling.Policy, target tracking
//	<c>-requests         aws.appautoscaling.Policy, target tracking
//	<c>-schedule-<name>  aws.appautoscaling.ScheduledAction, one per schedule
//
// Of several policies the one that asks for most tasks wins, and tasks are taken
// away only when all agree. AWS makes two alarms for each policy, which it owns.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
//
// Requests follow the load balancer's count for one target group, by AWS's
// predefined metric. That one is not supported while CodeDeploy swaps two
// target groups; with Args.Swap the policy is metric math over both.
//
// Policies on load cannot start a service from zero tasks, because nothing is
// measured then: only a schedule brings it to zero, and only another one back.
//
// A schedule changes the target's bounds behind Pulumi's back, which is what it is
// for. An update that does not change the bounds leaves them alone; one that
// refreshes first (pulumi up --refresh) sets them back until the next schedule.
//
// What it refuses: a minimum above the maximum, in the bounds and in every
// schedule; bounds that differ with nothing to follow; schedules whose
// expression AWS would refuse, in a time zone that does not exist, or two at
// the same time; zero tasks with no schedule to end that.
package autoscaling
