package secrets_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// program registers one component per name; names after the first get
// physical names of their own.
func program(args *secrets.Args, names ...string) pulumi.RunFunc {
	return pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		for i, name := range names {
			a := *args
			if i > 0 {
				a.Name = name
			}
			if _, err := secrets.New(ctx, name, &a, opts...); err != nil {
				return err
			}
		}
		return nil
	})
}

func run(t *testing.T, args *secrets.Args) []pulumitest.Registration {
	t.Helper()
	regs, err := pulumitest.Run(t, program(args, "secrets"))
	require.NoError(t, err)
	return regs
}

// probed registers a topic of the test's own, around what build makes of it.
// Its ARN is unknown in a preview; what build returns becomes its twin's
// display name, where a test can read it.
func probed(build func(ctx *pulumi.Context, unknown pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error)) pulumi.RunFunc {
	return pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		probe := &struct{ pulumi.ResourceState }{}
		if err := ctx.RegisterComponentResource("evenkeel:test:Probe", "probe", probe, opts...); err != nil {
			return err
		}
		before, err := sns.NewTopic(ctx, "before", &sns.TopicArgs{}, pulumi.Parent(probe))
		if err != nil {
			return err
		}
		out, err := build(ctx, before.Arn, opts...)
		if err != nil {
			return err
		}
		_, err = sns.NewTopic(ctx, "after", &sns.TopicArgs{DisplayName: out}, pulumi.Parent(probe))
		return err
	})
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
	regs, err := pulumitest.Run(t, program(minimal(), "secrets", "batch"))
	require.NoError(t, err)
	assert.Len(t, pulumitest.Children(regs, secrets.TypeToken), 6)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	prog := probed(func(ctx *pulumi.Context, unknown pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
		args := full()
		args.AccountID = unknown
		s, err := secrets.New(ctx, "secrets", args, opts...)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return s.KeyARN, nil
	})
	update, err := pulumitest.Run(t, prog)
	require.NoError(t, err)
	preview, err := pulumitest.Preview(t, prog)
	require.NoError(t, err)
	assert.Equal(t, pulumitest.Addresses(update), pulumitest.Addresses(preview))
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
	regs, err := pulumitest.Run(t, probed(func(ctx *pulumi.Context, _ pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
		s, err := secrets.New(ctx, "secrets", full(), opts...)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		assert.Len(t, s.ARNs, 2)
		return pulumi.Sprintf("%s %s %s", s.ARNs["database-url"], s.ARNs["stripe/api-key"], s.KeyARN), nil
	}))
	require.NoError(t, err)
	assert.Equal(t, strings.Join([]string{
		"${" + secretType + "::secrets-database-url.arn}",
		"${" + secretType + "::secrets-stripe/api-key.arn}",
		"${" + keyType + "::secrets-key.arn}",
	}, " "), pulumitest.Find(t, regs, "aws:sns/topic:Topic", "after").Plain()["displayName"])
}

func TestProtectedAreTheSecretsAndTheirKey(t *testing.T) {
	for name, tc := range map[string]struct {
		args *secrets.Args
		want []string
	}{
		"not asked for": {args: minimal()},
		"asked for": {full(), []string{
			keyType + " secrets-key", secretType + " secrets-database-url", secretType + " secrets-stripe/api-key",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var protected []string
			for _, r := range run(t, tc.args) {
				assert.False(t, r.RetainOnDelete, "%s: retained", r.Address())
				if r.Protect {
					protected = append(protected, r.Address())
				}
			}
			assert.Equal(t, tc.want, protected)
		})
	}
}

// The names come from configuration: their order there must not matter.
func TestOrderOfNamesChangesNothing(t *testing.T) {
	args := full()
	slices.Reverse(args.Names)
	assert.Equal(t, run(t, full()), run(t, args))
}
