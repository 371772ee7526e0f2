// Package policydoc renders IAM policy documents. The same document always
// renders to the same text, so that a second preview shows no change.
package policydoc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Version is the only policy language version that supports policy variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const Version = "2012-10-17"

// The two effects of a statement.
const (
	Allow = "Allow"
	Deny  = "Deny"
)

// Document is an IAM policy: identity-based without Principals,
// resource-based or a trust policy with them.
type Document struct {
	Statements []Statement
}

// Statement is one statement. Fields left empty are left out.
type Statement struct {
	// Sid names the statement. Required: tests and audits address it.
	Sid string
	// Effect is Allow or Deny. Empty means Allow.
	Effect string
	// Principals maps a kind ("AWS", "Service", "Federated") to its members.
	Principals map[string][]string
	// Actions are "service:Action".
	Actions []string
	// Resources are ARNs. Empty in trust policies only.
	Resources []string
	// Conditions maps an operator to its keys and their accepted values.
	Conditions map[string]map[string][]string
}

// JSON renders the document. encoding/json sorts map keys, which makes the
// text stable; lists keep their order.
func (d Document) JSON() (string, error) {
	out := struct {
		Version   string
		Statement []map[string]any
	}{Version: Version}
	for _, s := range d.Statements {
		if s.Sid == "" {
			return "", fmt.Errorf("render policy: a statement with actions %v has no Sid", s.Actions)
		}
		m := map[string]any{"Sid": s.Sid, "Effect": Allow, "Action": s.Actions}
		if s.Effect != "" {
			m["Effect"] = s.Effect
		}
		if len(s.Resources) > 0 {
			m["Resource"] = s.Resources
		}
		if len(s.Principals) > 0 {
			m["Principal"] = s.Principals
		}
		if len(s.Conditions) > 0 {
			m["Condition"] = s.Conditions
		}
		out.Statement = append(out.Statement, m)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // AWS keeps "<" and "&" as they are; escaped ones would show as a change
	if err := enc.Encode(out); err != nil {
		return "", fmt.Errorf("render policy: %w", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// AssumeBy is the trust policy of a role that one AWS service assumes, for
// resources of this account only (the confused-deputy guard of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
func AssumeBy(service, accountID string) Document {
	return Document{Statements: []Statement{{
		Sid:        "AssumedByService",
		Principals: map[string][]string{"Service": {service}},
		Actions:    []string{"sts:AssumeRole"},
		Conditions: map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {accountID}}},
	}}}
}

// Account is the principal that stands for a whole account: whom exactly it
// lets in is then for the account's IAM policies to say.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
func Account(accountID string) map[string][]string {
	return map[string][]string{"AWS": {"arn:aws:iam::" + accountID + ":root"}}
}

// KeyAdministration is the statement of a KMS key's policy that lets the
// account administer the key, without which nobody could change the policy
// again, and that lets nobody use it.
//
// The actions are those that AWS suggests for administrators, without
// kms:Create*, which holds kms:CreateGrant and with it a way around every
// other statement.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
func KeyAdministration(accountID string) Statement {
	return Statement{
		Sid:        "AdministrationByAccount",
		Principals: Account(accountID),
		Resources:  ThisKey(),
		Actions: []string{
			"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:Delete*", "kms:Describe*", "kms:Disable*",
			"kms:Enable*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*", "kms:RotateKeyOnDemand",
			"kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:Update*",
		},
	}
}

// ThisKey is the resource of a statement in a KMS key's policy, where "*"
// means the key that the policy belongs to.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
func ThisKey() []string { return []string{"*"} }

// DenyWithoutTLS is the statement of a resource-based policy that refuses
// everybody's requests for action that do not come over TLS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
func DenyWithoutTLS(action string, resources ...string) Statement {
	return Statement{
		Sid:        "DenyWithoutTLS",
		Effect:     Deny,
		Principals: map[string][]string{"AWS": {"*"}},
		Actions:    []string{action},
		Resources:  resources,
		Conditions: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
	}
}
