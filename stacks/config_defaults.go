package stacks

// Defaults is the configuration of a stack that sets nothing but its
// environment.
func Defaults(env Environment) Config {
	production := env == Production
	pick := func(dev, prod int) int {
		if production {
			return prod
		}
		return dev
	}
	nat := NATNone
	if production {
		nat = NATPerZone
	}
	return Config{
		Environment: env,
		Network: Network{
			Mode: NetworkCreate, CIDR: "10.0.0.0/16", Zones: 2, NAT: nat, FlowLogDays: pick(0, 14),
		},
		Registry: Registry{KeepReleases: 30, ReleaseTagPrefix: "release-"},
		Ingress: Ingress{
			AllowedCIDRs: []string{"0.0.0.0/0"},
			HealthCheck: HealthCheck{
				Path: "/healthz", IntervalSeconds: 10, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 3,
			},
			DeregistrationDelaySeconds: 30, IdleTimeoutSeconds: 60,
			DeletionProtection: production, AccessLogDays: pick(0, 90),
		},
		Service: Service{
			Port: 8080, CPU: pick(256, 512), MemoryMiB: pick(512, 1024), Architecture: ARM64, Capacity: OnDemand,
			User: "65532:65532", HealthGraceSeconds: 60, StopTimeoutSeconds: 45,
			LogDays: pick(7, 30), ContainerInsights: production,
		},
		Secrets: Secrets{RecoveryDays: pick(0, 30)},
		Deployment: Deployment{
			Strategy: Rolling, MinimumHealthyPercent: 100, MaximumPercent: 200,
			CanaryPercent: 10, CanaryMinutes: 10, LinearPercent: 10, LinearMinutes: 1, TerminationWaitMinutes: pick(10, 60),
		},
		Autoscaling: Autoscaling{
			MinimumTasks: pick(1, 2), MaximumTasks: pick(2, 10), CPUPercent: 60, MemoryPercent: 75,
			ScaleOutCooldownSeconds: 60, ScaleInCooldownSeconds: 300, ScaleIn: true,
		},
		Objectives: Objectives{
			Availability: 99.9, Latency: LatencyObjective{Percent: 99, WithinMilliseconds: 300}, SlowestMilliseconds: 1000,
		},
		Pipeline: Pipeline{Branch: "main"},
	}
}
