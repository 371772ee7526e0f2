package bootstrap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"evenkeel/internal/policydoc"
)

// Alias names the key in its account and region.
const Alias = "alias/evenkeel-state"

// purposeTag marks what this package has made, with the value purpose. It has
// no prefix that AWS reserves.
const (
	purposeTag = "evenkeel:purpose"
	purpose    = "pulumi-state"
)

// key finds or makes the key, and puts right what has drifted.
func (r *run) key(ctx context.Context) error {
	own, err := r.describeKey(ctx, Alias)
	if err != nil {
		return err
	}
	if r.KeyARN != "" && (own == nil || aws.ToString(own.Arn) != r.KeyARN) {
		return r.adoptKey(ctx)
	}
	r.report.SecretsProvider = fmt.Sprintf("awskms://%s?region=%s", Alias, r.Region)
	made := false
	if own == nil {
		if own, made, err = r.makeKey(ctx); err != nil || own == nil {
			return err
		}
	}
	r.keyARN = aws.ToString(own.Arn)
	if err := usable(own, Alias); err != nil {
		return err
	}
	fixed, err := r.repairKey(ctx, r.keyARN)
	if err != nil {
		return err
	}
	if made {
		fixed = nil
	}
	r.done("key", Alias+" "+r.keyARN, r.status(made, fixed), fixed...)
	return nil
}

// describeKey returns a key by ARN or alias, or nil when there is none.
func (r *run) describeKey(ctx context.Context, id string) (*types.KeyMetadata, error) {
	out, err := r.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(id)})
	switch {
	case code(err) == "NotFoundException":
		return nil, nil
	case err != nil:
		return nil, err
	}
	return out.KeyMetadata, nil
}

// adoptKey uses a key that somebody else looks after.
func (r *run) adoptKey(ctx context.Context) error {
	k, err := r.describeKey(ctx, r.KeyARN)
	if err != nil {
		return err
	}
	const path = "evenkeel:pipeline.stateKeyArn"
	if k == nil {
		return fmt.Errorf("%s: there is no key %s, want one of this account and region, or leave it out: then one is made", path, r.KeyARN)
	}
	if err := usable(k, path); err != nil {
		return err
	}
	if region := strings.Split(r.KeyARN, ":"); len(region) > 3 && region[3] != r.Region {
		return fmt.Errorf("%s: the key is in %s, want one in %s, where the bucket is", path, region[3], r.Region)
	}
	r.keyARN = r.KeyARN
	r.report.SecretsProvider = fmt.Sprintf("awskms:///%s?region=%s", r.KeyARN, r.Region)
	r.done("key", r.keyARN, There, "it is the one of "+path+": its policy, rotation and tags are left as they are")
	return nil
}

// usable refuses a key that cannot encrypt.
func usable(k *types.KeyMetadata, what string) error {
	id := aws.ToString(k.KeyId)
	switch {
	case k.KeyState == types.KeyStatePendingDeletion:
		return fmt.Errorf("%s: the key %s is to be deleted, and with it goes all that it has encrypted: "+
			"`aws kms cancel-key-deletion --key-id %[2]s` and `aws kms enable-key --key-id %[2]s` keep it", what, id)
	case k.KeyState == types.KeyStateDisabled:
		return fmt.Errorf("%s: the key %s is disabled: `aws kms enable-key --key-id %[2]s` enables it", what, id)
	case k.KeyUsage != types.KeyUsageTypeEncryptDecrypt || k.KeySpec != types.KeySpecSymmetricDefault:
		return fmt.Errorf("%s: the key %s is for %s (%s), want a symmetric one for ENCRYPT_DECRYPT", what, id, k.KeyUsage, k.KeySpec)
	case k.KeyManager == types.KeyManagerTypeAws:
		return fmt.Errorf("%s: the key %s is managed by AWS, want one of the account's own, whose policy can be set", what, id)
	}
	return nil
}

// makeKey makes the key, or finishes one that was made without its alias. A
// check makes none.
func (r *run) makeKey(ctx context.Context) (k *types.KeyMetadata, made bool, err error) {
	if r.Check {
		r.done("key", Alias, Missing, "would be made")
		return nil, false, nil
	}
	if k, err = r.unfinishedKey(ctx); err != nil {
		return nil, false, err
	}
	if k == nil {
		text, err := keyPolicy(r.report.Account, r.Region).JSON()
		if err != nil {
			return nil, false, err
		}
		out, err := r.aws.kms.CreateKey(ctx, &kms.CreateKeyInput{
			Description: aws.String("Pulumi state: its bucket and the secrets in it"), Policy: aws.String(text), Tags: keyTags(r.tags()),
			KeyUsage: types.KeyUsageTypeEncryptDecrypt, KeySpec: types.KeySpecSymmetricDefault,
		})
		if err != nil {
			return nil, false, err
		}
		k = out.KeyMetadata
	}
	_, err = r.aws.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String(Alias), TargetKeyId: k.KeyId})
	return k, true, err
}

// unfinishedKey finds a key that an interrupted run has made and not named yet;
// a second one would cost every month, and nobody would notice.
func (r *run) unfinishedKey(ctx context.Context) (*types.KeyMetadata, error) {
	pages := kms.NewListKeysPaginator(r.aws.kms, &kms.ListKeysInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Keys {
			tags, err := r.keyTags(ctx, aws.ToString(entry.KeyId))
			if denied(err) {
				continue // a key whose policy keeps its tags from us is not ours
			}
			if err != nil {
				return nil, err
			}
			if tags[purposeTag] != purpose {
				continue
			}
			k, err := r.describeKey(ctx, aws.ToString(entry.KeyId))
			if err != nil {
				return nil, err
			}
			if k != nil && k.KeyState == types.KeyStateEnabled {
				return k, nil
			}
		}
	}
	return nil, nil
}

// repairKey puts right, or with Check only lists, what is not as it should be.
func (r *run) repairKey(ctx context.Context, arn string) ([]string, error) {
	return r.repair(ctx, []aspect{
		{"rotation", func(ctx context.Context) (change, error) {
			out, err := r.aws.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: aws.String(arn)})
			if err != nil || out.KeyRotationEnabled {
				return nil, err
			}
			return func(ctx context.Context) error {
				_, err := r.aws.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: aws.String(arn)})
				return err
			}, nil
		}},
		{"policy", func(ctx context.Context) (change, error) {
			out, err := r.aws.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(arn), PolicyName: aws.String("default")})
			if err != nil {
				return nil, err
			}
			text, differs, err := merged(aws.ToString(out.Policy), keyPolicy(r.report.Account, r.Region))
			if err != nil || !differs {
				return nil, err
			}
			return func(ctx context.Context) error {
				_, err := r.aws.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: aws.String(arn), PolicyName: aws.String("default"), Policy: aws.String(text)})
				return err
			}, nil
		}},
		{"tags", func(ctx context.Context) (change, error) {
			tags, err := r.keyTags(ctx, arn)
			if err != nil || tags[purposeTag] == purpose {
				return nil, err
			}
			return func(ctx context.Context) error {
				_, err := r.aws.kms.TagResource(ctx, &kms.TagResourceInput{KeyId: aws.String(arn), Tags: keyTags(map[string]string{purposeTag: purpose})})
				return err
			}, nil
		}},
	})
}

// keyPolicy lets the account administer the key; use it through S3, in this
// region; and encrypt Pulumi's own data key with it. Who in the account may do
// which is for IAM policies to say.
func keyPolicy(account, region string) policydoc.Document {
	return policydoc.Document{Statements: []policydoc.Statement{
		policydoc.KeyAdministration(account),
		{
			Sid: "StateBucketByAccount", Principals: policydoc.Account(account), Resources: policydoc.ThisKey(),
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Conditions: map[string]map[string][]string{"StringEquals": {
				"kms:CallerAccount": {account}, "kms:ViaService": {"s3." + region + ".amazonaws.com"},
			}},
		},
		{
			Sid: "PulumiSecretsByAccount", Principals: policydoc.Account(account), Resources: policydoc.ThisKey(),
			Actions:    []string{"kms:Encrypt", "kms:Decrypt"},
			Conditions: map[string]map[string][]string{"StringEquals": {"kms:CallerAccount": {account}}},
		},
	}}
}

// tags are those of what is made.
func (r *run) tags() map[string]string {
	out := maps.Clone(r.Tags)
	if out == nil {
		out = map[string]string{}
	}
	out[purposeTag] = purpose
	return out
}

func (r *run) keyTags(ctx context.Context, id string) (map[string]string, error) {
	out, err := r.aws.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: aws.String(id)})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
	}
	return tags, nil
}

func keyTags(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{TagKey: aws.String(k), TagValue: aws.String(tags[k])})
	}
	return out
}
