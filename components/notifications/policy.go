package notifications

import "evenkeel/internal/policydoc"

// A publisher is an AWS service that sends messages to the topics.
type publisher struct {
	sid, service string
	// sourceAccount says that the service tells SNS and KMS for which account
	// it acts, so that a policy can ask for this one.
	sourceAccount bool
}

// EventBridge is the one that cannot be asked: its requests to SNS do not
// support conditions, and none to KMS for an encrypted topic supports
// aws:SourceAccount, aws:SourceArn or aws:SourceOrgID. With a condition every
// message would be lost without a trace.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
var publishers = []publisher{
	{sid: "Alarms", service: "cloudwatch.amazonaws.com", sourceAccount: true},
	{sid: "Budgets", service: "budgets.amazonaws.com", sourceAccount: true},
	{sid: "Events", service: "events.amazonaws.com"},
}

// topicPolicy renders who may publish. A policy on a topic that leaves the
// account out does not lock it out: within an account, IAM policies suffice.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-resource.html
func topicPolicy(topicARN, accountID string) (string, error) {
	var doc policydoc.Document
	for _, p := range publishers {
		s := policydoc.Statement{
			Sid:        "PublishBy" + p.sid,
			Principals: map[string][]string{"Service": {p.service}},
			Actions:    []string{"sns:Publish"},
			Resources:  []string{topicARN},
		}
		if p.sourceAccount {
			s.Conditions = map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {accountID}}}
		}
		doc.Statements = append(doc.Statements, s)
	}
	doc.Statements = append(doc.Statements, policydoc.DenyWithoutTLS("sns:Publish", topicARN))
	return doc.JSON()
}

// keyPolicy renders who may administer and who may use the key. Every use is
// bound to the named topics by the encryption context that SNS sends along, so
// the key is of no use elsewhere. Nobody may create grants.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func keyPolicy(accountID string, topicNames ...string) (string, error) {
	use := []string{"kms:Decrypt", "kms:GenerateDataKey*"}
	topics := map[string][]string{"kms:EncryptionContext:aws:sns:topicArn": topicARNs(accountID, topicNames)}

	doc := policydoc.Document{Statements: []policydoc.Statement{
		policydoc.KeyAdministration(accountID),
		{
			// For what IAM policies of the account allow, a test message from an
			// operator for one.
			Sid:        "UseByAccount",
			Principals: policydoc.Account(accountID),
			Resources:  policydoc.ThisKey(),
			Actions:    use,
			Conditions: map[string]map[string][]string{
				"ArnLike":      topics,
				"StringEquals": {"kms:CallerAccount": {accountID}},
			},
		},
	}}
	for _, p := range publishers {
		s := policydoc.Statement{
			Sid:        "UseBy" + p.sid,
			Principals: map[string][]string{"Service": {p.service}},
			Resources:  policydoc.ThisKey(),
			Actions:    use,
			Conditions: map[string]map[string][]string{"ArnLike": topics},
		}
		if p.sourceAccount {
			s.Conditions["StringEquals"] = map[string][]string{"aws:SourceAccount": {accountID}}
		}
		doc.Statements = append(doc.Statements, s)
	}
	return doc.JSON()
}

// topicARNs names the topics before they exist: they need the key, so the
// key's policy cannot wait for them. A key and the topics under it share a
// region, which need not be named.
func topicARNs(accountID string, topicNames []string) []string {
	arns := make([]string, len(topicNames))
	for i, n := range topicNames {
		arns[i] = "arn:aws:sns:*:" + accountID + ":" + n
	}
	return arns
}
