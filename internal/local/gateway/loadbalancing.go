package gateway

import "bytes"

const balancerReason = "moto says provisioning at first, though nothing is provisioned"

var balancerCompletions = []Completion{
	{Service: "elasticloadbalancing", Action: "CreateLoadBalancer", Kind: Completes, Reason: balancerReason, after: balancerActive},
	{Service: "elasticloadbalancing", Action: "DescribeLoadBalancers", Kind: Completes, Reason: balancerReason, after: balancerActive},
	{
		Service: "elasticloadbalancing", Action: "DescribeTargetHealth", Kind: Answers, answer: targetHealth,
		Reason: "moto registers no tasks; the targets of played services are answered, other groups go to moto",
	},
}

func balancerActive(_ *memory, _ *exchange, r *reply) {
	r.body = bytes.ReplaceAll(r.body, []byte("<Code>provisioning</Code>"), []byte("<Code>active</Code>"))
}
