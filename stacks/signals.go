package stacks

import (
	"fmt"
	"time"

	"evenkeel/internal/signals"
)

// Signals is what is measured of the stack whose physical names start with base.
func (c *Config) Signals(base string) signals.Spec {
	o := c.Objectives
	return signals.Spec{
		Availability: o.Availability,
		Latency: signals.LatencyObjective{
			Percent: o.Latency.Percent, Within: time.Duration(o.Latency.WithinMilliseconds) * time.Millisecond,
		},
		SlowestAnswer:        time.Duration(o.SlowestMilliseconds) * time.Millisecond,
		ContainerInsights:    c.Service.ContainerInsights,
		TwoTargetGroups:      c.Deployment.Strategy.CodeDeploy(),
		ApplicationNamespace: metricNamespace(base),
		CPUTarget:            float64(c.Autoscaling.CPUPercent),
		MemoryTarget:         float64(c.Autoscaling.MemoryPercent),
	}
}

// metricNamespace is where metrics from the stack's own log are.
func metricNamespace(base string) string { return Namespace + "/" + base }

// runbookURL is the folder that alarms link.
func (c *Config) runbookURL() string {
	if c.Notifications.RunbookURL != "" {
		return c.Notifications.RunbookURL
	}
	return "https://" + c.Owner.Repository + "/blob/main/docs/runbooks"
}

// dashboardURL is the dashboard with a name, in AWS's console.
func (c *Config) dashboardURL(name string) string {
	return fmt.Sprintf("https://%s.console.aws.amazon.com/cloudwatch/home?region=%[1]s#dashboards/dashboard/%s", c.AWS.Region, name)
}
