package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// defaultRegion is used where a stack's configuration names no region, which
// its validation reports.
const defaultRegion = "us-east-1"

// region is the stack's region.
func region(config map[string]string, namespace string) string {
	section, err := object(config, namespace+":aws")
	if err != nil {
		return defaultRegion
	}
	if name, ok := section["region"].(string); ok {
		return name
	}
	return defaultRegion
}

// awsConfig is a client configuration for the emulator that reads nothing of
// the user's.
func (s *session) awsConfig() aws.Config { return s.req.awsConfig(s.emulator.URL) }

func (r *Request) awsConfig(endpoint string) aws.Config {
	return aws.Config{
		Region:       region(r.Stack.Config, r.Project.Name),
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// liftDeletionProtection does what an operator must do before a protected
// stack can be deleted.
func (s *session) liftDeletionProtection(ctx context.Context) error {
	client := elb.NewFromConfig(s.awsConfig())
	out, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		return fmt.Errorf("list the load balancers: %w", err)
	}
	for _, lb := range out.LoadBalancers {
		_, err := client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: lb.LoadBalancerArn,
			Attributes:      []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String("false")}},
		})
		if err != nil {
			return fmt.Errorf("lift the deletion protection of %s: %w", aws.ToString(lb.LoadBalancerName), err)
		}
	}
	return nil
}
