package bootstrap

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"evenkeel/internal/policydoc"
)

const (
	// oldVersionDays is how long a state that was replaced can be brought back.
	oldVersionDays = 90
	// uploadDays is how long an upload that was not finished is kept.
	uploadDays = 7
	// lifecycleRule names our rule.
	lifecycleRule = "evenkeel-state"
)

// bucketAspects are the bucket's settings, the tags first: they tell whose it
// is, should a run be interrupted. The policy is last, as it may refuse.
func (r *run) bucketAspects(name string) []aspect {
	b := &bucketSettings{run: r, name: aws.String(name), owner: aws.String(r.report.Account)}
	return []aspect{
		{"tags", b.tagging},
		{"public access block", b.publicAccess},
		{"ownership", b.ownership},
		{"encryption", b.encryption},
		{"versioning", b.versioning},
		{"lifecycle", b.lifecycle},
		{"policy", b.policy},
	}
}

// bucketSettings looks at one bucket. Each call names the owner that it expects,
// so that a bucket that was deleted and made anew elsewhere is not told our state.
type bucketSettings struct {
	*run
	name, owner *string
}

func (b *bucketSettings) tagging(ctx context.Context) (change, error) {
	tags, err := b.bucketTags(ctx, aws.ToString(b.name))
	if err != nil || tags[purposeTag] == purpose {
		return nil, err
	}
	return func(ctx context.Context) error {
		all := b.tags()
		maps.Copy(all, tags)
		_, err := b.aws.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
			Bucket: b.name, ExpectedBucketOwner: b.owner, Tagging: &types.Tagging{TagSet: bucketTagSet(all)},
		})
		return err
	}, nil
}

func (b *bucketSettings) publicAccess(ctx context.Context) (change, error) {
	out, err := b.aws.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	if err != nil && code(err) != "NoSuchPublicAccessBlockConfiguration" {
		return nil, err
	}
	if err == nil {
		c := out.PublicAccessBlockConfiguration
		if aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) && aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets) {
			return nil, nil
		}
	}
	return func(ctx context.Context) error {
		yes := aws.Bool(true)
		_, err := b.aws.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
			Bucket: b.name, ExpectedBucketOwner: b.owner, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
				BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
			},
		})
		return err
	}, nil
}

func (b *bucketSettings) ownership(ctx context.Context) (change, error) {
	out, err := b.aws.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	if err != nil && code(err) != "OwnershipControlsNotFoundError" {
		return nil, err
	}
	if err == nil {
		if rules := out.OwnershipControls.Rules; len(rules) == 1 && rules[0].ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced {
			return nil, nil
		}
	}
	return func(ctx context.Context) error {
		_, err := b.aws.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{
			Bucket: b.name, ExpectedBucketOwner: b.owner, OwnershipControls: &types.OwnershipControls{
				Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}},
			},
		})
		return err
	}, nil
}

func (b *bucketSettings) encryption(ctx context.Context) (change, error) {
	out, err := b.aws.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	if err != nil && code(err) != "ServerSideEncryptionConfigurationNotFoundError" {
		return nil, err
	}
	if err == nil && encryptedBy(out.ServerSideEncryptionConfiguration.Rules, b.keyARN) {
		return nil, nil
	}
	return func(ctx context.Context) error {
		_, err := b.aws.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
			Bucket: b.name, ExpectedBucketOwner: b.owner,
			ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
				// One data key for many objects: fewer calls of KMS to pay for.
				BucketKeyEnabled: aws.Bool(true),
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
					SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(b.keyARN),
				},
			}}},
		})
		return err
	}, nil
}

func encryptedBy(rules []types.ServerSideEncryptionRule, key string) bool {
	if len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault == nil {
		return false
	}
	by := rules[0].ApplyServerSideEncryptionByDefault
	return by.SSEAlgorithm == types.ServerSideEncryptionAwsKms && aws.ToString(by.KMSMasterKeyID) == key && aws.ToBool(rules[0].BucketKeyEnabled)
}

func (b *bucketSettings) versioning(ctx context.Context) (change, error) {
	out, err := b.aws.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	if err != nil || out.Status == types.BucketVersioningStatusEnabled {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := b.aws.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
			Bucket: b.name, ExpectedBucketOwner: b.owner,
			VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		})
		return err
	}, nil
}

// lifecycle keeps the rules that somebody has added.
func (b *bucketSettings) lifecycle(ctx context.Context) (change, error) {
	out, err := b.aws.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	if err != nil && code(err) != "NoSuchLifecycleConfiguration" {
		return nil, err
	}
	var rules []types.LifecycleRule
	if err == nil {
		for _, rule := range out.Rules {
			if aws.ToString(rule.ID) != lifecycleRule {
				rules = append(rules, rule)
			} else if asWanted(rule) {
				return nil, nil
			}
		}
	}
	rules = append(rules, types.LifecycleRule{
		ID: aws.String(lifecycleRule), Status: types.ExpirationStatusEnabled,
		Filter:                         &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(oldVersionDays)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(uploadDays)},
		Expiration:                     &types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)},
	})
	return func(ctx context.Context) error {
		_, err := b.aws.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
			Bucket: b.name, ExpectedBucketOwner: b.owner, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
		})
		return err
	}, nil
}

func asWanted(rule types.LifecycleRule) bool {
	old, uploads, expiration := rule.NoncurrentVersionExpiration, rule.AbortIncompleteMultipartUpload, rule.Expiration
	return rule.Status == types.ExpirationStatusEnabled &&
		(rule.Filter == nil || aws.ToString(rule.Filter.Prefix) == "" && rule.Filter.And == nil && rule.Filter.Tag == nil) &&
		old != nil && aws.ToInt32(old.NoncurrentDays) == oldVersionDays && old.NewerNoncurrentVersions == nil &&
		uploads != nil && aws.ToInt32(uploads.DaysAfterInitiation) == uploadDays &&
		expiration != nil && expiration.Days == nil && expiration.Date == nil && aws.ToBool(expiration.ExpiredObjectDeleteMarker)
}

// policy keeps the statements that somebody has added.
func (b *bucketSettings) policy(ctx context.Context) (change, error) {
	out, err := b.aws.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	there := ""
	switch {
	case err == nil:
		there = aws.ToString(out.Policy)
	case code(err) != "NoSuchBucketPolicy":
		return nil, err
	}
	text, differs, err := merged(there, bucketPolicy(aws.ToString(b.name), b.report.Account))
	if err != nil || !differs {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := b.aws.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b.name, ExpectedBucketOwner: b.owner, Policy: aws.String(text)})
		return err
	}, nil
}

// bucketPolicy refuses what comes without TLS or from another account. What the
// account itself may do is for its IAM policies to say.
func bucketPolicy(bucket, account string) policydoc.Document {
	arn := "arn:aws:s3:::" + bucket
	return policydoc.Document{Statements: []policydoc.Statement{
		policydoc.DenyWithoutTLS("s3:*", arn, arn+"/*"),
		{
			Sid: "DenyOtherAccounts", Effect: policydoc.Deny,
			Principals: map[string][]string{"AWS": {"*"}}, Actions: []string{"s3:*"}, Resources: []string{arn, arn + "/*"},
			Conditions: map[string]map[string][]string{"StringNotEquals": {"aws:PrincipalAccount": {account}}},
		},
	}}
}
