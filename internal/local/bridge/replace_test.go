package bridge

import (
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"
)

// testType is a type with the given string inputs, named as the plugin would name it.
func testType(tfName string, properties ...string) resourceType {
	s := schema.SchemaMap{}
	for _, p := range properties {
		s[p] = (&schema.Schema{Type: shim.TypeString, Optional: true}).Shim()
	}
	r := &info.Resource{Fields: map[string]*info.Schema{}}
	addDefaults(tfName, r, s)
	return resourceType{tfName, s, r.Fields}
}

func values(t *testing.T, in map[string]any) inputs {
	t.Helper()
	out, err := structpb.NewStruct(in)
	require.NoError(t, err)
	return out.GetFields()
}

func TestDeleteFirst(t *testing.T) {
	none := []any{}
	topicPolicy := "arn:aws:sns:eu-west-1:123456789012:alerts"
	tests := map[string]struct {
		typ        resourceType
		id         string
		olds, news map[string]any
		want       bool
	}{
		"listed type": {
			typ:  testType("aws_iam_role_policy_attachment", "role", "policy_arn"),
			id:   "api-20261122",
			olds: map[string]any{"role": "api", "policyArn": "a", "__defaults": none},
			news: map[string]any{"role": "api", "policyArn": "b", "__defaults": none},
			want: true,
		},
		"listed type, from before __defaults": {
			typ:  testType("aws_security_group_rule", "type"),
			news: map[string]any{"type": "ingress"},
			want: true,
		},
		"name made up": {
			typ:  testType("aws_lb_target_group", "name", "port"),
			id:   "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api-1234567/1",
			olds: map[string]any{"name": "api-1234567", "__defaults": []any{"name"}},
			news: map[string]any{"name": "api-1234567", "__defaults": []any{"name"}},
		},
		"name made up, and the ID": {
			typ:  testType("aws_cloudwatch_log_group", "name"),
			id:   "api-1234567",
			olds: map[string]any{"name": "api-1234567", "__defaults": []any{"name"}},
			news: map[string]any{"name": "api-1234567", "__defaults": []any{"name"}},
		},
		"name given": {
			typ:  testType("aws_lb_target_group", "name", "port"),
			id:   "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/1",
			olds: map[string]any{"name": "api", "__defaults": none},
			news: map[string]any{"name": "api", "__defaults": none},
			want: true,
		},
		"name given, not yet known": {
			typ:  testType("aws_lb_target_group", "name"),
			olds: map[string]any{"name": "api", "__defaults": none},
			news: map[string]any{"name": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "__defaults": none},
			want: true,
		},
		"another name given": {
			typ:  testType("aws_lb_target_group", "name"),
			olds: map[string]any{"name": "api", "__defaults": none},
			news: map[string]any{"name": "orders", "__defaults": none},
			want: true,
		},
		"given, not called name": {
			typ:  testType("aws_s3_bucket", "bucket"),
			olds: map[string]any{"bucket": "logs", "__defaults": none},
			news: map[string]any{"bucket": "logs", "__defaults": none},
			want: true,
		},
		"not known whether the name was given": {
			typ:  testType("aws_lb_target_group", "name"),
			olds: map[string]any{"name": "api"},
			news: map[string]any{"name": "api"},
		},
		"one of its kind for its parent": {
			typ:  testType("aws_ecr_lifecycle_policy", "repository", "policy"),
			id:   "orders",
			olds: map[string]any{"repository": "orders", "policy": "{1}", "__defaults": none},
			news: map[string]any{"repository": "orders", "policy": "{2}", "__defaults": none},
			want: true,
		},
		"of another parent": {
			typ:  testType("aws_ecr_lifecycle_policy", "repository", "policy"),
			id:   "orders",
			olds: map[string]any{"repository": "orders", "policy": "{1}", "__defaults": none},
			news: map[string]any{"repository": "payments", "policy": "{1}", "__defaults": none},
		},
		"ID is the parent's ARN": {
			typ:  testType("aws_sns_topic_policy", "arn", "policy"),
			id:   topicPolicy,
			olds: map[string]any{"arn": topicPolicy, "policy": "{1}", "__defaults": none},
			news: map[string]any{"arn": topicPolicy, "policy": "{2}", "__defaults": none},
			want: true,
		},
		"ID joins inputs": {
			typ:  testType("aws_vpc_dhcp_options_association", "vpc_id", "dhcp_options_id"),
			id:   "dopt-1-vpc-1",
			olds: map[string]any{"vpcId": "vpc-1", "dhcpOptionsId": "dopt-1", "__defaults": none},
			news: map[string]any{"vpcId": "vpc-1", "dhcpOptionsId": "dopt-1", "__defaults": none},
			want: true,
		},
		"ID joins inputs, one has changed": {
			typ:  testType("aws_vpc_dhcp_options_association", "vpc_id", "dhcp_options_id"),
			id:   "dopt-1-vpc-1",
			olds: map[string]any{"vpcId": "vpc-1", "dhcpOptionsId": "dopt-1", "__defaults": none},
			news: map[string]any{"vpcId": "vpc-1", "dhcpOptionsId": "dopt-2", "__defaults": none},
		},
		"ID from AWS": {
			typ:  testType("aws_subnet", "vpc_id", "cidr_block"),
			id:   "subnet-1",
			olds: map[string]any{"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24", "__defaults": none},
			news: map[string]any{"vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24", "__defaults": none},
		},
		"each is a new revision": {
			typ:  testType("aws_ecs_task_definition", "family", "revision"),
			id:   "orders",
			olds: map[string]any{"family": "orders", "__defaults": none},
			news: map[string]any{"family": "orders", "__defaults": none},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.typ.deleteFirst(tt.id, values(t, tt.olds), values(t, tt.news)))
		})
	}
}
