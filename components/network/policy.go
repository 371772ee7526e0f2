package network

import "evenkeel/internal/policydoc"

const flowLogService = "vpc-flow-logs.amazonaws.com"

// flowLogTrust renders who may assume the flow logs' role: the flow log
// service, for flow logs of this account and region.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
func flowLogTrust(region, accountID string) (string, error) {
	doc := policydoc.AssumeBy(flowLogService, accountID)
	doc.Statements[0].Conditions["ArnLike"] = map[string][]string{
		"aws:SourceArn": {"arn:aws:ec2:" + region + ":" + accountID + ":vpc-flow-log/*"},
	}
	return doc.JSON()
}

// flowLogPolicy renders what the role may do: write streams of one log group.
// AWS's own example may also create and list every log group of the account,
// which a service that is given an existing group never needs.
func flowLogPolicy(logGroupARN string) (string, error) {
	return policydoc.Document{Statements: []policydoc.Statement{{
		Sid:       "WriteFlowLogs",
		Actions:   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
		Resources: []string{logGroupARN + ":*"},
	}}}.JSON()
}
