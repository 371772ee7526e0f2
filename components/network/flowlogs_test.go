package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/pulumitest"
)

func TestFlowLog(t *testing.T) {
	regs := run(t, full())
	assert.Equal(t, map[string]any{
		"vpcId": vpcRef + "vpcId}", "trafficType": "ALL", "maxAggregationInterval": 600.0,
		"logDestinationType": "cloud-watch-logs",
		"logDestination":     "${aws:cloudwatch/logGroup:LogGroup::network-flow-logs.arn}",
		"iamRoleArn":         "${aws:iam/role:Role::network-flow-logs.arn}",
		"tags":               map[string]any{"Name": "orders-prod"},
	}, pulumitest.Find(t, regs, flowLogType, "network-flow-logs").Plain())
	assert.Equal(t, map[string]any{
		"name": "/vpc/orders-prod/flow-logs", "retentionInDays": 14.0, "tags": map[string]any{"Name": "orders-prod"},
	}, pulumitest.Find(t, regs, logGroupType, "network-flow-logs").Plain())
}

// Records from before the role may write are lost.
func TestFlowLogWaitsForItsPermission(t *testing.T) {
	flowLog := pulumitest.Find(t, run(t, full()), flowLogType, "network-flow-logs")
	assert.Contains(t, strings.Join(flowLog.DependsOn, " "), rolePolicyType+"::network-flow-logs")
}

func TestFlowLogRoleWritesToItsGroupAndDoesNothingElse(t *testing.T) {
	statements := pulumitest.Policy(t, pulumitest.Find(t, run(t, full()), rolePolicyType, "network-flow-logs"), "policy")
	assert.Equal(t, map[string]pulumitest.Statement{"WriteFlowLogs": {
		Sid: "WriteFlowLogs", Effect: "Allow",
		Action:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resource: []string{"${aws:cloudwatch/logGroup:LogGroup::network-flow-logs.arn}:*"},
	}}, statements)
	for _, s := range statements {
		assert.NotContains(t, s.Resource, "*", "%s: every log group of the account", s.Sid)
		assert.NotContains(t, s.Action, "logs:CreateLogGroup", "%s: the group exists", s.Sid)
		assert.NotContains(t, strings.Join(s.Action, " "), "*", "%s: wildcard", s.Sid)
	}
}

func TestFlowLogRoleIsAssumedForThisAccountsFlowLogsOnly(t *testing.T) {
	statements := pulumitest.Policy(t, pulumitest.Find(t, run(t, full()), roleType, "network-flow-logs"), "assumeRolePolicy")
	assert.Equal(t, map[string]pulumitest.Statement{"AssumedByService": {
		Sid: "AssumedByService", Effect: "Allow",
		Principal: map[string][]string{"Service": {"vpc-flow-logs.amazonaws.com"}},
		Action:    []string{"sts:AssumeRole"},
		Condition: map[string]map[string][]string{
			"StringEquals": {"aws:SourceAccount": {"111122223333"}},
			"ArnLike":      {"aws:SourceArn": {"arn:aws:ec2:eu-central-1:111122223333:vpc-flow-log/*"}},
		},
	}}, statements)
}

func TestPoliciesGolden(t *testing.T) {
	for file, tc := range map[string]struct{ typeToken, property string }{
		"flow-logs-policy": {rolePolicyType, "policy"},
		"flow-logs-trust":  {roleType, "assumeRolePolicy"},
	} {
		r := pulumitest.Find(t, run(t, full()), tc.typeToken, "network-flow-logs")
		pulumitest.GoldenJSON(t, "testdata/"+file+".json", pulumitest.Text(t, r, tc.property))
	}
}
