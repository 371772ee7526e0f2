package bootstrap_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bootstrap"
)

var ctx = context.Background()

const bucket = "evenkeel-state-123456789012-eu-west-1"

// steps are the report's, as name:status.
func steps(r *bootstrap.Report) map[string]bootstrap.Status {
	out := map[string]bootstrap.Status{}
	for _, s := range r.Steps {
		out[s.Name] = s.Status
	}
	return out
}

func notes(r *bootstrap.Report, name string) []string {
	for _, s := range r.Steps {
		if s.Name == name {
			return s.Notes
		}
	}
	return nil
}

func account1(t *testing.T, e *emulated, o bootstrap.Options) *bootstrap.Report {
	t.Helper()
	r, err := bootstrap.Account(ctx, e.config, o)
	require.NoError(t, err)
	return r
}

// writes are the recorded calls that change something.
func writes(calls []string) []string {
	return slices.DeleteFunc(slices.Clone(calls), func(name string) bool {
		_, action, _ := strings.Cut(name, ":")
		for _, read := range []string{"Get", "List", "Describe", "Head"} {
			if strings.HasPrefix(action, read) {
				return true
			}
		}
		return false
	})
}

func TestAnEmptyAccount(t *testing.T) {
	e, o := emulate(t), options(t)
	first := account1(t, e, o)
	assert.Equal(t, map[string]bootstrap.Status{"account": bootstrap.There, "key": bootstrap.Made, "bucket": bootstrap.Made}, steps(first))
	assert.Equal(t, "s3://"+bucket+"?region=eu-west-1&awssdk=v2", first.Backend)
	assert.Equal(t, "awskms://alias/evenkeel-state?region=eu-west-1", first.SecretsProvider)
	key := e.key(t)
	e.assertBucket(t, bucket, key)

	made := e.recorded()
	second := account1(t, e, o)
	assert.Equal(t, map[string]bootstrap.Status{"account": bootstrap.There, "key": bootstrap.There, "bucket": bootstrap.There}, steps(second))
	assert.Empty(t, writes(e.recorded()[len(made):]), "a second run changes nothing")
	keys, err := e.kms.ListKeys(ctx, &kms.ListKeysInput{})
	require.NoError(t, err)
	assert.Len(t, keys.Keys, 1)
}

// key asserts what the key is like, and returns its ARN.
func (e *emulated) key(t *testing.T) string {
	t.Helper()
	out, err := e.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(bootstrap.Alias)})
	require.NoError(t, err)
	arn := out.KeyMetadata.Arn
	rotation, err := e.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: arn})
	require.NoError(t, err)
	assert.True(t, rotation.KeyRotationEnabled)
	policy, err := e.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: arn, PolicyName: aws.String("default")})
	require.NoError(t, err)
	want, err := bootstrap.KeyPolicy(account, region).JSON()
	require.NoError(t, err)
	assert.JSONEq(t, want, aws.ToString(policy.Policy))
	tags, err := e.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: arn})
	require.NoError(t, err)
	assert.ElementsMatch(t, []kmstypes.Tag{
		{TagKey: aws.String("Team"), TagValue: aws.String("payments")},
		{TagKey: aws.String("evenkeel:purpose"), TagValue: aws.String("pulumi-state")},
	}, tags.Tags)
	return aws.ToString(arn)
}

// assertBucket asks S3 for every setting.
func (e *emulated) assertBucket(t *testing.T, name, key string) {
	t.Helper()
	at := aws.String(name)
	versioning, err := e.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: at})
	require.NoError(t, err)
	assert.Equal(t, s3types.BucketVersioningStatusEnabled, versioning.Status)

	encryption, err := e.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: at})
	require.NoError(t, err)
	rule := encryption.ServerSideEncryptionConfiguration.Rules[0]
	assert.True(t, aws.ToBool(rule.BucketKeyEnabled))
	assert.Equal(t, s3types.ServerSideEncryptionAwsKms, rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm)
	assert.Equal(t, key, aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID))

	public, err := e.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: at})
	require.NoError(t, err)
	yes := aws.Bool(true)
	assert.Equal(t, &s3types.PublicAccessBlockConfiguration{BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes},
		public.PublicAccessBlockConfiguration)

	owner, err := e.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: at})
	require.NoError(t, err)
	assert.Equal(t, s3types.ObjectOwnershipBucketOwnerEnforced, owner.OwnershipControls.Rules[0].ObjectOwnership)

	lifecycle, err := e.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: at})
	require.NoError(t, err)
	i := slices.IndexFunc(lifecycle.Rules, func(r s3types.LifecycleRule) bool { return aws.ToString(r.ID) == "evenkeel-state" })
	require.GreaterOrEqual(t, i, 0)
	assert.EqualValues(t, 90, aws.ToInt32(lifecycle.Rules[i].NoncurrentVersionExpiration.NoncurrentDays))
	assert.EqualValues(t, 7, aws.ToInt32(lifecycle.Rules[i].AbortIncompleteMultipartUpload.DaysAfterInitiation))

	location, err := e.s3.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: at})
	require.NoError(t, err)
	assert.EqualValues(t, region, location.LocationConstraint)

	assert.Subset(t, e.policyOf(t, name), []string{"DenyWithoutTLS", "DenyOtherAccounts"})
	assert.Equal(t, "pulumi-state", e.tagsOf(t, name)["evenkeel:purpose"])
}

// policyOf are the Sids of a bucket's policy.
func (e *emulated) policyOf(t *testing.T, name string) []string {
	t.Helper()
	out, err := e.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String(name)})
	require.NoError(t, err)
	var doc struct{ Statement []struct{ Sid string } }
	require.NoError(t, json.Unmarshal([]byte(aws.ToString(out.Policy)), &doc))
	var sids []string
	for _, s := range doc.Statement {
		sids = append(sids, s.Sid)
	}
	return sids
}

func (e *emulated) tagsOf(t *testing.T, name string) map[string]string {
	t.Helper()
	out, err := e.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(name)})
	require.NoError(t, err)
	tags := map[string]string{}
	for _, tag := range out.TagSet {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}

// Each way in which a bucket or key can drift is seen by a check, which changes
// nothing, and put right by a run. What somebody has added stays.
func TestDrift(t *testing.T) {
	name := aws.String(bucket)
	for drifted, drift := range map[string]func(e *emulated) error{
		"bucket: versioning": func(e *emulated) error {
			_, err := e.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusSuspended}})
			return err
		},
		"bucket: encryption": func(e *emulated) error {
			_, err := e.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
				Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256}}},
			}})
			return err
		},
		"bucket: public access block": func(e *emulated) error {
			_, err := e.s3.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: name})
			return err
		},
		"bucket: ownership": func(e *emulated) error {
			_, err := e.s3.DeleteBucketOwnershipControls(ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: name})
			return err
		},
		"bucket: lifecycle": func(e *emulated) error {
			_, err := e.s3.DeleteBucketLifecycle(ctx, &s3.DeleteBucketLifecycleInput{Bucket: name})
			return err
		},
		"bucket: policy": func(e *emulated) error {
			_, err := e.s3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: name})
			return err
		},
		"bucket: tags": func(e *emulated) error {
			_, err := e.s3.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: name})
			return err
		},
		"key: rotation": func(e *emulated) error {
			_, err := e.kms.DisableKeyRotation(ctx, &kms.DisableKeyRotationInput{KeyId: aws.String(e.key(e.t))})
			return err
		},
		"key: policy": func(e *emulated) error {
			_, err := e.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: aws.String(e.key(e.t)), PolicyName: aws.String("default"), Policy: aws.String(
				`{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}`)})
			return err
		},
		"key: tags": func(e *emulated) error {
			_, err := e.kms.UntagResource(ctx, &kms.UntagResourceInput{KeyId: aws.String(e.key(e.t)), TagKeys: []string{"evenkeel:purpose"}})
			return err
		},
	} {
		t.Run(drifted, func(t *testing.T) {
			e, o := emulate(t), options(t)
			account1(t, e, o)
			require.NoError(t, drift(e))
			step, setting, _ := strings.Cut(drifted, ": ")

			before := len(e.recorded())
			o.Check = true
			r := account1(t, e, o)
			assert.Equal(t, bootstrap.Differs, steps(r)[step])
			assert.Equal(t, []string{setting + " would be put right"}, notes(r, step))
			assert.Empty(t, writes(e.recorded()[before:]), "a check changes nothing")

			o.Check = false
			r = account1(t, e, o)
			assert.Equal(t, bootstrap.Mended, steps(r)[step])
			assert.Equal(t, []string{setting + " put right"}, notes(r, step))
			e.assertBucket(t, bucket, e.key(t))
			assert.Equal(t, bootstrap.There, steps(account1(t, e, o))[step])
		})
	}
}

func TestWhatSomebodyHasAddedStays(t *testing.T) {
	e, o := emulate(t), options(t)
	account1(t, e, o)
	name := aws.String(bucket)
	_, err := e.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::` + bucket + `"}}`)})
	require.NoError(t, err)
	_, err = e.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: name, LifecycleConfiguration: &s3types.BucketLifecycleConfiguration{
		Rules: []s3types.LifecycleRule{{
			ID: aws.String("theirs"), Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String("tmp/")},
			Expiration: &s3types.LifecycleExpiration{Days: aws.Int32(1)},
		}},
	}})
	require.NoError(t, err)
	_, err = e.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: name, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("Team"), Value: aws.String("platform")}}}})
	require.NoError(t, err)

	r := account1(t, e, o)
	assert.Equal(t, []string{"tags put right", "lifecycle put right", "policy put right"}, notes(r, "bucket"))
	assert.ElementsMatch(t, []string{"DenyWithoutTLS", "DenyOtherAccounts", "Theirs"}, e.policyOf(t, bucket))
	lifecycle, err := e.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: name})
	require.NoError(t, err)
	assert.Len(t, lifecycle.Rules, 2)
	assert.Equal(t, map[string]string{"Team": "platform", "evenkeel:purpose": "pulumi-state"}, e.tagsOf(t, bucket))
	assert.Equal(t, bootstrap.There, steps(account1(t, e, o))["bucket"])
}

func TestCheckOfAnEmptyAccount(t *testing.T) {
	e, o := emulate(t), options(t)
	o.Check = true
	r, err := bootstrap.Run(ctx, e.config, o)
	require.NoError(t, err)
	assert.Equal(t, map[string]bootstrap.Status{
		"account": bootstrap.There, "key": bootstrap.Missing, "bucket": bootstrap.Missing, "stack": bootstrap.Missing, "update": bootstrap.Missing,
	}, steps(r))
	assert.False(t, r.Complete)
	assert.Empty(t, writes(e.recorded()))

	o.Check = false
	account1(t, e, o)
	o.Check = true
	before := len(e.recorded())
	r, err = bootstrap.Run(ctx, e.config, o)
	require.NoError(t, err)
	assert.Equal(t, bootstrap.There, steps(r)["bucket"])
	assert.Equal(t, bootstrap.Missing, steps(r)["stack"])
	assert.Empty(t, writes(e.recorded()[before:]))
	var text bytes.Buffer
	require.NoError(t, r.WriteText(&text))
	assert.Regexp(t, `(?m)^stack +missing +dev in s3://`+bucket, text.String())
}

// A state whose key nobody finds any more cannot be read; a check says so and
// does not try.
func TestCheckWithoutTheKey(t *testing.T) {
	e, o := emulate(t), options(t)
	account1(t, e, o)
	e.put(bucket, ".pulumi/stacks/evenkeel/dev.json")
	_, err := e.kms.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String(bootstrap.Alias)})
	require.NoError(t, err)
	o.Check = true
	before := len(e.recorded())
	r, err := bootstrap.Run(ctx, e.config, o)
	require.NoError(t, err)
	assert.Equal(t, map[string]bootstrap.Status{
		"account": bootstrap.There, "key": bootstrap.Missing, "bucket": bootstrap.Differs, "stack": bootstrap.Differs,
	}, steps(r))
	assert.Contains(t, notes(r, "stack"), "it cannot be read: the key of its secrets is missing")
	assert.False(t, r.Complete)
	assert.Empty(t, writes(e.recorded()[before:]))
}

// us-east-1 is the one region whose name S3 does not take as a location.
func TestUSEast1(t *testing.T) {
	e, o := emulate(t), options(t)
	o.Region, e.config.Region = "us-east-1", "us-east-1"
	assert.Equal(t, bootstrap.Made, steps(account1(t, e, o))["bucket"])
	assert.Equal(t, bootstrap.There, steps(account1(t, e, o))["bucket"])
	location, err := s3.NewFromConfig(e.config).GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: aws.String("evenkeel-state-123456789012-us-east-1")})
	require.NoError(t, err)
	assert.Empty(t, location.LocationConstraint)
}

func TestAnInterruptedRunIsFinished(t *testing.T) {
	e, o := emulate(t), options(t)
	for _, at := range []string{"TrentService.CreateAlias", "PUT ?tagging", "PUT ?policy"} {
		e.deny = matching(at)
		_, err := bootstrap.Account(ctx, e.config, o)
		require.Error(t, err, at)
	}
	e.deny = nil
	r := account1(t, e, o)
	assert.Equal(t, bootstrap.Mended, steps(r)["bucket"])
	e.assertBucket(t, bucket, e.key(t))
	keys, err := e.kms.ListKeys(ctx, &kms.ListKeysInput{})
	require.NoError(t, err)
	assert.Len(t, keys.Keys, 1, "no second key that nobody knows of")
}
