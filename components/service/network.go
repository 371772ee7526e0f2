package service

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	anywhere  = "0.0.0.0/0"
	httpsPort = 443
	lastPort  = 65535
)

// egress is one thing that tasks may connect to.
type egress struct {
	role, cidr, description string
	fromPort, toPort        int
}

// egressRules are the pure half of the tasks' security group.
func (a *Args) egressRules() []egress {
	out := []egress{
		{"https", anywhere, "HTTPS: image pulls, AWS APIs, third-party APIs", httpsPort, httpsPort},
		{"private-10", "10.0.0.0/8", "Databases and services in private networks", 1, lastPort},
		{"private-172", "172.16.0.0/12", "Databases and services in private networks", 1, lastPort},
		{"private-192", "192.168.0.0/16", "Databases and services in private networks", 1, lastPort},
	}
	for _, p := range slices.Sorted(slices.Values(a.EgressPorts)) {
		out = append(out, egress{fmt.Sprint(p), anywhere, fmt.Sprintf("Port %d anywhere, as configured", p), p, p})
	}
	return out
}

// taskNetwork is the tasks' group, and the rules without which a task can
// neither start nor pass a health check.
type taskNetwork struct {
	group *ec2.SecurityGroup
	rules []pulumi.Resource
}

func (b *builder) network() (taskNetwork, error) {
	// Rules are resources of their own: rules inside the group would remove
	// those that others add to it.
	group, err := ec2.NewSecurityGroup(b.ctx, b.child("tasks"), &ec2.SecurityGroupArgs{
		Description: pulumi.Sprintf("Tasks of %s", b.args.Name),
		VpcId:       b.args.VPCID,
	}, b.options()...)
	if err != nil {
		return taskNetwork{}, fmt.Errorf("create security group %s: %w", b.child("tasks"), err)
	}
	out := taskNetwork{group: group}
	in, err := vpc.NewSecurityGroupIngressRule(b.ctx, b.child("tasks-from-ingress"), &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           group.ID(),
		ReferencedSecurityGroupId: b.args.IngressSecurityGroupID,
		Description:               pulumi.String("Requests and health checks from the load balancer"),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(b.args.Port),
		ToPort:                    pulumi.Int(b.args.Port),
	}, b.options()...)
	if err != nil {
		return out, fmt.Errorf("create rule %s: %w", b.child("tasks-from-ingress"), err)
	}
	toTasks, err := vpc.NewSecurityGroupEgressRule(b.ctx, b.child("ingress-to-tasks"), &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId:           b.args.IngressSecurityGroupID,
		ReferencedSecurityGroupId: group.ID(),
		Description:               pulumi.Sprintf("Requests and health checks to the tasks of %s", b.args.Name),
		IpProtocol:                pulumi.String("tcp"),
		FromPort:                  pulumi.Int(b.args.Port),
		ToPort:                    pulumi.Int(b.args.Port),
	}, b.options()...)
	if err != nil {
		return out, fmt.Errorf("create rule %s: %w", b.child("ingress-to-tasks"), err)
	}
	out.rules = append(out.rules, in, toTasks)
	for _, e := range b.args.egressRules() {
		child := b.child("tasks-to-" + e.role)
		rule, err := vpc.NewSecurityGroupEgressRule(b.ctx, child, &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: group.ID(),
			CidrIpv4:        pulumi.String(e.cidr),
			Description:     pulumi.String(e.description),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(e.fromPort),
			ToPort:          pulumi.Int(e.toPort),
		}, b.options()...)
		if err != nil {
			return out, fmt.Errorf("create rule %s: %w", child, err)
		}
		out.rules = append(out.rules, rule)
	}
	return out, nil
}
