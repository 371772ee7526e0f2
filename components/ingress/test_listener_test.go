package ingress_test

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/ingress"
	"evenkeel/internal/pulumitest"
)

// moved is args with what CodeDeploy needs.
func moved(args *ingress.Args, port int) *ingress.Args {
	args.Test = &ingress.TestArgs{Port: port}
	return args
}

func TestCodeDeployAddsASideAndRenamesNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		args  func() *ingress.Args
		added []string
	}{
		"minimal": {minimal, []string{ruleType + " ingress-test-0.0.0.0-0"}},
		"full":    {full, []string{ruleType + " ingress-test-10.0.0.0-8", ruleType + " ingress-test-203.0.113.7-32"}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, moved(tc.args(), 9443))
			pulumitest.CheckComponent(t, regs, ingress.TypeToken, "ingress")
			want := append(pulumitest.Addresses(pulumitest.Children(run(t, tc.args()), ingress.TypeToken)), tc.added...)
			want = append(want, targetsType+" ingress-targets-green", listenerType+" ingress-test-listener")
			assert.ElementsMatch(t, want, pulumitest.Addresses(pulumitest.Children(regs, ingress.TypeToken)))
		})
	}
	pulumitest.TwoInstances(t, ingress.New, moved(full(), 9443), ingress.TypeToken)
}

// What the API is served by is what CodeDeploy moves: with a certificate the
// HTTPS listener, not the redirect.
func TestListenersThatCodeDeployMoves(t *testing.T) {
	for name, tc := range map[string]struct {
		args *ingress.Args
		want []string
	}{
		"plain HTTP":                 {moved(minimal(), 8080), []string{"ingress-http", "ingress-test-listener"}},
		"HTTPS":                      {moved(full(), 8443), []string{"ingress-https", "ingress-test-listener"}},
		"rolling moves nothing":      {full(), nil},
		"nor without a certificate":  {minimal(), nil},
		"443 is free for plain HTTP": {moved(minimal(), 443), []string{"ingress-http", "ingress-test-listener"}},
		"any other port":             {moved(full(), 65535), []string{"ingress-https", "ingress-test-listener"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range run(t, tc.args) {
				if len(r.IgnoreChanges) > 0 {
					assert.Equal(t, []string{"defaultActions"}, r.IgnoreChanges, r.Address())
					assert.Equal(t, map[string]any{"TrafficMovedBy": "CodeDeploy"}, r.Plain()["tags"], r.Address())
					got = append(got, r.Name)
				} else if r.Type == listenerType {
					assert.NotContains(t, r.Plain(), "tags", r.Address())
				}
			}
			assert.ElementsMatch(t, tc.want, got)
		})
	}
}

// Where a listener forwards to by now is known to CodeDeploy only: when it goes,
// a new listener has to start at the targets. Its port allows one at a time.
func TestListenerStartsAnewWhenCodeDeployGoes(t *testing.T) {
	taken := full()
	taken.TakeOver = true
	r := pulumitest.Find(t, run(t, taken), listenerType, "ingress-https")
	assert.Equal(t, []string{"tags.TrafficMovedBy"}, r.ReplaceOnChanges)
	assert.True(t, r.DeleteBeforeReplace)
	for name, args := range map[string]*ingress.Args{"rolling": full(), "CodeDeploy": moved(full(), 8443)} {
		for _, r := range run(t, args) {
			assert.Empty(t, r.ReplaceOnChanges, "%s: %s", name, r.Address())
			assert.False(t, r.DeleteBeforeReplace, "%s: %s", name, r.Address())
		}
	}
	for _, r := range run(t, taken) {
		assert.Equal(t, r.Name == "ingress-https", r.DeleteBeforeReplace, "nobody moved %s", r.Address())
	}
}

func TestTestListener(t *testing.T) {
	green := []any{map[string]any{"type": "forward", "targetGroupArn": "${aws:lb/targetGroup:TargetGroup::ingress-targets-green.arn}"}}
	const balancer = "${aws:lb/loadBalancer:LoadBalancer::ingress-balancer.arn}"
	tags := map[string]any{"TrafficMovedBy": "CodeDeploy"}
	assert.Equal(t, map[string]any{
		"loadBalancerArn": balancer, "port": 8080.0, "protocol": "HTTP", "defaultActions": green, "tags": tags,
	}, inputs(t, moved(minimal(), 8080), listenerType, "ingress-test-listener"))
	assert.Equal(t, map[string]any{
		"loadBalancerArn": balancer, "port": 8443.0, "protocol": "HTTPS", "defaultActions": green, "tags": tags,
		"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "certificateArn": certificate,
	}, inputs(t, moved(full(), 8443), listenerType, "ingress-test-listener"))

	regs := run(t, moved(full(), 8443))
	assert.Equal(t, pulumitest.Find(t, regs, targetsType, "ingress-targets").Plain(), pulumitest.Find(t, regs, targetsType, "ingress-targets-green").Plain(),
		"the groups swap their roles, so they must be the same")
	rule := pulumitest.Find(t, regs, ruleType, "ingress-test-203.0.113.7-32").Plain()
	assert.Equal(t, map[string]any{
		"securityGroupId": "${aws:ec2/securityGroup:SecurityGroup::ingress-security-group.id}",
		"description":     "TEST from 203.0.113.7/32", "cidrIpv4": "203.0.113.7/32", "ipProtocol": "tcp", "fromPort": 8443.0, "toPort": 8443.0,
	}, rule)
}

func TestOutputsOfTheTestSide(t *testing.T) {
	const green = "${aws:lb/targetGroup:TargetGroup::ingress-targets-green."
	got := pulumitest.Outputs(t, ingress.New, "ingress", moved(full(), 8443), func(in *ingress.Ingress) pulumi.StringMap {
		return pulumi.StringMap{
			"url": in.TestURL, "listener": in.TestListenerARN, "production": in.ListenerARN, "name": in.TargetGroupName,
			"green": in.GreenTargetGroupARN, "suffix": in.GreenTargetGroupARNSuffix, "greenName": in.GreenTargetGroupName,
		}
	})
	assert.Equal(t, map[string]any{
		"url":        "https://${aws:lb/loadBalancer:LoadBalancer::ingress-balancer.dnsName}:8443",
		"listener":   "${aws:lb/listener:Listener::ingress-test-listener.arn}",
		"production": "${aws:lb/listener:Listener::ingress-https.arn}",
		"name":       "${aws:lb/targetGroup:TargetGroup::ingress-targets.name}",
		"green":      green + "arn}", "suffix": green + "arnSuffix}", "greenName": green + "name}",
	}, got)
}

func TestValidateTest(t *testing.T) {
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprintf("10.0.%d.0/24", i)
	}
	for name, tc := range map[string]struct {
		args *ingress.Args
		want string
	}{
		"no port":         {moved(minimal(), 0), "Test.Port: is 0, want 1 to 65535"},
		"too high":        {moved(minimal(), 65536), "Test.Port: is 65536, want 1 to 65535"},
		"the API's":       {moved(minimal(), 80), "Test.Port: is 80, where the API itself answers, want another port"},
		"the redirect's":  {moved(full(), 80), "Test.Port: is 80, where the API itself answers, want another port"},
		"the API's HTTPS": {moved(full(), 443), "Test.Port: is 443, where the API itself answers, want another port"},
	} {
		t.Run(name, func(t *testing.T) { pulumitest.Refused(t, ingress.New, tc.args, tc.want) })
	}
	both := moved(minimal(), 8080)
	both.TakeOver = true
	pulumitest.Refused(t, ingress.New, both, "TakeOver: is true with Test, want one of them: either CodeDeploy moves traffic, or no longer")
	crowded := moved(full(), 8443)
	crowded.AllowedCIDRs = many
	pulumitest.Refused(t, ingress.New, crowded,
		"AllowedCIDRs: has 21 ranges, want at most 20 with a test listener: each takes 3 of the 60 rules that a security group holds")
	plain := moved(minimal(), 8080)
	plain.AllowedCIDRs = many
	assert.NoError(t, plain.Validate(), "without a certificate a range takes two rules")
}
