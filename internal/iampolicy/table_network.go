package iampolicy

const ec2ARN = "arn:aws:ec2:{region}:{account}:"

// networkRows are EC2's. Its ids are AWS's own, so the stack's tags narrow.
func networkRows() service {
	group, rule := []string{ec2ARN + "security-group/*"}, []string{ec2ARN + "security-group-rule/*"}
	groups := []string{"ec2/securityGroup:SecurityGroup", "ec2/defaultSecurityGroup:DefaultSecurityGroup"}
	egress, ingress := "vpc/securityGroupEgressRule:SecurityGroupEgressRule", "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	rules := []string{egress, ingress}
	rows := []row{
		{types: append(groups, rules...), does: read, actions: []string{"DescribeSecurityGroups", "DescribeSecurityGroupRules"}, why: noLevel},
		{types: groups[:1], does: create, actions: []string{"CreateSecurityGroup"}, on: group, scope: tagging},
		{types: groups[:1], does: create, actions: []string{"CreateSecurityGroup"}, on: []string{ec2ARN + "vpc/*"}},
		{types: groups[:1], does: remove, actions: []string{"DeleteSecurityGroup"}, on: group, scope: tagged},
		{types: groups[:1], does: remove, actions: []string{"DescribeNetworkInterfaces"}, why: noLevel},
		// A new group lets everything out, which is taken away.
		{types: append(groups, egress), does: write, actions: []string{"RevokeSecurityGroupEgress"}, on: group, scope: tagged},
		{types: []string{groups[1], ingress}, does: write, actions: []string{"RevokeSecurityGroupIngress"}, on: group, scope: tagged},
		{types: []string{egress}, does: create, actions: []string{"AuthorizeSecurityGroupEgress"}, on: group, scope: tagged},
		{types: []string{egress}, does: create, actions: []string{"AuthorizeSecurityGroupEgress"}, on: rule, scope: tagging},
		{types: []string{ingress}, does: create, actions: []string{"AuthorizeSecurityGroupIngress"}, on: group, scope: tagged},
		{types: []string{ingress}, does: create, actions: []string{"AuthorizeSecurityGroupIngress"}, on: rule, scope: tagging},
		{types: rules, does: update, actions: []string{"ModifySecurityGroupRules"}, on: append(group, rule...), scope: tagged},
		tagsOnCreate(append(groups, rules...), "CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
		retag(append(groups, rules...)),
	}
	return service{"ec2", append(append(rows, vpcRows()...), lookupRows()...)}
}

// tagsOnCreate lets tags be set by the calls that create, and by no other.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
func tagsOnCreate(types []string, calls ...string) row {
	return row{
		types: types, does: create, actions: []string{"CreateTags"}, on: []string{ec2ARN + "*/*"},
		when: map[string]map[string][]string{"StringEquals": {"ec2:CreateAction": calls}},
	}
}

func retag(types []string) row {
	return row{types: types, does: update, actions: []string{"CreateTags", "DeleteTags"}, on: []string{ec2ARN + "*/*"}, scope: tagged}
}

// lookupRows are the questions that every program asks about the network that it
// is put into.
func lookupRows() []row {
	return []row{{
		types: []string{"lb/loadBalancer:LoadBalancer"}, does: read, why: noLevel,
		actions: []string{"DescribeVpcs", "DescribeSubnets", "DescribeRouteTables"},
	}, {
		types: []string{"lb/loadBalancer:LoadBalancer"}, does: read, on: []string{ec2ARN + "vpc/*"}, actions: []string{"DescribeVpcAttribute"},
	}}
}

// vpcRows are those of a network that the stack creates. The awsx plugin makes
// its parts, which the graph shows as one component.
func vpcRows() []row {
	vpc, endpoints, logs := []string{"awsx:ec2:Vpc"}, []string{"ec2/vpcEndpoint:VpcEndpoint"}, []string{"ec2/flowLog:FlowLog"}
	tables := []string{"ec2/routeTable:RouteTable"}
	parts := []string{
		ec2ARN + "vpc/*", ec2ARN + "subnet/*", ec2ARN + "route-table/*", ec2ARN + "internet-gateway/*", ec2ARN + "natgateway/*",
		ec2ARN + "elastic-ip/*",
	}
	makes := []string{
		"CreateVpc", "CreateSubnet", "CreateRouteTable", "CreateInternetGateway", "CreateNatGateway", "AllocateAddress",
	}
	rows := []row{
		{
			types: append(vpc, tables...), does: read, why: noLevel, actions: []string{
				"DescribeVpcs", "DescribeSubnets", "DescribeRouteTables", "DescribeInternetGateways", "DescribeNatGateways",
				"DescribeAddresses", "DescribeAddressesAttribute", "DescribeAvailabilityZones", "DescribeNetworkAcls", "DescribeSecurityGroups",
			},
		},
		{types: append(vpc, tables...), does: read, actions: []string{"DescribeVpcAttribute"}, on: parts[:1]},
		{types: append(vpc, tables...), does: create, actions: makes, on: parts, scope: tagging},
		// What a part is made in exists already.
		{types: append(vpc, tables...), does: create, actions: []string{"CreateSubnet", "CreateRouteTable", "CreateNatGateway"}, on: parts, scope: tagged},
		{
			types: append(vpc, tables...), does: create | update, on: parts, scope: tagged, actions: []string{
				"ModifyVpcAttribute", "ModifySubnetAttribute", "AttachInternetGateway", "AssociateRouteTable", "ReplaceRouteTableAssociation",
				"CreateRoute", "ReplaceRoute",
			},
		},
		{
			types: append(vpc, tables...), does: update | remove, on: parts, scope: tagged,
			actions: []string{"DetachInternetGateway", "DisassociateRouteTable", "DeleteRoute"},
		},
		{
			types: append(vpc, tables...), does: remove, on: parts, scope: tagged,
			actions: []string{"DeleteVpc", "DeleteSubnet", "DeleteRouteTable", "DeleteInternetGateway", "DeleteNatGateway", "ReleaseAddress"},
		},
		{types: vpc, does: remove, actions: []string{"DescribeNetworkInterfaces"}, why: noLevel},
		{types: vpc, does: remove, actions: []string{"DisassociateAddress"}, on: []string{ec2ARN + "elastic-ip/*"}, scope: tagged},
		// The interface is the gateway's, and nobody tags it.
		{types: vpc, does: remove, actions: []string{"DisassociateAddress"}, on: []string{ec2ARN + "network-interface/*"}},
		tagsOnCreate(append(vpc, tables...), makes...),
		retag(append(vpc, tables...)),
		{types: endpoints, does: read, actions: []string{"DescribeVpcEndpoints", "DescribePrefixLists"}, why: noLevel},
		{types: endpoints, does: create, actions: []string{"CreateVpcEndpoint"}, on: []string{ec2ARN + "vpc-endpoint/*"}, scope: tagging},
		{types: endpoints, does: create, actions: []string{"CreateVpcEndpoint"}, on: []string{ec2ARN + "vpc/*", ec2ARN + "route-table/*"}, scope: tagged},
		{types: endpoints, does: update, actions: []string{"ModifyVpcEndpoint"}, on: []string{ec2ARN + "vpc-endpoint/*", ec2ARN + "route-table/*"}, scope: tagged},
		{types: endpoints, does: remove, actions: []string{"DeleteVpcEndpoints"}, on: []string{ec2ARN + "vpc-endpoint/*"}, scope: tagged},
		tagsOnCreate(endpoints, "CreateVpcEndpoint"),
		{types: logs, does: read, actions: []string{"DescribeFlowLogs"}, why: noLevel},
		{types: logs, does: create, actions: []string{"CreateFlowLogs"}, on: []string{ec2ARN + "vpc-flow-log/*"}, scope: tagging},
		{types: logs, does: create, actions: []string{"CreateFlowLogs"}, on: []string{ec2ARN + "vpc/*"}, scope: tagged},
		{types: logs, does: remove, actions: []string{"DeleteFlowLogs"}, on: []string{ec2ARN + "vpc-flow-log/*"}, scope: tagged},
		tagsOnCreate(logs, "CreateFlowLogs"),
	}
	for i := range rows {
		rows[i].unseen = ownNetwork
	}
	return rows
}

func balancerRows() service {
	const prefix = "arn:aws:elasticloadbalancing:{region}:{account}:"
	balancer := []string{prefix + "loadbalancer/app/ingress-balancer-*/*"}
	listener := []string{prefix + "listener/app/ingress-balancer-*/*"}
	group := []string{prefix + "targetgroup/ingress-targets-*/*"}
	balancers, listeners, groups := []string{"lb/loadBalancer:LoadBalancer"}, []string{"lb/listener:Listener"}, []string{"lb/targetGroup:TargetGroup"}
	return service{"elasticloadbalancing", []row{
		{
			types: balancers, does: read, why: noLevel,
			actions: []string{"DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeCapacityReservation", "DescribeTags"},
		},
		{types: listeners, does: read, why: noLevel, actions: []string{"DescribeListeners", "DescribeListenerAttributes", "DescribeTags"}},
		{types: groups, does: read, why: noLevel, actions: []string{"DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTags"}},
		{types: balancers, does: create, actions: []string{"CreateLoadBalancer"}, on: balancer, scope: tagging},
		{
			types: balancers, does: create | update, on: balancer, scope: tagged,
			actions: []string{"ModifyLoadBalancerAttributes"},
		},
		{types: balancers, does: update, on: balancer, scope: tagged, actions: []string{"SetSecurityGroups", "SetSubnets", "SetIpAddressType"}},
		{types: balancers, does: remove, actions: []string{"DeleteLoadBalancer"}, on: balancer, scope: tagged},
		{types: listeners, does: create, actions: []string{"CreateListener"}, on: balancer, scope: tagged},
		{types: listeners, does: update, actions: []string{"ModifyListenerAttributes"}, on: listener, scope: tagged},
		{types: listeners, does: update, actions: []string{"ModifyListener"}, on: listener, scope: tagged},
		{types: listeners, does: remove, actions: []string{"DeleteListener"}, on: listener, scope: tagged},
		{types: groups, does: create, actions: []string{"CreateTargetGroup"}, on: group, scope: tagging},
		{types: groups, does: create | update, actions: []string{"ModifyTargetGroupAttributes"}, on: group, scope: tagged},
		{types: groups, does: update, actions: []string{"ModifyTargetGroup"}, on: group, scope: tagged},
		{types: groups, does: remove, actions: []string{"DeleteTargetGroup"}, on: group, scope: tagged},
		{
			types: append(append(balancers, listeners...), groups...), does: create, actions: []string{"AddTags"},
			on: append(append(append([]string{}, balancer...), listener...), group...), scope: tagging,
		},
		{
			types: append(append(balancers, listeners...), groups...), does: update, actions: []string{"AddTags", "RemoveTags"},
			on: append(append(append([]string{}, balancer...), listener...), group...), scope: tagged,
		},
	}}
}
