// Package secrets makes the places where a service's secret values live: one
// entry in Secrets Manager per name, all encrypted with one key of their own.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-key       aws.kms.Key, rotated every year
//	<c>-alias     aws.kms.Alias "alias/<Args.Name>-secrets"
//	<c>-<entry>   one aws.secretsmanager.Secret "<Args.Name>/<entry>" per name in Args.Names
//
// Values never pass through Pulumi: the component makes no version of a secret,
// so neither the program, its configuration nor its state ever holds one. An
// operator sets a value after the first deployment, by the command that each
// secret's description shows. A task that needs a secret without a value does
// not start.
//
// Who can read a value: whoever IAM allows both secretsmanager:GetSecretValue
// on the secret and kms:Decrypt on the key. The key's policy accepts use only
// through Secrets Manager and only from its own account, so an IAM policy with
// "kms:*" still cannot decrypt anything directly.
//
// What it leaves out: rotation of the values. It needs a function that knows
// the system behind each one.
//
// What it refuses: no entries, an entry twice, and names that Secrets Manager
// or an environment could read differently.
package secrets
