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
	return policydoc.Document{Statements: []policydoc.Statement{
		policydoc.KeyAdministration(accountID),
		{
			Sid:        "UseThroughSecretsManager",
			Principals: policydoc.Account(accountID),
			Resources:  policydoc.ThisKey(),
			Actions:    []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Conditions: map[string]map[string][]string{"StringEquals": {
				"kms:CallerAccount": {accountID},
				"kms:ViaService":    {"secretsmanager." + region + ".amazonaws.com"},
			}},
		},
	}}.JSON()
}
