package secrets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/secrets"
	"evenkeel/internal/pulumitest"
)

const (
	keyType    = "aws:kms/key:Key"
	aliasType  = "aws:kms/alias:Alias"
	secretType = "aws:secretsmanager/secret:Secret"
)

func minimal() *secrets.Args {
	return &secrets.Args{
		Name: "orders-dev", AccountID: pulumi.String("123456789012"), Region: "eu-west-1", Names: []string{"database-url"},
	}
}

func full() *secrets.Args {
	return &secrets.Args{
		Name: "orders-prod", AccountID: pulumi.String("123456789012"), Region: "us-east-1",
		Names: []string{"stripe/api-key", "database-url"}, RecoveryDays: secrets.DefaultRecoveryDays, Protect: true,
	}
}

func program(args *secrets.Args) pulumi.RunFunc {
	return pulumitest.Instances(secrets.New, args, "secrets")
}

func run(t *testing.T, args *secrets.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, tc := range map[string]struct {
		args *secrets.Args
		want []string
	}{
		"minimal": {minimal(), []string{
			aliasType + " secrets-alias", keyType + " secrets-key", secretType + " secrets-database-url",
		}},
		"full": {full(), []string{
			aliasType + " secrets-alias", keyType + " secrets-key",
			secretType + " secrets-database-url", secretType + " secrets-stripe/api-key",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, secrets.TypeToken, "secrets")
			assert.Equal(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, secrets.TypeToken)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, secrets.New, full(), secrets.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(secrets.New, "secrets", func(source *sns.Topic) *secrets.Args {
		args := full()
		args.AccountID = source.Arn
		return args
	}))
	assert.NotContains(t, pulumitest.Find(t, preview, keyType, "secrets-key").Plain(), "policy", "the account was not unknown: this test tests nothing")
}

func TestSecretsAndTheirKey(t *testing.T) {
	const keyARN = "${" + keyType + "::secrets-key.arn}"
	regs := run(t, full())
	assert.Equal(t, map[string]any{
		"name":                 "orders-prod/database-url",
		"kmsKeyId":             keyARN,
		"recoveryWindowInDays": 30.0,
		"description": "Managed by Pulumi, its value is not. Set it with: aws secretsmanager put-secret-value " +
			"--secret-id orders-prod/database-url --secret-string file://value.txt",
	}, pulumitest.Find(t, regs, secretType, "secrets-database-url").Plain())
	assert.Equal(t, "orders-prod/stripe/api-key", pulumitest.Find(t, regs, secretType, "secrets-stripe/api-key").Plain()["name"])

	key := pulumitest.Find(t, regs, keyType, "secrets-key").Plain()
	assert.Equal(t, true, key["enableKeyRotation"])
	assert.Equal(t, "Encrypts the secrets of orders-prod", key["description"])
	assert.Equal(t, map[string]any{
		"name": "alias/orders-prod-secrets", "targetKeyId": "${" + keyType + "::secrets-key.keyId}",
	}, pulumitest.Find(t, regs, aliasType, "secrets-alias").Plain())
}

// The key has to outlive the secrets that can still be restored, and KMS
// deletes none earlier than after seven days.
func TestRecovery(t *testing.T) {
	for name, tc := range map[string]struct{ days, secret, key int }{
		"at once":   {0, 0, 7},
		"a week":    {7, 7, 7},
		"two weeks": {14, 14, 14},
		"longest":   {30, 30, 30},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			args.RecoveryDays = tc.days
			regs := run(t, args)
			assert.EqualValues(t, tc.secret, pulumitest.Find(t, regs, secretType, "secrets-database-url").Plain()["recoveryWindowInDays"])
			assert.EqualValues(t, tc.key, pulumitest.Find(t, regs, keyType, "secrets-key").Plain()["deletionWindowInDays"])
		})
	}
}

// A value that Pulumi knew would be in its state for everyone who can read
// that. The inputs of a secret are listed, so that no new one brings a value.
func TestNoValueEverPassesThroughPulumi(t *testing.T) {
	for name, args := range map[string]*secrets.Args{"minimal": minimal(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, args)
			for _, r := range regs {
				assert.NotContains(t, strings.ToLower(r.Type), "secretversion", "%s holds a value", r.Address())
				assert.NotContains(t, strings.ToLower(r.Type), "secretrotation", "%s holds values", r.Address())
				if r.Type != secretType {
					continue
				}
				for input := range r.Plain() {
					assert.Contains(t, []string{"name", "description", "kmsKeyId", "recoveryWindowInDays"}, input, "%s: unexpected input", r.Address())
				}
			}
		})
	}
}

func TestOutputsNameEverySecretByItsEntry(t *testing.T) {
	got := pulumitest.Outputs(t, secrets.New, "secrets", full(), func(s *secrets.Secrets) pulumi.StringMap {
		assert.Len(t, s.ARNs, 2)
		return pulumi.StringMap{"database": s.ARNs["database-url"], "stripe": s.ARNs["stripe/api-key"], "key": s.KeyARN}
	})
	assert.Equal(t, map[string]any{
		"database": "${" + secretType + "::secrets-database-url.arn}",
		"stripe":   "${" + secretType + "::secrets-stripe/api-key.arn}",
		"key":      "${" + keyType + "::secrets-key.arn}",
	}, got)
}

func TestProtectedAreTheSecretsAndTheirKey(t *testing.T) {
	pulumitest.ProtectsOnly(t, run(t, minimal()))
	pulumitest.ProtectsOnly(t, run(t, full()),
		keyType+" secrets-key", secretType+" secrets-database-url", secretType+" secrets-stripe/api-key")
}

// The names come from configuration: their order there must not matter.
func TestOrderOfNamesChangesNothing(t *testing.T) {
	args := full()
	slices.Reverse(args.Names)
	assert.Equal(t, run(t, full()), run(t, args))
}
