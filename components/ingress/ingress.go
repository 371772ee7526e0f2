package ingress

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Ingress"

// maxComponentName leaves room for "-balancer" and Pulumi's own suffix of
// eight characters in the 32 that AWS accepts.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
const maxComponentName = 15

// Ingress is the component.
type Ingress struct {
	pulumi.ResourceState

	// URL is where the API answers: scheme and the load balancer's own host
	// name. With a certificate, clients use a name that the certificate holds
	// and that points here.
	URL pulumi.StringOutput
	// DNSName and ZoneID are what a Route 53 alias record points to.
	DNSName pulumi.StringOutput
	ZoneID  pulumi.StringOutput
	// LoadBalancerARN identifies the load balancer; LoadBalancerARNSuffix is
	// its CloudWatch dimension, "app/<name>/<id>".
	LoadBalancerARN       pulumi.StringOutput
	LoadBalancerARNSuffix pulumi.StringOutput
	// TargetGroupARN is what tasks register with; TargetGroupARNSuffix is its
	// CloudWatch dimension, "targetgroup/<name>/<id>".
	TargetGroupARN       pulumi.StringOutput
	TargetGroupARNSuffix pulumi.StringOutput
	// TargetGroupName is its physical name, which is how CodeDeploy names it.
	TargetGroupName pulumi.StringOutput
	// ListenerARN is the listener that forwards to the target group.
	ListenerARN pulumi.StringOutput
	// TestURL is where a new version answers before users reach it, and
	// TestListenerARN the listener there. Only with Args.Test, as the next three.
	TestURL         pulumi.StringOutput
	TestListenerARN pulumi.StringOutput
	// GreenTargetGroupARN, -ARNSuffix and -Name are the second target group's.
	GreenTargetGroupARN       pulumi.StringOutput
	GreenTargetGroupARNSuffix pulumi.StringOutput
	GreenTargetGroupName      pulumi.StringOutput
	// Ready is what must exist before a service registers targets. To depend on the
	// component would not do: the SDK waits for those of its children that it
	// happens to know by then.
	Ready []pulumi.Resource
	// SecurityGroupID is the load balancer's security group. It has no egress
	// rule: whoever registers targets adds the one that reaches them.
	SecurityGroupID pulumi.StringOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Ingress, error) {
	if args == nil {
		return nil, errors.New("ingress: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("ingress %q: %w", name, err)
	}
	if len(name) > maxComponentName {
		return nil, fmt.Errorf("ingress %q: the component's name has %d characters, want at most %d: the load balancer's name starts with it",
			name, len(name), maxComponentName)
	}

	c := &Ingress{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	b := &builder{ctx: ctx, name: name, args: args.withDefaults(), parent: pulumi.Parent(c)}
	group, err := b.securityGroup()
	if err != nil {
		return nil, err
	}
	logs, err := b.logs()
	if err != nil {
		return nil, err
	}
	balancer, err := b.balancer(group, logs)
	if err != nil {
		return nil, err
	}
	targets, err := b.targets("targets")
	if err != nil {
		return nil, err
	}
	listener, err := b.listeners(balancer, targets)
	if err != nil {
		return nil, err
	}
	test, err := b.test(balancer)
	if err != nil {
		return nil, err
	}

	c.SecurityGroupID = group.ID().ToStringOutput()
	c.setOutputs(b.args, balancer, targets, listener)
	c.setTestOutputs(b.args, balancer, test)
	c.Ready = append(c.Ready, listener)
	if test.listener != nil {
		c.Ready = append(c.Ready, test.listener)
	}
	if err := ctx.RegisterResourceOutputs(c, c.outputs(b.args)); err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (c *Ingress) setOutputs(a Args, balancer *lb.LoadBalancer, targets *lb.TargetGroup, listener *lb.Listener) {
	c.URL = pulumi.Sprintf("%s://%s", a.scheme(), balancer.DnsName)
	c.DNSName, c.ZoneID = balancer.DnsName, balancer.ZoneId
	c.LoadBalancerARN, c.LoadBalancerARNSuffix = balancer.Arn, balancer.ArnSuffix
	c.TargetGroupARN, c.TargetGroupARNSuffix = targets.Arn, targets.ArnSuffix
	c.TargetGroupName, c.ListenerARN = targets.Name, listener.Arn
}

func (c *Ingress) setTestOutputs(a Args, balancer *lb.LoadBalancer, test testSide) {
	if a.Test == nil {
		return
	}
	c.TestURL = pulumi.Sprintf("%s://%s:%d", a.scheme(), balancer.DnsName, a.Test.Port)
	c.TestListenerARN = test.listener.Arn
	c.GreenTargetGroupARN, c.GreenTargetGroupARNSuffix, c.GreenTargetGroupName = test.green.Arn, test.green.ArnSuffix, test.green.Name
}

func (c *Ingress) outputs(a Args) pulumi.Map {
	out := pulumi.Map{
		"url": c.URL, "dnsName": c.DNSName, "zoneId": c.ZoneID,
		"loadBalancerArn": c.LoadBalancerARN, "loadBalancerArnSuffix": c.LoadBalancerARNSuffix,
		"targetGroupArn": c.TargetGroupARN, "targetGroupArnSuffix": c.TargetGroupARNSuffix, "targetGroupName": c.TargetGroupName,
		"listenerArn": c.ListenerARN, "securityGroupId": c.SecurityGroupID,
	}
	if a.Test != nil {
		out["testUrl"], out["testListenerArn"] = c.TestURL, c.TestListenerARN
		out["greenTargetGroupArn"], out["greenTargetGroupArnSuffix"] = c.GreenTargetGroupARN, c.GreenTargetGroupARNSuffix
		out["greenTargetGroupName"] = c.GreenTargetGroupName
	}
	return out
}
