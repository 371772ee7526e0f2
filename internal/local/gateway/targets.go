package gateway

import (
	"fmt"
	"strings"

	"evenkeel/internal/local/gateway/play"
)

// targetReasons explain the states that are not healthy:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
var targetReasons = map[string][2]string{
	"initial":   {"Elb.InitialHealthChecks", "Initial health checks in progress"},
	"unhealthy": {"Target.FailedHealthChecks", "Health checks failed"},
	"draining":  {"Target.DeregistrationInProgress", "Target deregistration is in progress"},
}

// targetHealth answers for the target groups of played services. A request that
// names targets goes to moto, as do other groups.
func targetHealth(m *memory, e *exchange) *reply {
	arn := text(e.input(), "TargetGroupArn")
	if arn == "" || e.input()["Targets"] != nil {
		return nil
	}
	var found strings.Builder
	played := false
	for _, s := range m.world.Services() {
		for _, set := range s.Sets {
			for _, lb := range set.LoadBalancers {
				if lb.TargetGroup != arn {
					continue
				}
				played = true
				for _, t := range set.Tasks {
					found.WriteString(showTarget(t, lb))
				}
			}
		}
	}
	if !played {
		return nil
	}
	return xmlReply(`<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><DescribeTargetHealthResult>` +
		"<TargetHealthDescriptions>" + found.String() + "</TargetHealthDescriptions></DescribeTargetHealthResult>" +
		"<ResponseMetadata><RequestId>evenkeel</RequestId></ResponseMetadata></DescribeTargetHealthResponse>")
}

// showTarget is a task as a target; nothing while it is not registered.
func showTarget(t *play.Task, lb play.LoadBalancer) string {
	if t.Target == "" {
		return ""
	}
	why := ""
	if reason, ok := targetReasons[t.Target]; ok {
		why = "<Reason>" + reason[0] + "</Reason><Description>" + reason[1] + "</Description>"
	}
	return fmt.Sprintf("<member><Target><Id>%s</Id><Port>%d</Port></Target><HealthCheckPort>%[2]d</HealthCheckPort>"+
		"<TargetHealth><State>%s</State>%s</TargetHealth></member>", t.Address, lb.Port, t.Target, why)
}
