package ingress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// tlsPolicy accepts TLS 1.2 with forward secrecy and TLS 1.3.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// clientKeepAliveSeconds bounds a client's connection, however busy, so that
// clients notice when the load balancer's addresses change. It is AWS's own
// default, stated so that a change of theirs shows.
const clientKeepAliveSeconds = 3600

const (
	httpPort  = 80
	httpsPort = 443
)

// builder registers the children of one component.
type builder struct {
	ctx    *pulumi.Context
	name   string
	args   Args
	parent pulumi.ResourceOption
}

func (b *builder) tags() pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(b.args.Name)}
}

func (b *builder) securityGroup() (*ec2.SecurityGroup, error) {
	child := b.name + "-security-group"
	group, err := ec2.NewSecurityGroup(b.ctx, child, &ec2.SecurityGroupArgs{
		Description: pulumi.String("Load balancer: requests from the allowed ranges"),
		VpcId:       b.args.VPCID.ToStringOutput(),
		Tags:        b.tags(),
	}, b.parent)
	if err != nil {
		return nil, fmt.Errorf("create security group %s: %w", child, err)
	}
	for _, cidr := range b.args.AllowedCIDRs {
		if err := b.allow(group, "http", httpPort, cidr); err != nil {
			return nil, err
		}
		if b.args.Test != nil {
			if err := b.allow(group, "test", b.args.Test.Port, cidr); err != nil {
				return nil, err
			}
		}
		if !b.args.https() {
			continue
		}
		if err := b.allow(group, "https", httpsPort, cidr); err != nil {
			return nil, err
		}
	}
	return group, nil
}

func (b *builder) allow(group *ec2.SecurityGroup, scheme string, port int, cidr string) error {
	child := b.name + "-" + scheme + "-" + strings.ReplaceAll(cidr, "/", "-")
	_, err := vpc.NewSecurityGroupIngressRule(b.ctx, child, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(),
		Description:     pulumi.String(strings.ToUpper(scheme) + " from " + cidr),
		CidrIpv4:        pulumi.String(cidr),
		IpProtocol:      pulumi.String("tcp"),
		FromPort:        pulumi.Int(port),
		ToPort:          pulumi.Int(port),
	}, b.parent)
	if err != nil {
		return fmt.Errorf("create rule %s: %w", child, err)
	}
	return nil
}

func (b *builder) balancer(group *ec2.SecurityGroup, logs *logBucket) (*lb.LoadBalancer, error) {
	child := b.name + "-balancer"
	in := &lb.LoadBalancerArgs{
		LoadBalancerType:         pulumi.String("application"),
		Internal:                 pulumi.Bool(b.args.Internal),
		Subnets:                  b.args.SubnetIDs,
		SecurityGroups:           pulumi.StringArray{group.ID()},
		DropInvalidHeaderFields:  pulumi.Bool(true),
		DesyncMitigationMode:     pulumi.String("defensive"),
		EnableDeletionProtection: pulumi.Bool(b.args.DeletionProtection),
		IdleTimeout:              pulumi.Int(b.args.IdleTimeoutSeconds),
		ClientKeepAlive:          pulumi.Int(clientKeepAliveSeconds),
		// Said even when off: leaving the block out keeps what AWS has, so the
		// load balancer would go on logging to a bucket that is being deleted.
		AccessLogs: &lb.LoadBalancerAccessLogsArgs{Enabled: pulumi.Bool(false), Bucket: pulumi.String("")},
		Tags:       b.tags(),
	}
	opts := []pulumi.ResourceOption{b.parent, pulumi.Protect(b.args.Protect)}
	if logs != nil {
		in.AccessLogs = &lb.LoadBalancerAccessLogsArgs{Enabled: pulumi.Bool(true), Bucket: logs.bucket.Bucket}
		// AWS writes a test object when logging is switched on.
		opts = append(opts, pulumi.DependsOn([]pulumi.Resource{logs.policy}))
	}
	balancer, err := lb.NewLoadBalancer(b.ctx, child, in, opts...)
	if err != nil {
		return nil, fmt.Errorf("create load balancer %s: %w", child, err)
	}
	return balancer, nil
}

func (b *builder) targets(role string) (*lb.TargetGroup, error) {
	child := b.name + "-" + role
	h := b.args.HealthCheck
	targets, err := lb.NewTargetGroup(b.ctx, child, &lb.TargetGroupArgs{
		TargetType:          pulumi.String("ip"),
		Protocol:            pulumi.String("HTTP"),
		Port:                pulumi.Int(b.args.TargetPort),
		VpcId:               b.args.VPCID.ToStringOutput(),
		DeregistrationDelay: pulumi.Int(b.args.DeregistrationDelaySeconds),
		HealthCheck: &lb.TargetGroupHealthCheckArgs{
			Enabled:            pulumi.Bool(true),
			Protocol:           pulumi.String("HTTP"),
			Port:               pulumi.String("traffic-port"),
			Path:               pulumi.String(h.Path),
			Matcher:            pulumi.String(h.Matcher),
			Interval:           pulumi.Int(h.IntervalSeconds),
			Timeout:            pulumi.Int(h.TimeoutSeconds),
			HealthyThreshold:   pulumi.Int(h.HealthyThreshold),
			UnhealthyThreshold: pulumi.Int(h.UnhealthyThreshold),
		},
		Tags: b.tags(),
	}, b.parent)
	if err != nil {
		return nil, fmt.Errorf("create target group %s: %w", child, err)
	}
	return targets, nil
}

// listeners registers the listeners and returns the one that forwards to the
// targets.
func (b *builder) listeners(balancer *lb.LoadBalancer, targets *lb.TargetGroup) (*lb.Listener, error) {
	if !b.args.https() {
		return b.listener("http", balancer, b.serving(httpPort, targets), b.moved()...)
	}
	_, err := b.listener("http", balancer, &lb.ListenerArgs{
		Port: pulumi.Int(httpPort), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{&lb.ListenerDefaultActionArgs{
			Type: pulumi.String("redirect"),
			Redirect: &lb.ListenerDefaultActionRedirectArgs{
				Protocol: pulumi.String("HTTPS"), Port: pulumi.String("443"), StatusCode: pulumi.String("HTTP_301"),
			},
		}},
	})
	if err != nil {
		return nil, err
	}
	return b.listener("https", balancer, b.serving(httpsPort, targets), b.moved()...)
}

// serving describes a listener that forwards to targets as the API is served.
func (b *builder) serving(port int, targets *lb.TargetGroup) *lb.ListenerArgs {
	in := &lb.ListenerArgs{
		Port: pulumi.Int(port), Protocol: pulumi.String("HTTP"),
		DefaultActions: lb.ListenerDefaultActionArray{
			&lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: targets.Arn},
		},
	}
	if b.args.https() {
		in.Protocol = pulumi.String("HTTPS")
		in.SslPolicy, in.CertificateArn = pulumi.String(tlsPolicy), pulumi.String(b.args.CertificateARN)
	}
	if b.args.Test != nil {
		in.Tags = pulumi.StringMap{movedTag: pulumi.String("CodeDeploy")}
	}
	return in
}

// movedTag says who owns the default action of a listener.
const movedTag = "TrafficMovedBy"

// moved are the options of a listener that CodeDeploy moves, or moved until
// now: Pulumi ignored where it forwarded to, and cannot know. That the tag goes
// then takes a new listener, whose port is free only when the old one is gone.
func (b *builder) moved() []pulumi.ResourceOption {
	switch {
	case b.args.Test != nil:
		return []pulumi.ResourceOption{pulumi.IgnoreChanges([]string{"defaultActions"})}
	case b.args.TakeOver:
		return []pulumi.ResourceOption{pulumi.ReplaceOnChanges([]string{"tags." + movedTag}), pulumi.DeleteBeforeReplace(true)}
	}
	return nil
}

// testSide is what CodeDeploy needs besides. All nil without it.
type testSide struct {
	green    *lb.TargetGroup
	listener *lb.Listener
}

// test registers the second target group and the test listener.
func (b *builder) test(balancer *lb.LoadBalancer) (testSide, error) {
	if b.args.Test == nil {
		return testSide{}, nil
	}
	green, err := b.targets("targets-green")
	if err != nil {
		return testSide{}, err
	}
	listener, err := b.listener("test-listener", balancer, b.serving(b.args.Test.Port, green), b.moved()...)
	if err != nil {
		return testSide{}, err
	}
	return testSide{green, listener}, nil
}

func (b *builder) listener(role string, balancer *lb.LoadBalancer, in *lb.ListenerArgs, opts ...pulumi.ResourceOption) (*lb.Listener, error) {
	child := b.name + "-" + role
	in.LoadBalancerArn = balancer.Arn
	listener, err := lb.NewListener(b.ctx, child, in, slices.Concat([]pulumi.ResourceOption{b.parent}, opts)...)
	if err != nil {
		return nil, fmt.Errorf("create listener %s: %w", child, err)
	}
	return listener, nil
}
