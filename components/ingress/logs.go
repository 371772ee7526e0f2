package ingress

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// logBucket is where access logs go. The load balancer waits for the policy.
type logBucket struct {
	bucket *s3.BucketV2
	policy *s3.BucketPolicy
}

// logs registers the bucket of the access logs, or nothing without them.
func (b *builder) logs() (*logBucket, error) {
	if b.args.AccessLogs == nil {
		return nil, nil
	}
	child := b.name + "-logs"
	bucket, err := s3.NewBucketV2(b.ctx, child, &s3.BucketV2Args{
		// Completed by Pulumi, because no two accounts can have a bucket of one name.
		BucketPrefix: pulumi.String(b.args.Name + "-logs-"),
		// Logs of a stack that may be deleted go with it; those of any other
		// have to be emptied by hand first.
		ForceDestroy: pulumi.Bool(!b.args.Protect && !b.args.DeletionProtection),
		Tags:         b.tags(),
	}, b.parent, pulumi.Protect(b.args.Protect))
	if err != nil {
		return nil, fmt.Errorf("create bucket %s: %w", child, err)
	}
	access, err := b.closeBucket(child, bucket)
	if err != nil {
		return nil, err
	}
	if err := b.expire(child, bucket); err != nil {
		return nil, err
	}
	policy, err := s3.NewBucketPolicy(b.ctx, child+"-policy", &s3.BucketPolicyArgs{
		Bucket: bucket.Bucket,
		Policy: pulumi.All(bucket.Arn, b.args.AccountID).ApplyT(func(v []any) (string, error) {
			return logBucketPolicy(v[0].(string), v[1].(string))
		}).(pulumi.StringOutput),
		// S3 refuses concurrent changes of a bucket's policy and public access.
	}, b.parent, pulumi.DependsOn([]pulumi.Resource{access}))
	if err != nil {
		return nil, fmt.Errorf("create bucket policy %s-policy: %w", child, err)
	}
	return &logBucket{bucket: bucket, policy: policy}, nil
}

// closeBucket makes the bucket private, its owner's and encrypted.
func (b *builder) closeBucket(child string, bucket *s3.BucketV2) (*s3.BucketPublicAccessBlock, error) {
	access, err := s3.NewBucketPublicAccessBlock(b.ctx, child+"-public-access", &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket.Bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, b.parent)
	if err != nil {
		return nil, fmt.Errorf("create public access block %s-public-access: %w", child, err)
	}
	_, err = s3.NewBucketOwnershipControls(b.ctx, child+"-ownership", &s3.BucketOwnershipControlsArgs{
		Bucket: bucket.Bucket,
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.parent)
	if err != nil {
		return nil, fmt.Errorf("create ownership controls %s-ownership: %w", child, err)
	}
	// The load balancer can write to no bucket with a KMS key.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
	_, err = s3.NewBucketServerSideEncryptionConfigurationV2(b.ctx, child+"-encryption", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					SseAlgorithm: pulumi.String("AES256"),
				},
			},
		},
	}, b.parent)
	if err != nil {
		return nil, fmt.Errorf("create encryption configuration %s-encryption: %w", child, err)
	}
	return access, nil
}

// expire removes logs after their retention.
func (b *builder) expire(child string, bucket *s3.BucketV2) error {
	_, err := s3.NewBucketLifecycleConfigurationV2(b.ctx, child+"-lifecycle", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.Bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{
			&s3.BucketLifecycleConfigurationV2RuleArgs{
				Id:     pulumi.String("expire"),
				Status: pulumi.String("Enabled"),
				Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(logPrefix)},
				Expiration: &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{
					Days: pulumi.Int(b.args.AccessLogs.RetentionDays),
				},
				AbortIncompleteMultipartUpload: &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
					DaysAfterInitiation: pulumi.Int(1),
				},
			},
		},
	}, b.parent)
	if err != nil {
		return fmt.Errorf("create lifecycle configuration %s-lifecycle: %w", child, err)
	}
	return nil
}
