package summary

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// noted makes one fact of each resource; an empty one is left out.
func noted(same []Resource, note func(Resource) string) []string {
	var out []string
	for _, r := range same {
		if s := note(r); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// count is such as "1 role" or "2 roles".
func count(n int, noun string) string {
	if n != 1 && !strings.Contains(noun, ":") {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// days is such as "30 days"; never ends without a number.
func days(n int) string {
	if n <= 0 {
		return "kept for ever"
	}
	return count(n, "day")
}

// with joins what is not empty.
func with(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// when returns s if the condition holds.
func when(condition bool, s string) string {
	if condition {
		return s
	}
	return ""
}

func services(all stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		size := ""
		for _, task := range all.beside(r, taskDefinition) {
			size = taskSize(task)
		}
		rollout := "rolling"
		if r.str("deploymentController", "type") == "CODE_DEPLOY" {
			rollout = "deployed by CodeDeploy"
		}
		if r.yes("deploymentCircuitBreaker", "enable") {
			rollout += " with circuit breaker"
		}
		if r.yes("deploymentCircuitBreaker", "rollback") {
			rollout += " and rollback"
		}
		tasks := r.number("desiredCount")
		number := count(tasks, "task")
		if tasks == 0 {
			number = "no task yet"
		} else if tasks < 0 {
			number = ""
		}
		return fmt.Sprintf("service %q: %s", r.str("name"), with(strings.TrimSpace(number+" "+size), rollout))
	})
}

// taskSize is such as "(0.25 vCPU / 512 MiB ARM64)".
func taskSize(task Resource) string {
	units, err := strconv.ParseFloat(task.str("cpu"), 64)
	if err != nil {
		return ""
	}
	const perVCPU = 1024 // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
	return fmt.Sprintf("(%s vCPU / %s MiB %s)", strconv.FormatFloat(units/perVCPU, 'f', -1, 64),
		task.str("memory"), task.str("runtimePlatform", "cpuArchitecture"))
}

func clusters(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		insights := ""
		if v := r.str("settings", 0, "value"); r.str("settings", 0, "name") == "containerInsights" {
			insights = "Container Insights " + v
		}
		return with(fmt.Sprintf("cluster %q", r.str("name")), insights)
	})
}

func repositories(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return with(fmt.Sprintf("image repository %q", r.str("name")),
			when(r.str("imageTagMutability") == "IMMUTABLE", "immutable tags"),
			when(r.yes("imageScanningConfiguration", "scanOnPush"), "scanned on push"))
	})
}

func balancers(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		side := "internet-facing"
		if r.yes("internal") {
			side = "internal"
		}
		return with("load balancer", side, when(r.yes("enableDeletionProtection"), "protected from deletion"))
	})
}

func listeners(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		does := "forwards to the tasks"
		if r.str("defaultActions", 0, "type") == "redirect" {
			does = "redirects to " + r.str("defaultActions", 0, "redirect", "protocol")
		}
		return fmt.Sprintf("%s :%d %s", r.str("protocol"), r.number("port"), does)
	})
}

func targetGroups(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return fmt.Sprintf("health check %s every %d s on port %d; a leaving task gets %d s",
			r.str("healthCheck", "path"), r.number("healthCheck", "interval"), r.number("port"), r.number("deregistrationDelay"))
	})
}

// deploymentGroups says how traffic moves, and when it goes back.
func deploymentGroups(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		alarms := r.list("alarmConfiguration", "alarms")
		return with("traffic moves by "+strings.TrimPrefix(r.str("deploymentConfigName"), "CodeDeployDefault."),
			"back on "+count(len(alarms), "alarm")+" or failure",
			fmt.Sprintf("old tasks kept for %d min", r.number("blueGreenDeploymentConfig", "terminateBlueInstancesOnDeploymentSuccess", "terminationWaitTimeInMinutes")))
	})
}

func networks(_ stack, same []Resource) []string {
	nat := map[string]string{"None": "no NAT gateway", "Single": "one NAT gateway", "OnePerAz": "a NAT gateway in each"}
	return noted(same, func(r Resource) string {
		return with(fmt.Sprintf("network %s in %s", r.str("cidrBlock"), count(r.number("numberOfAvailabilityZones"), "zone")),
			nat[r.str("natGateways", "strategy")])
	})
}

func logGroups(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return fmt.Sprintf("log group %s, %s", r.str("name"), days(r.number("retentionInDays")))
	})
}

func flowLogs(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return fmt.Sprintf("flow logs of %s traffic in the network", strings.ToLower(r.str("trafficType")))
	})
}

func accessLogs(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return "access logs in S3, " + days(r.number("rules", 0, "expiration", "days"))
	})
}

func capacityProviders(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		used := r.str("defaultCapacityProviderStrategies", 0, "capacityProvider")
		var others []string
		for _, p := range r.list("capacityProviders") {
			if s, _ := p.(string); s != used {
				others = append(others, s)
			}
		}
		out := "runs on " + used
		if len(others) > 0 {
			out += " (" + strings.Join(others, ", ") + " can be chosen)"
		}
		return out
	})
}

func tags(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		tag := func(name string) string {
			v := r.str("defaultTags", "tags", name)
			return when(v != "", name+" "+v)
		}
		text := with(tag("Team"), tag("CostCenter"), tag("Service"))
		return when(text != "", "every resource is tagged: "+text)
	})
}

func imageLifecycles(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		n := r.number("policy", "rules", 0, "selection", "countNumber")
		return when(n > 0, fmt.Sprintf("images expire; the last %s are kept", count(n, "release")))
	})
}

func endpoints(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		service := r.str("serviceName")
		name := strings.ToUpper(service[strings.LastIndexByte(service, '.')+1:])
		return when(r.str("vpcEndpointType") == "Gateway", name+" is reached free of charge, past any NAT gateway")
	})
}

func natGateways(_ stack, same []Resource) []string {
	return []string{count(len(same), "NAT gateway")}
}

func topics(all stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		var to []string
		for _, s := range all.byType[subscription] {
			if r.named(s.str("topic")) {
				to = append(to, s.str("endpoint"))
			}
		}
		if len(to) == 0 {
			return fmt.Sprintf("topic %q, which nobody has subscribed to", r.str("name"))
		}
		return fmt.Sprintf("topic %q to %s", r.str("name"), strings.Join(to, ", "))
	})
}

// ingressRules tells who can reach the stack from outside.
func ingressRules(_ stack, same []Resource) []string {
	ports := map[string][]string{}
	var ranges []string
	for _, r := range same {
		from := with(r.str("cidrIpv4"), r.str("cidrIpv6"))
		if from == "" {
			continue // from another security group
		}
		if ports[from] == nil {
			ranges = append(ranges, from)
		}
		ports[from] = append(ports[from], ":"+strconv.Itoa(r.number("fromPort")))
	}
	var out []string
	for _, from := range ranges {
		who := from
		if from == "0.0.0.0/0" || from == "::/0" {
			who = "everybody (" + from + ")"
		}
		out = append(out, fmt.Sprintf("%s may reach %s, nothing else", who, strings.Join(ports[from], ", ")))
	}
	return out
}

func secrets(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return fmt.Sprintf("secret %q, whose value never passes through the program", r.str("name"))
	})
}

func keys(_ stack, same []Resource) []string {
	rotated := 0
	for _, r := range same {
		if r.yes("enableKeyRotation") {
			rotated++
		}
	}
	out := count(len(same), "KMS key")
	switch rotated {
	case 0:
	case len(same):
		out += ", rotated every year"
	default:
		out += fmt.Sprintf(", %d of them rotated every year", rotated)
	}
	return []string{out}
}

func roles(_ stack, same []Resource) []string {
	return []string{count(len(same), "role")}
}

func identityProviders(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string { return "identity provider " + r.str("url") })
}
