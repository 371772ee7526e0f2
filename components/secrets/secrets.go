package secrets

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Secrets"

// DefaultRecoveryDays is the recovery window to use where nothing speaks for
// another one.
const DefaultRecoveryDays = 30

// The recovery window of a secret and the waiting period of a key share their
// limits.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
const (
	minRecoveryDays = 7
	maxRecoveryDays = 30
)

// maxSecretName is the longest name that Secrets Manager accepts.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
const maxSecretName = 512

// Args configures the component.
type Args struct {
	// Name is the base of the physical names, for example "orders-dev": 2 to 24
	// of a-z, 0-9 and single dashes, starting with a letter. Required. Changing
	// it replaces every secret; the new ones have no value.
	Name string
	// AccountID is the account that owns the key. Required.
	AccountID pulumi.StringInput
	// Region is where the secrets live, for example "eu-west-1". Required.
	Region string
	// Names are the entries to make, for example "database-url": a-z and 0-9,
	// starting with a letter, in words joined by single "-" or "/". Required.
	// Removing one deletes its secret, value included; see RecoveryDays.
	Names []string
	// RecoveryDays is how many days a deleted secret can be restored, 7 to 30.
	// Zero deletes at once and frees the name, for stacks that come and go; see
	// DefaultRecoveryDays for all others.
	RecoveryDays int
	// Protect makes Pulumi refuse to delete the secrets and their key.
	Protect bool
}

var entryPattern = regexp.MustCompile(`^[a-z][a-z0-9]*([-/][a-z0-9]+)*$`)

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	if a.AccountID == nil {
		l.Addf("AccountID", "is required")
	}
	l.Region("Region", a.Region)
	a.checkNames(&l)
	if a.RecoveryDays != 0 && (a.RecoveryDays < minRecoveryDays || a.RecoveryDays > maxRecoveryDays) {
		l.Addf("RecoveryDays", "is %d, want %d to %d, or 0 to delete at once", a.RecoveryDays, minRecoveryDays, maxRecoveryDays)
	}
	return l.Err()
}

func (a *Args) checkNames(l *check.List) {
	if len(a.Names) == 0 {
		l.Addf("Names", "is empty, want one entry or more: without any, leave the component out")
	}
	for i, n := range a.Names {
		at := check.Path("Names").Index(i)
		switch {
		case !entryPattern.MatchString(n):
			l.Addf(at, `is %q, want a-z and 0-9 in words joined by "-" or "/", such as "database-url"`, n)
		case len(a.secretName(n)) > maxSecretName:
			l.Addf(at, "makes a secret name of %d characters, want %d or less", len(a.secretName(n)), maxSecretName)
		case slices.Index(a.Names, n) < i:
			l.Addf(at, "is %q a second time, want each entry once", n)
		}
	}
}

func (a *Args) secretName(entry string) string { return a.Name + "/" + entry }

// Secrets is the component.
type Secrets struct {
	pulumi.ResourceState

	// ARNs holds the full ARN of every secret by its entry in Args.Names.
	ARNs map[string]pulumi.StringOutput
	// KeyARN is the key that encrypts them all; who reads a secret needs
	// kms:Decrypt on it.
	KeyARN pulumi.StringOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Secrets, error) {
	if args == nil {
		return nil, errors.New("secrets: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("secrets %q: %w", name, err)
	}
	c := &Secrets{ARNs: make(map[string]pulumi.StringOutput, len(args.Names))}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	key, err := args.key(ctx, c, name)
	if err != nil {
		return nil, err
	}
	c.KeyARN = key.Arn

	arns := pulumi.StringMap{}
	for _, entry := range slices.Sorted(slices.Values(args.Names)) {
		s, err := secretsmanager.NewSecret(ctx, name+"-"+entry, &secretsmanager.SecretArgs{
			Name:                 pulumi.String(args.secretName(entry)),
			Description:          pulumi.String(description(args.secretName(entry))),
			KmsKeyId:             key.Arn,
			RecoveryWindowInDays: pulumi.Int(args.RecoveryDays),
		}, pulumi.Parent(c), pulumi.Protect(args.Protect))
		if err != nil {
			return nil, fmt.Errorf("create secret %s-%s: %w", name, entry, err)
		}
		c.ARNs[entry], arns[entry] = s.Arn, s.Arn
	}
	if err := ctx.RegisterResourceOutputs(c, pulumi.Map{"arns": arns, "keyArn": c.KeyARN}); err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

// key makes the key that encrypts every secret, and its alias.
func (a *Args) key(ctx *pulumi.Context, parent pulumi.Resource, name string) (*kms.Key, error) {
	policy := a.AccountID.ToStringOutput().ApplyT(func(accountID string) (string, error) {
		return keyPolicy(accountID, a.Region)
	}).(pulumi.StringOutput)
	key, err := kms.NewKey(ctx, name+"-key", &kms.KeyArgs{
		Description:       pulumi.String("Encrypts the secrets of " + a.Name),
		EnableKeyRotation: pulumi.Bool(true),
		// A secret that is restored on the last day needs its key.
		DeletionWindowInDays: pulumi.Int(max(a.RecoveryDays, minRecoveryDays)),
		Policy:               policy,
	}, pulumi.Parent(parent), pulumi.Protect(a.Protect))
	if err != nil {
		return nil, fmt.Errorf("create key %s-key: %w", name, err)
	}
	_, err = kms.NewAlias(ctx, name+"-alias", &kms.AliasArgs{
		Name:        pulumi.String("alias/" + a.Name + "-secrets"),
		TargetKeyId: key.KeyId,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("create alias %s-alias: %w", name, err)
	}
	return key, nil
}
