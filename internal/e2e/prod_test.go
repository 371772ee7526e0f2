package e2e_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProd deploys the committed prod stack: protected from deletion, HTTPS,
// access logs, and it can still be taken down.
func TestProd(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var up, again, down result
	p.must(&up, "local", "up", "--stack", "prod")
	t.Cleanup(func() { p.evenkeel("local", "down", "--stack", "prod", "--discard") })
	assert.Empty(t, up.Refused)
	assert.Regexp(t, "^https://", up.Outputs["url"])

	var adapted []string
	for _, a := range up.Adaptations {
		adapted = append(adapted, a.Path)
		assert.NotEmpty(t, a.What)
		assert.NotEmpty(t, a.Why)
	}
	assert.Contains(t, adapted, "evenkeel:ingress.certificateArn")
	assert.Contains(t, adapted, "tasks", "what no emulation shows is said too")

	ctx, cfg := context.Background(), awsConfig(up.Endpoint)
	id, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	assert.Equal(t, "111122223333", aws.ToString(id.Account), "the account that the stack allows")
	prodLoadBalancer(t, elb.NewFromConfig(cfg))
	operationsOnAWS(t, p, up, "prod")

	calls := &ledger{p: p, stack: "prod", account: "111122223333", recording: "prod"}
	calls.preview(t, &again)
	again.onlySame(t)
	again = result{}
	calls.preview(t, &again, "--refresh")
	again.onlySame(t)

	p.must(&down, "local", "down", "--stack", "prod", "--keep-emulator")
	assert.Equal(t, up.Changes["create"], down.Changes["delete"])
	nothingOnAWS(t, up)
	calls.allowed(t)
	p.must(&down, "local", "down", "--stack", "prod")
}

func prodLoadBalancer(t *testing.T, client *elb.Client) {
	ctx := context.Background()
	balancers, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	require.Len(t, balancers.LoadBalancers, 1)
	arn := balancers.LoadBalancers[0].LoadBalancerArn
	for key, want := range map[string]string{
		"deletion_protection.enabled": "true", "access_logs.s3.enabled": "true",
		"routing.http.drop_invalid_header_fields.enabled": "true",
	} {
		assert.Equal(t, want, loadBalancerAttribute(t, client, arn, key), key)
	}
	listeners, err := client.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: arn})
	require.NoError(t, err)
	require.Len(t, listeners.Listeners, 2)
	for _, l := range listeners.Listeners {
		if aws.ToInt32(l.Port) == 443 {
			assert.Equal(t, "ELBSecurityPolicy-TLS13-1-2-2021-06", aws.ToString(l.SslPolicy))
			assert.Equal(t, elbtypes.ActionTypeEnumForward, l.DefaultActions[0].Type)
			continue
		}
		assert.EqualValues(t, 80, aws.ToInt32(l.Port))
		require.Equal(t, elbtypes.ActionTypeEnumRedirect, l.DefaultActions[0].Type)
		assert.EqualValues(t, "HTTP_301", l.DefaultActions[0].RedirectConfig.StatusCode)
	}
}
