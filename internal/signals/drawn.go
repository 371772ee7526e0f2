package signals

// Signals are what the dashboard shows, the four golden ones first.
func (s Spec) Signals() []Signal {
	return append(s.golden(), s.details()...)
}

// golden are the first screen, one signal each.
func (s Spec) golden() []Signal {
	return []Signal{
		{
			Key: "latency", Golden: Latency, Title: "Latency", Query: "slowest-routes",
			Meaning: "How long answers take, from the load balancer's side.",
			Lines:   []Series{percentile("p50"), percentile("p90"), percentile("p99")},
		},
		{
			Key: "traffic", Golden: Traffic, Title: "Traffic", Query: "top-talkers",
			Meaning: "How many requests come, and how many each task gets.",
			Lines: []Series{
				single("requests", Requests, balancer("requests", "RequestCount", "Sum")),
				s.ofTargets("requests per task", Requests, "per_task", "RequestCountPerTarget", "Sum"),
			},
		},
		{
			Key: "errors", Golden: Errors, Title: "Errors", Query: "errors-by-route",
			Meaning: "Which share of requests failed with a server error, whoever answered.",
			Lines:   []Series{failed(0)},
		},
		{
			Key: "utilization", Golden: Saturation, Title: "Saturation", Query: "memory-kills",
			Meaning: "How full the tasks are, of what they have.",
			Lines: []Series{
				single("CPU", Percent, ecs("cpu", "CPUUtilization", "Average")),
				single("memory", Percent, ecs("memory", "MemoryUtilization", "Average")),
			},
		},
	}
}

// details are what one looks at next.
func (s Spec) details() []Signal {
	out := []Signal{
		{
			Key: "error-counts", Golden: Errors, Title: "Error answers", Query: "errors-by-route",
			Meaning: "Who answered with an error: the tasks, the load balancer in their place, or the caller's own mistakes.",
			Lines: []Series{
				single("5xx of tasks", Requests, balancer("broken", "HTTPCode_Target_5XX_Count", "Sum")),
				single("5xx of the load balancer", Requests, balancer("unserved", "HTTPCode_ELB_5XX_Count", "Sum")),
				single("4xx of tasks", Requests, balancer("refused", "HTTPCode_Target_4XX_Count", "Sum")),
			},
		},
		{
			Key: "hosts", Golden: Saturation, Title: "Tasks behind the load balancer",
			Meaning: "How many tasks the load balancer sends requests to.",
			Lines: []Series{
				s.ofTargets("healthy", Hosts, "healthy", "HealthyHostCount", "Maximum"),
				s.ofTargets("unhealthy", Hosts, "unhealthy", "UnHealthyHostCount", "Minimum"),
			},
		},
	}
	if s.ContainerInsights {
		out = append(out, Signal{
			Key: "tasks", Golden: Saturation, Title: "Tasks", Meaning: "How many tasks there should be, run and start.",
			Lines: []Series{
				single("desired", Tasks, insights("desired", "DesiredTaskCount")),
				single("running", Tasks, insights("running", "RunningTaskCount")),
				single("pending", Tasks, insights("pending", "PendingTaskCount")),
				lacking("missing"),
			},
		})
	}
	return append(out,
		Signal{
			Key: "deployments", Golden: Saturation, Title: "Deployments and stopped tasks", Query: "deployments-vs-errors",
			Meaning: "When versions changed, and which tasks stopped by themselves.",
			Lines: []Series{
				single("started", Events, matches(DeploymentStartedRule)),
				single("failed", Events, matches(DeploymentFailedRule)),
				single("stopped tasks", Events, matches(TaskStoppedRule)),
			},
		},
		Signal{
			Key: "application-errors", Golden: Errors, Title: "Errors in the log", Query: "errors-by-route",
			Meaning: "What the program itself logs as an error.", Lines: []Series{s.loggedErrors()},
		})
}
