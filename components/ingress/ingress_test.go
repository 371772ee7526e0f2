package ingress_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/ingress"
	"evenkeel/internal/pulumitest"
)

const (
	balancerType   = "aws:lb/loadBalancer:LoadBalancer"
	targetsType    = "aws:lb/targetGroup:TargetGroup"
	listenerType   = "aws:lb/listener:Listener"
	groupType      = "aws:ec2/securityGroup:SecurityGroup"
	ruleType       = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	bucketType     = "aws:s3/bucketV2:BucketV2"
	policyType     = "aws:s3/bucketPolicy:BucketPolicy"
	encryptionType = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	lifecycleType  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	ownershipType  = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	accessType     = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"

	certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
)

// minimal serves plain HTTP and keeps no logs.
func minimal() *ingress.Args {
	return &ingress.Args{
		Name: "orders-dev", Region: "eu-west-1",
		AccountID: pulumi.String("111122223333"), VPCID: pulumi.String("vpc-1"),
		SubnetIDs:      pulumi.ToStringArray([]string{"subnet-1", "subnet-2"}),
		AllowPlainHTTP: true, TargetPort: 8080,
	}
}

// full sets everything to something else than its default.
func full() *ingress.Args {
	return &ingress.Args{
		Name: "orders-prod", Region: "eu-west-1",
		AccountID: pulumi.String("111122223333"), VPCID: pulumi.String("vpc-1"),
		SubnetIDs:      pulumi.ToStringArray([]string{"subnet-1", "subnet-2", "subnet-3"}),
		CertificateARN: certificate, TargetPort: 9000,
		HealthCheck: ingress.HealthCheck{
			Path: "/ready", IntervalSeconds: 15, TimeoutSeconds: 6, HealthyThreshold: 3, UnhealthyThreshold: 4, Matcher: "200,204",
		},
		DeregistrationDelaySeconds: 45, IdleTimeoutSeconds: 90,
		AllowedCIDRs: []string{"10.0.0.0/8", "203.0.113.7/32"},
		Internal:     true, DeletionProtection: true, Protect: true,
		AccessLogs: &ingress.AccessLogsArgs{RetentionDays: 90},
	}
}

func run(t *testing.T, args *ingress.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, pulumitest.Instances(ingress.New, args, "ingress"))
}

func inputs(t *testing.T, args *ingress.Args, typeToken, name string) map[string]any {
	t.Helper()
	return pulumitest.Find(t, run(t, args), typeToken, name).Plain()
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, tc := range map[string]struct {
		args *ingress.Args
		want []string
	}{
		"minimal": {args: minimal(), want: []string{
			groupType + " ingress-security-group",
			balancerType + " ingress-balancer",
			listenerType + " ingress-http",
			targetsType + " ingress-targets",
			ruleType + " ingress-http-0.0.0.0-0",
		}},
		"full": {args: full(), want: []string{
			groupType + " ingress-security-group",
			listenerType + " ingress-http",
			listenerType + " ingress-https",
			balancerType + " ingress-balancer",
			targetsType + " ingress-targets",
			lifecycleType + " ingress-logs-lifecycle",
			ownershipType + " ingress-logs-ownership",
			policyType + " ingress-logs-policy",
			accessType + " ingress-logs-public-access",
			encryptionType + " ingress-logs-encryption",
			bucketType + " ingress-logs",
			ruleType + " ingress-http-10.0.0.0-8",
			ruleType + " ingress-http-203.0.113.7-32",
			ruleType + " ingress-https-10.0.0.0-8",
			ruleType + " ingress-https-203.0.113.7-32",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, ingress.TypeToken, "ingress")
			assert.ElementsMatch(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, ingress.TypeToken)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, ingress.New, full(), ingress.TypeToken)
}

// Everything that comes from other components is unknown in a first preview.
// The set of children must not depend on it.
func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	for name, args := range map[string]*ingress.Args{"minimal": minimal(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(ingress.New, "ingress", func(source *sns.Topic) *ingress.Args {
				a := *args
				a.VPCID, a.AccountID = source.Arn, source.Owner
				a.SubnetIDs = pulumi.StringArray{source.Arn, source.Owner}
				return &a
			}))
			assert.NotContains(t, pulumitest.Find(t, preview, targetsType, "ingress-targets").Plain(), "vpcId", "the VPC was not unknown: this test tests nothing")
		})
	}
}

func TestBalancer(t *testing.T) {
	const group = "${aws:ec2/securityGroup:SecurityGroup::ingress-security-group.id}"
	const bucket = "${aws:s3/bucketV2:BucketV2::ingress-logs.bucket}"
	for name, tc := range map[string]struct {
		args *ingress.Args
		want map[string]any
	}{
		"minimal": {args: minimal(), want: map[string]any{
			"internal": false, "enableDeletionProtection": false, "idleTimeout": 60.0,
			"subnets": []any{"subnet-1", "subnet-2"}, "tags": map[string]any{"Name": "orders-dev"},
			"accessLogs": map[string]any{"enabled": false, "bucket": ""},
		}},
		"full": {args: full(), want: map[string]any{
			"internal": true, "enableDeletionProtection": true, "idleTimeout": 90.0,
			"subnets": []any{"subnet-1", "subnet-2", "subnet-3"}, "tags": map[string]any{"Name": "orders-prod"},
			"accessLogs": map[string]any{"enabled": true, "bucket": bucket},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want["loadBalancerType"], tc.want["securityGroups"] = "application", []any{group}
			tc.want["dropInvalidHeaderFields"], tc.want["desyncMitigationMode"] = true, "defensive"
			tc.want["clientKeepAlive"] = 3600.0
			assert.Equal(t, tc.want, inputs(t, tc.args, balancerType, "ingress-balancer"))
		})
	}
}

// AWS writes a test object when access logs are switched on.
func TestBalancerWaitsForTheBucketPolicy(t *testing.T) {
	balancer := pulumitest.Find(t, run(t, full()), balancerType, "ingress-balancer")
	assert.Contains(t, strings.Join(balancer.DependsOn, " "), policyType+"::ingress-logs-policy")
}

func TestTargetGroup(t *testing.T) {
	for name, tc := range map[string]struct {
		args *ingress.Args
		want map[string]any
	}{
		"minimal": {args: minimal(), want: map[string]any{
			"port": 8080.0, "deregistrationDelay": 30.0, "tags": map[string]any{"Name": "orders-dev"},
			"healthCheck": map[string]any{
				"enabled": true, "protocol": "HTTP", "port": "traffic-port", "path": "/healthz", "matcher": "200",
				"interval": 10.0, "timeout": 5.0, "healthyThreshold": 2.0, "unhealthyThreshold": 3.0,
			},
		}},
		"full": {args: full(), want: map[string]any{
			"port": 9000.0, "deregistrationDelay": 45.0, "tags": map[string]any{"Name": "orders-prod"},
			"healthCheck": map[string]any{
				"enabled": true, "protocol": "HTTP", "port": "traffic-port", "path": "/ready", "matcher": "200,204",
				"interval": 15.0, "timeout": 6.0, "healthyThreshold": 3.0, "unhealthyThreshold": 4.0,
			},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want["targetType"], tc.want["protocol"], tc.want["vpcId"] = "ip", "HTTP", "vpc-1"
			assert.Equal(t, tc.want, inputs(t, tc.args, targetsType, "ingress-targets"))
		})
	}
}

// A target group that a listener uses cannot be deleted, so its replacement
// must be able to exist next to it: no fixed name, and no deletion first.
func TestReplacementsCanExistNextToWhatTheyReplace(t *testing.T) {
	for _, r := range pulumitest.Children(run(t, full()), ingress.TypeToken) {
		assert.NotContains(t, r.Plain(), "name", "%s: fixed name", r.Address())
		assert.NotContains(t, r.Plain(), "namePrefix", "%s: fixed name", r.Address())
		assert.False(t, r.DeleteBeforeReplace, "%s: deleted first", r.Address())
	}
}

func TestListeners(t *testing.T) {
	const balancer = "${aws:lb/loadBalancer:LoadBalancer::ingress-balancer.arn}"
	forward := []any{map[string]any{"type": "forward", "targetGroupArn": "${aws:lb/targetGroup:TargetGroup::ingress-targets.arn}"}}

	assert.Equal(t, map[string]any{
		"loadBalancerArn": balancer, "port": 80.0, "protocol": "HTTP", "defaultActions": forward,
	}, inputs(t, minimal(), listenerType, "ingress-http"), "without a certificate")
	assert.Equal(t, map[string]any{
		"loadBalancerArn": balancer, "port": 80.0, "protocol": "HTTP",
		"defaultActions": []any{map[string]any{
			"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
		}},
	}, inputs(t, full(), listenerType, "ingress-http"), "with a certificate")
	assert.Equal(t, map[string]any{
		"loadBalancerArn": balancer, "port": 443.0, "protocol": "HTTPS", "defaultActions": forward,
		"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "certificateArn": certificate,
	}, inputs(t, full(), listenerType, "ingress-https"))
}

func TestSecurityGroupLetsNothingOutByItself(t *testing.T) {
	for name, args := range map[string]*ingress.Args{"minimal": minimal(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			group := inputs(t, args, groupType, "ingress-security-group")
			assert.Equal(t, map[string]any{
				"description": "Load balancer: requests from the allowed ranges",
				"vpcId":       "vpc-1",
				"tags":        map[string]any{"Name": args.Name},
			}, group, "rules inside the group would remove those that others add to it")
		})
	}
}

func TestIngressRules(t *testing.T) {
	regs := run(t, full())
	for name, tc := range map[string]struct {
		port        float64
		cidr, about string
	}{
		"ingress-http-10.0.0.0-8":      {80, "10.0.0.0/8", "HTTP from 10.0.0.0/8"},
		"ingress-https-10.0.0.0-8":     {443, "10.0.0.0/8", "HTTPS from 10.0.0.0/8"},
		"ingress-http-203.0.113.7-32":  {80, "203.0.113.7/32", "HTTP from 203.0.113.7/32"},
		"ingress-https-203.0.113.7-32": {443, "203.0.113.7/32", "HTTPS from 203.0.113.7/32"},
	} {
		assert.Equal(t, map[string]any{
			"securityGroupId": "${aws:ec2/securityGroup:SecurityGroup::ingress-security-group.id}",
			"description":     tc.about, "cidrIpv4": tc.cidr, "ipProtocol": "tcp", "fromPort": tc.port, "toPort": tc.port,
		}, pulumitest.Find(t, regs, ruleType, name).Plain(), name)
	}
}

func TestProtectedAreTheBalancerAndItsLogs(t *testing.T) {
	pulumitest.ProtectsOnly(t, run(t, minimal()))
	pulumitest.ProtectsOnly(t, run(t, full()), balancerType+" ingress-balancer", bucketType+" ingress-logs")
}

func TestOutputs(t *testing.T) {
	const balancer, targets = "${aws:lb/loadBalancer:LoadBalancer::ingress-balancer.", "${aws:lb/targetGroup:TargetGroup::ingress-targets."
	for name, tc := range map[string]struct {
		args          *ingress.Args
		url, listener string
	}{
		"minimal": {minimal(), "http://" + balancer + "dnsName}", "${aws:lb/listener:Listener::ingress-http.arn}"},
		"full":    {full(), "https://" + balancer + "dnsName}", "${aws:lb/listener:Listener::ingress-https.arn}"},
	} {
		t.Run(name, func(t *testing.T) {
			got := pulumitest.Outputs(t, ingress.New, "ingress", tc.args, func(in *ingress.Ingress) pulumi.StringMap {
				return pulumi.StringMap{
					"url": in.URL, "dnsName": in.DNSName, "zoneId": in.ZoneID,
					"loadBalancer": in.LoadBalancerARN, "loadBalancerSuffix": in.LoadBalancerARNSuffix,
					"targetGroup": in.TargetGroupARN, "targetGroupSuffix": in.TargetGroupARNSuffix,
					"listener": in.ListenerARN, "securityGroup": in.SecurityGroupID,
				}
			})
			assert.Equal(t, map[string]any{
				"url": tc.url, "dnsName": balancer + "dnsName}", "zoneId": balancer + "zoneId}",
				"loadBalancer": balancer + "arn}", "loadBalancerSuffix": balancer + "arnSuffix}",
				"targetGroup": targets + "arn}", "targetGroupSuffix": targets + "arnSuffix}",
				"listener": tc.listener, "securityGroup": "${aws:ec2/securityGroup:SecurityGroup::ingress-security-group.id}",
			}, got)
		})
	}
}
