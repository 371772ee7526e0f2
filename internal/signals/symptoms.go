package signals

import (
	"fmt"
	"math"
	"time"
)

// The alarms that hold others back. They tell nobody.
const (
	availabilityBurning = "availability-burning"
	objectiveBurning    = "objective-burning"
	deploying           = "deploying"
	symptomsHeld        = "symptoms-held"
)

// availabilityOut is the objective's own page for an outage, the only one as
// urgent as noHealthyHost.
const availabilityOut = "availability-14x"

// deploymentWindow is how long after its start a deployment explains symptoms:
// twice what a healthy rolling deployment of our defaults takes (pull, start,
// 60 s of grace, checks, 30 s of deregistration, 45 s to stop).
const deploymentWindow = 10 * time.Minute

// Few requests say nothing: the least in a minute for a share of errors, so
// that more than two must fail to exceed 5 %, and for a 99th percentile, which
// is the second slowest of 100.
const (
	enoughForShare      = 50
	enoughForPercentile = 100
)

// symptom is an alarm on what is seen now, without regard to the objective.
type symptom struct {
	Alarm
	// heldBy is what holds it back, empty for nothing.
	heldBy string
}

func (s Spec) symptoms() []symptom {
	out := []symptom{s.errors(), s.slowAnswers(), s.noHealthyHost(), s.unhealthyHosts()}
	if s.ContainerInsights {
		out = append(out, s.tasksBelowDesired())
	}
	return append(out,
		s.saturated("cpu-saturated", "CPUUtilization", "CPU", s.CPUTarget),
		s.saturated("memory-saturated", "MemoryUtilization", "memory", s.MemoryTarget),
		s.deploymentFailed(), s.stoppedTasks(), s.trafficAnomaly(), s.applicationErrors())
}

func (s Spec) errors() symptom {
	return symptom{Alarm{
		Key: "errors", Signal: "errors", Severity: Sev2,
		Condition: Condition{
			Series: failed(enoughForShare), Comparison: Above, Threshold: 5,
			Period: time.Minute, Datapoints: 3, Of: 5, Missing: NotBreaching,
			Because: "5 % is far beyond noise at 50 requests a minute; 3 of 5 minutes survive one late datapoint and one bad minute",
		},
		Message: Message{
			Users: "More than 5 % of requests fail with a server error (5xx).",
			Since: "In at least 3 of the last 5 minutes.",
			First: "Was there a deployment in the last hour? Roll back first; else find the failing route.", Runbook: "errors", Query: "errors-by-route",
		},
	}, availabilityBurning}
}

func (s Spec) slowAnswers() symptom {
	return symptom{Alarm{
		Key: "slow-answers", Signal: "latency", Severity: Sev2,
		Condition: Condition{
			Series: Series{
				Label: "p99", Unit: Seconds,
				Metrics:     []Metric{balancer("p99", "TargetResponseTime", "p99"), balancer("requests", "RequestCount", "Sum")},
				Expressions: []Expression{{"slowest", fmt.Sprintf("IF(requests >= %d, p99, 0)", enoughForPercentile)}},
				Return:      "slowest",
			},
			Comparison: Above, Threshold: s.SlowestAnswer.Seconds(),
			Period: time.Minute, Datapoints: 3, Of: 5, Missing: NotBreaching,
			Because: "one request of 100 is this slow; below 100 requests a minute a percentile is one request's luck",
		},
		Message: Message{
			Users: fmt.Sprintf("One request of 100 takes longer than %s.", s.SlowestAnswer),
			Since: "In at least 3 of the last 5 minutes.",
			First: "Compare with CPU and the number of tasks; then find the slow route.", Runbook: "slow-answers", Query: "slowest-routes",
		},
	}, objectiveBurning}
}

// noHealthyHost is the outage itself. With task counts it tells asleep (nothing
// desired) from down; without, no data means that no target is registered.
func (s Spec) noHealthyHost() symptom {
	c := Condition{
		Series: s.ofTargets("healthy tasks", Hosts, "healthy", "HealthyHostCount", "Maximum"), Comparison: Below, Threshold: 1,
		Period: time.Minute, Datapoints: 2, Of: 3, Missing: Breaching,
		Because: "no target registered reports no data, which is the outage itself; 2 of 3 minutes survive one late datapoint",
	}
	if s.ContainerInsights {
		healthy, sum := s.atTargets("healthy", "HealthyHostCount", "Maximum")
		c.Series = Series{
			Label: "no healthy task though some are desired", Unit: Hosts,
			Metrics: append(healthy, insights("desired", "DesiredTaskCount")),
			Expressions: []Expression{
				// The sum takes missing hosts as 0 wherever tasks are desired.
				{"serving", sum + " + 0 * desired"},
				{"down", "IF(desired > 0, IF(serving < 1, 1, 0), 0)"},
			},
			Return: "down",
		}
		c.Comparison, c.Threshold, c.Missing = AtLeast, 1, NotBreaching
		c.Because = "missing hosts count as none while tasks are desired, so a service that sleeps by schedule is not down; 2 of 3 minutes survive one late datapoint"
	}
	return symptom{Alarm{
		Key: "no-healthy-host", Signal: "hosts", Severity: Sev1, Condition: c,
		Message: Message{
			Users: "Every request fails: no task passes the load balancer's health check.",
			Since: "For 2 to 3 minutes.",
			First: "Look at why the last tasks stopped; roll back if a deployment is under way.", Runbook: "no-healthy-host", Query: "stopped-tasks",
		},
	}, availabilityOut}
}

func (s Spec) unhealthyHosts() symptom {
	return symptom{Alarm{
		Key: "unhealthy-hosts", Signal: "hosts", Severity: Sev3,
		Condition: Condition{
			Series:     s.ofTargets("unhealthy tasks", Hosts, "unhealthy", "UnHealthyHostCount", "Minimum"),
			Comparison: AtLeast, Threshold: 1, Period: time.Minute, Datapoints: 10, Of: 15, Missing: NotBreaching,
			Because: "the minimum, because each zone reports its own view; ECS replaces a failing task within minutes, so 10 of 15 means that this does not help",
		},
		Message: Message{
			Users: "Some requests may fail or wait: a task keeps failing the load balancer's health check.",
			Since: "For at least 10 of the last 15 minutes.",
			First: "Read the logs of the task that fails its health check.", Runbook: "unhealthy-hosts", Query: "errors-by-route",
		},
	}, symptomsHeld}
}

func (s Spec) tasksBelowDesired() symptom {
	return symptom{Alarm{
		Key: "tasks-below-desired", Signal: "tasks", Severity: Sev2,
		Condition: Condition{
			Series:     lacking("tasks missing"),
			Comparison: AtLeast, Threshold: 1, Period: time.Minute, Datapoints: 10, Of: 10, Missing: NotBreaching,
			Because: "a task takes 1 to 3 minutes to start; 10 minutes in a row means that ECS cannot start it",
		},
		Message: Message{
			Users: "Perhaps nothing yet: the service runs on fewer tasks than it needs, and the next failure or peak will be felt.",
			Since: "For 10 minutes.",
			First: "Read the service's last events: no capacity, image not pullable, secret missing.", Runbook: "tasks-below-desired", Query: "stopped-tasks",
		},
	}, symptomsHeld}
}

// saturated fires where scaling has not helped.
func (s Spec) saturated(key, metric, what string, target float64) symptom {
	threshold := math.Min(95, math.Max(85, target+15))
	return symptom{Alarm{
		Key: key, Signal: "utilization", Severity: Sev3,
		Condition: Condition{
			Series:     single(what, Percent, ecs("used", metric, "Average")),
			Comparison: Above, Threshold: threshold, Period: time.Minute, Datapoints: 15, Of: 15, Missing: NoData,
			Because: "well above what scaling aims at, for longer than two rounds of scaling out take: it is at its maximum, or can't start tasks",
		},
		Message: Message{
			Users: fmt.Sprintf("Answers get slower: tasks have used more than %v %% of their %s.", threshold, what),
			Since: "For 15 minutes, in which scaling out has not helped.",
			First: "See whether the number of tasks is at its maximum; raise it, or the task's size.", Runbook: key, Query: "top-talkers",
		},
	}, ""}
}

func (s Spec) deploymentFailed() symptom {
	return symptom{Alarm{
		Key: "deployment-failed", Signal: "deployments", Severity: Sev2,
		Condition: Condition{
			Series:     single("failed deployments", Events, matches(DeploymentFailedRule)),
			Comparison: AtLeast, Threshold: 1, Period: time.Minute, Datapoints: 1, Of: 1, Missing: NotBreaching,
			Because: "one event is one failed deployment; the rule reports nothing otherwise",
		},
		Message: Message{
			Users: "Perhaps nothing: the new version failed and " + s.deployer() + " goes back to the one before.",
			Since: "Just now.",
			First: "See that the old version serves; then read why the new tasks stopped.", Runbook: "deployment-failed", Query: "deployments-vs-errors",
		},
	}, ""}
}

// deployer is who replaces one version by another.
func (s Spec) deployer() string {
	if s.TwoTargetGroups {
		return "CodeDeploy"
	}
	return "ECS"
}

func (s Spec) stoppedTasks() symptom {
	return symptom{Alarm{
		Key: "stopped-tasks", Signal: "deployments", Severity: Sev2,
		Condition: Condition{
			Series:     single("tasks that stopped by themselves", Events, matches(TaskStoppedRule)),
			Comparison: AtLeast, Threshold: 3, Period: 5 * time.Minute, Datapoints: 2, Of: 3, Missing: NotBreaching,
			Because: "one crash is replaced and forgotten; 3 in 5 minutes, twice, is a loop",
		},
		Message: Message{
			Users: "Some requests are cut off: tasks crash again and again.",
			Since: "In at least 2 of the last three 5-minute periods.",
			First: "Read the exit code: 137 is memory or a late stop, others are the program's own.", Runbook: "stopped-tasks", Query: "stopped-tasks",
		},
	}, symptomsHeld}
}

func (s Spec) trafficAnomaly() symptom {
	return symptom{Alarm{
		Key: "traffic-anomaly", Signal: "traffic", Severity: Sev3,
		Condition: Condition{
			Series: Series{
				Label: "requests", Unit: Requests, Metrics: []Metric{balancer("requests", "RequestCount", "Sum")},
				Expressions: []Expression{{"band", "ANOMALY_DETECTION_BAND(requests, 3)"}}, Return: "requests",
			},
			Comparison: OutsideBand, Band: "band", Period: 5 * time.Minute, Datapoints: 6, Of: 6, Missing: NotBreaching,
			Because: "3 standard deviations for half an hour: a campaign, an attack, or callers that no longer reach us",
		},
		Message: Message{
			Users: "Perhaps nothing: far more or far fewer requests come than at this hour of other weeks.",
			Since: "For 30 minutes.",
			First: "See who sends the traffic, or who stopped.", Runbook: "traffic-anomaly", Query: "top-talkers",
		},
	}, ""}
}

func (s Spec) applicationErrors() symptom {
	return symptom{Alarm{
		Key: "application-errors", Signal: "application-errors", Severity: Sev3,
		Condition: Condition{
			Series:     s.loggedErrors(),
			Comparison: AtLeast, Threshold: 10, Period: 5 * time.Minute, Datapoints: 3, Of: 3, Missing: NotBreaching,
			Because: "errors that the program logs about itself; 15 minutes in a row is no hiccup of a dependency",
		},
		Message: Message{
			Users: "Perhaps nothing yet: the program logs errors of its own.",
			Since: "For 15 minutes, 10 or more in every 5.",
			First: "Read the errors, grouped by route.", Runbook: "application-errors", Query: "errors-by-route",
		},
	}, ""}
}

func (s Spec) loggedErrors() Series {
	return single("errors in the log", Events, Metric{
		ID: "logged", Namespace: s.ApplicationNamespace, Name: "ApplicationErrors", Stat: "Sum",
	})
}

// deploying is in ALARM from a deployment's start to the end of the window.
func deployingAlarm() Alarm {
	return Alarm{
		Key: deploying,
		Condition: Condition{
			Series:     single("deployments started", Events, matches(DeploymentStartedRule)),
			Comparison: AtLeast, Threshold: 1, Period: time.Minute,
			Datapoints: 1, Of: int(deploymentWindow / time.Minute), Missing: NotBreaching,
			Because: "one start within the window explains tasks that stop and hosts that come and go, and nothing else",
		},
	}
}
