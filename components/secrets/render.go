package secrets

import (
	"fmt"

	"evenkeel/internal/policydoc"
)

// description tells whoever finds the secret how to give it a value. The value
// comes from a file, because a command line is kept in the shell's history.
func description(secretName string) string {
	return fmt.Sprintf("Managed by Pulumi, its value is not. Set it with: "+
		"aws secretsmanager put-secret-value --secret-id %s --secret-string file://value.txt", secretName)
}

// keyPolicy renders who may administer and who may use the key.
//
// Both statements name the account, which leaves the decision to its IAM
// policies, but only within what is listed here. Nobody may create grants.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-authz
func keyPolicy(accountID, region string) (string, error) {
	account := map[string][]string{"AWS": {"arn:aws:iam::" + accountID + ":root"}}
	// In a key's policy "*" means this key.
	thisKey := []string{"*"}
	return policydoc.Document{Statements: []policydoc.Statement{
		{
			Sid:        "AdministrationByAccount",
			Principals: account,
			Resources:  thisKey,
			// What AWS suggests for administrators, without kms:Create*, which
			// holds kms:CreateGrant and with it a way around the next statement.
			// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
			Actions: []string{
				"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:Delete*", "kms:Describe*", "kms:Disable*",
				"kms:Enable*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Revoke*", "kms:RotateKeyOnDemand",
				"kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:Update*",
			},
		},
		{
			Sid:        "UseThroughSecretsManager",
			Principals: account,
			Resources:  thisKey,
			Actions:    []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Conditions: map[string]map[string][]string{"StringEquals": {
				"kms:CallerAccount": {accountID},
				"kms:ViaService":    {"secretsmanager." + region + ".amazonaws.com"},
			}},
		},
	}}.JSON()
}
