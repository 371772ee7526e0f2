package deploytime

import "time"

// App is what the application in the container does. Nothing in the graph says
// it; docs/own-api.md asks it of every application.
type App struct {
	// Start is how long it takes from its start to the first good answer.
	Start Span
	// Drain is how long it serves on after SIGTERM, Shutdown how long what is then
	// under way may take at most.
	Drain, Shutdown time.Duration
	// KeepAlive is how long it keeps a connection without requests open.
	KeepAlive time.Duration
}

// An estimate is a time that AWS takes, with where it comes from.
type estimate struct {
	takes  Span
	source string
}

// What AWS takes. None is promised: the bounds are what is usual, from the pages
// that are named and from experience; they are not limits of AWS.
var (
	// ECS works on a service every few seconds.
	scheduling = estimate{seconds(1, 5, 15), "estimate: ECS looks at a service every few seconds"}
	// A machine for the task alone, and its network interface: "several seconds".
	provisioning = estimate{seconds(10, 20, 60), "estimate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-recommendations.html"}
	// The whole image, because Fargate keeps none; for one of 10 to 200 MB.
	pulling = estimate{seconds(2, 5, 30), "estimate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-pull-behavior.html"}
	// From the end of the process to STOPPED.
	stopping = estimate{seconds(1, 5, 15), "estimate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html"}
	// CloudWatch has a minute's metrics of a load balancer when the minute is over.
	publishing = estimate{seconds(60, 120, 180), "estimate: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"}
	// CodeDeploy starts a deployment, and moves traffic by changing a listener.
	preparing = estimate{seconds(5, 15, 60), "estimate: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html"}
	rerouting = estimate{seconds(2, 10, 30), "estimate: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html"}
	// evenkeel release asks the test listener, then says go on.
	smokeTest = estimate{seconds(2, 10, 60), "estimate: a few requests to the test listener"}
)

// noticing is the time in which the load balancer's check finds a task healthy.
// A new target needs one good answer, whatever the threshold; the first check
// comes within one interval.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
func (c TargetCheck) noticing() Span {
	return Span{time.Second, c.Interval, 2*c.Interval + c.Timeout}
}

// failing is the time in which it finds one unhealthy.
func (c TargetCheck) failing() Span {
	n := time.Duration(c.Unhealthy)
	return Span{(n - 1) * c.Interval, n * c.Interval, n*c.Interval + c.Timeout}
}

// noticing is the time in which the container's own check does: the first comes
// after one interval.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
func (c ContainerCheck) noticing() Span {
	return Span{c.Interval, c.Interval, 2*c.Interval + c.Timeout}
}

func (c ContainerCheck) failing() Span {
	n := time.Duration(c.Retries)
	return Span{n * c.Interval, c.StartPeriod + n*c.Interval, c.StartPeriod + n*(c.Interval+c.Timeout)}
}

// ringing is the time from the first bad answer until the alarm rings: enough
// bad minutes, and the time until CloudWatch has them.
func (a Alarm) ringing() Span {
	bad := time.Duration(a.Datapoints) * a.Period
	return exactly(bad).Plus(publishing.takes)
}

// window is how long ago an alarm looks.
func (a Alarm) window() time.Duration { return time.Duration(a.Periods) * a.Period }
