package gateway

import "bytes"

const balancerReason = "moto says provisioning at first, though nothing is provisioned"

var balancerCompletions = []Completion{
	{Service: "elasticloadbalancing", Action: "CreateLoadBalancer", Kind: Completes, Reason: balancerReason, after: balancerActive},
	{Service: "elasticloadbalancing", Action: "DescribeLoadBalancers", Kind: Completes, Reason: balancerReason, after: balancerActive},
}

func balancerActive(_ *memory, _ *exchange, r *reply) {
	r.body = bytes.ReplaceAll(r.body, []byte("<Code>provisioning</Code>"), []byte("<Code>active</Code>"))
}
