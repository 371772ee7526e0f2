package summary

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// compositeAlarm is looked up by the fact about alarms.
const compositeAlarm = "aws:cloudwatch/compositeAlarm:CompositeAlarm"

// alarms counts those that tell somebody, by how urgent they are; metric alarms
// without an action only feed the composite ones.
func alarms(all stack, same []Resource) []string {
	told := map[string]int{}
	for _, r := range append(slices.Clone(same), all.byType[compositeAlarm]...) {
		if len(r.list("alarmActions")) > 0 {
			told[r.str("tags", "Severity")]++
		}
	}
	var parts []string
	for _, s := range []struct{ severity, means string }{
		{"sev1", "sev1 page"}, {"sev2", "sev2 page"}, {"sev3", "sev3 ticket"},
	} {
		if n := told[s.severity]; n > 0 {
			parts = append(parts, count(n, s.means))
		}
	}
	if len(parts) == 0 {
		parts = []string{"none tells anybody before there is an image"}
	}
	return []string{fmt.Sprintf("alarms: %s, on %s and %s", strings.Join(parts, ", "),
		count(len(same), "metric condition"), count(len(all.byType[compositeAlarm]), "combination"))}
}

func dashboards(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string { return fmt.Sprintf("dashboard %q", r.str("dashboardName")) })
}

func queries(_ stack, same []Resource) []string {
	var names []string
	for _, r := range same {
		name := r.str("name")
		names = append(names, name[strings.LastIndexByte(name, '/')+1:])
	}
	return []string{"saved queries: " + strings.Join(names, ", ")}
}

func metricFilters(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return fmt.Sprintf("metric %s from the log", r.str("metricTransformation", "name"))
	})
}

func eventRules(_ stack, same []Resource) []string {
	return []string{count(len(same), "rule") + " for events of ECS"}
}

func scalableTargets(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		low, high := r.number("minCapacity"), r.number("maxCapacity")
		if high == 0 {
			return "autoscaling, once there is an image"
		}
		return fmt.Sprintf("autoscaling from %d to %s", low, count(high, "task"))
	})
}

func scalingPolicies(_ stack, same []Resource) []string {
	const tracking = "targetTrackingScalingPolicyConfiguration"
	units := map[string]string{
		"ECSServiceAverageCPUUtilization": " % CPU", "ECSServiceAverageMemoryUtilization": " % memory",
	}
	var keeps []string
	for _, r := range same {
		unit, ok := units[r.str(tracking, "predefinedMetricSpecification", "predefinedMetricType")]
		if !ok {
			unit = " requests a minute per task"
		}
		keeps = append(keeps, strconv.Itoa(r.number(tracking, "targetValue"))+unit)
	}
	return []string{"it keeps " + strings.Join(keeps, ", ")}
}

func schedules(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string {
		return fmt.Sprintf("schedule %s: %d to %d tasks at %s, %s", r.str("name"),
			r.number("scalableTargetAction", "minCapacity"), r.number("scalableTargetAction", "maxCapacity"), r.str("schedule"), r.str("timezone"))
	})
}

func chats(_ stack, same []Resource) []string {
	return noted(same, func(r Resource) string { return "both topics to Slack channel " + r.str("slackChannelId") })
}
