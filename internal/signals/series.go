package signals

import (
	"fmt"
	"strconv"
	"time"
)

// Metrics of the load balancer as a whole: unlike those of a target group they
// go on through a blue/green swap, and count what reached no target.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func balancer(id, name, stat string) Metric {
	return Metric{
		ID: id, Namespace: "AWS/ApplicationELB", Name: name, Stat: stat,
		Dimensions: []Dimension{{"LoadBalancer", LoadBalancer}},
	}
}

func targets(id, name, stat string, group Ref) Metric {
	m := balancer(id, name, stat)
	m.Dimensions = []Dimension{{"TargetGroup", group}, {"LoadBalancer", LoadBalancer}}
	return m
}

// atTargets is what the load balancer measures at the targets. Over two groups
// it is a sum, written as arithmetic, in which CloudWatch takes the group that
// reports nothing as 0.
func (s Spec) atTargets(id, name, stat string) (metrics []Metric, sum string) {
	if !s.TwoTargetGroups {
		return []Metric{targets(id, name, stat, TargetGroup)}, id
	}
	one, other := id+"_one", id+"_other"
	return []Metric{targets(one, name, stat, TargetGroup), targets(other, name, stat, OtherTargetGroup)}, one + " + " + other
}

// ofTargets is atTargets as a line.
func (s Spec) ofTargets(label string, unit Unit, id, name, stat string) Series {
	metrics, sum := s.atTargets(id, name, stat)
	out := Series{Label: label, Unit: unit, Metrics: metrics, Return: id}
	if s.TwoTargetGroups {
		out.Expressions = []Expression{{id, sum}}
	}
	return out
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
func ecs(id, name, stat string) Metric {
	return Metric{
		ID: id, Namespace: "AWS/ECS", Name: name, Stat: stat,
		Dimensions: []Dimension{{"ClusterName", Cluster}, {"ServiceName", Service}},
	}
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
func insights(id, name string) Metric {
	m := ecs(id, name, "Average")
	m.Namespace = "ECS/ContainerInsights"
	return m
}

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
func matches(rule Ref) Metric {
	return Metric{
		ID: "matched", Namespace: "AWS/Events", Name: "TriggeredRules", Stat: "Sum",
		Dimensions: []Dimension{{"RuleName", rule}},
	}
}

// single is a line that is a metric as it is.
func single(label string, unit Unit, m Metric) Series {
	return Series{Label: label, Unit: unit, Metrics: []Metric{m}, Return: m.ID}
}

// failed is the share of requests that got a server error, from the load
// balancer or a target, in percent. With fewer than minimum valid requests it is
// 0; with a minimum of 0 a period without requests has no value.
//
// A request that reaches no target is a 5xx of the load balancer that
// RequestCount does not count: in a total outage RequestCount has no data at
// all. So valid requests are the larger of both numbers, written as arithmetic,
// in which CloudWatch takes a missing value as 0.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func failed(minimum int) Series {
	share := "100 * bad / valid"
	if minimum > 0 {
		share = fmt.Sprintf("IF(valid >= %d, %s, 0)", minimum, share)
	}
	return Series{
		Label: "requests that failed (5xx)", Unit: Percent,
		Metrics: []Metric{
			balancer("requests", "RequestCount", "Sum"),
			balancer("unserved", "HTTPCode_ELB_5XX_Count", "Sum"),
			balancer("broken", "HTTPCode_Target_5XX_Count", "Sum"),
		},
		Expressions: []Expression{
			{"bad", "unserved + broken"},
			{"valid", "(requests + bad + ABS(requests - bad)) / 2"},
			{"share", share},
		},
		Return: "share",
	}
}

// slow is the share of answered requests that took longer than within, in
// percent, under the same rule for few requests. Requests without an answer are
// not in it: failed has them.
func slow(within time.Duration, minimum int) Series {
	s := Series{
		Label: "requests slower than " + within.String(), Unit: Percent,
		Metrics:     []Metric{balancer("good", "TargetResponseTime", "PR(:"+seconds(within)+")")},
		Expressions: []Expression{{"share", "100 - good"}},
		Return:      "share",
	}
	if minimum > 0 {
		s.Metrics = append(s.Metrics, balancer("requests", "RequestCount", "Sum"))
		s.Expressions[0].Text = fmt.Sprintf("IF(requests >= %d, 100 - good, 0)", minimum)
	}
	return s
}

// lacking is how many tasks there are less than there should be.
func lacking(label string) Series {
	return Series{
		Label: label, Unit: Tasks,
		Metrics:     []Metric{insights("desired", "DesiredTaskCount"), insights("running", "RunningTaskCount")},
		Expressions: []Expression{{"lacking", "desired - running"}}, Return: "lacking",
	}
}

func percentile(stat string) Series {
	return single(stat, Seconds, balancer(stat, "TargetResponseTime", stat))
}

// seconds renders a time as CloudWatch reads it, as "0.3".
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// number renders a number without the noise of binary fractions.
func number(x float64) string { return strconv.FormatFloat(round(x, 9), 'f', -1, 64) }
