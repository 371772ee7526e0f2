package bootstrap_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bootstrap"
)

// matching finds a call by its X-Amz-Target, or by S3's method and sub-resource.
func matching(call string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			return target == call
		}
		method, sub, _ := strings.Cut(call, " ")
		if r.Header.Get("Authorization") == "" || r.Method != method || !strings.Contains(r.Header.Get("Authorization"), "/s3/") {
			return false
		}
		root := r.URL.Path == "/"
		switch sub {
		case "":
			return !root && (r.URL.RawQuery == "" || r.URL.RawQuery == "x-id=CreateBucket")
		case "/":
			return root
		}
		return !root && r.URL.Query().Has(strings.TrimPrefix(sub, "?"))
	}
}

// Every call, when it is denied, ends the run with one line that names the
// permission, and a run with it goes on.
func TestDenied(t *testing.T) {
	for call, permission := range map[string]string{
		"TrentService.DescribeKey": "kms:DescribeKey", "TrentService.ListKeys": "kms:ListKeys", "TrentService.CreateKey": "kms:CreateKey",
		"TrentService.CreateAlias": "kms:CreateAlias", "TrentService.GetKeyRotationStatus": "kms:GetKeyRotationStatus",
		"TrentService.EnableKeyRotation": "kms:EnableKeyRotation", "TrentService.GetKeyPolicy": "kms:GetKeyPolicy",
		"TrentService.ListResourceTags": "kms:ListResourceTags",
		"PUT":                           "s3:CreateBucket",
		"GET ?tagging":                  "s3:GetBucketTagging", "PUT ?tagging": "s3:PutBucketTagging",
		"GET ?publicAccessBlock": "s3:GetBucketPublicAccessBlock", "PUT ?publicAccessBlock": "s3:PutBucketPublicAccessBlock",
		"GET ?encryption": "s3:GetEncryptionConfiguration", "PUT ?encryption": "s3:PutEncryptionConfiguration",
		"GET ?versioning": "s3:GetBucketVersioning", "PUT ?versioning": "s3:PutBucketVersioning",
		"GET ?lifecycle": "s3:GetLifecycleConfiguration", "PUT ?lifecycle": "s3:PutLifecycleConfiguration",
		"GET ?ownershipControls": "s3:GetBucketOwnershipControls",
		"GET ?policy":            "s3:GetBucketPolicy", "PUT ?policy": "s3:PutBucketPolicy",
	} {
		t.Run(call, func(t *testing.T) {
			e, o := emulate(t), options(t)
			e.deny = matching(call)
			_, err := bootstrap.Account(ctx, e.config, o)
			require.ErrorContains(t, err, "the permission "+permission+" is missing")
			assert.ErrorContains(t, err, "arn:aws:sts::123456789012:user/moto may not call ")
			assert.NotContains(t, err.Error(), "\n")
			assert.Contains(t, bootstrap.Actions(), permission)
			e.deny = nil
			account1(t, e, o)
			e.assertBucket(t, bucket, e.key(t))
		})
	}
}

// A HEAD request's answer has no body, so S3's denial does not say whether the
// bucket is another's.
func TestABucketOutOfReach(t *testing.T) {
	e, o := emulate(t), options(t)
	account1(t, e, o)
	e.deny = matching("HEAD")
	_, err := bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "the permission s3:ListBucket is missing")
	e.deny = func(r *http.Request) bool { return matching("HEAD")(r) || matching("GET /")(r) }
	_, err = bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "either it belongs to another account than 123456789012")
	assert.ErrorContains(t, err, "s3:ListAllMyBuckets")
}

// in makes a bucket, in an account and region.
func in(t *testing.T, c aws.Config, name, where string) {
	t.Helper()
	c.Region = where
	_, err := s3.NewFromConfig(c).CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: aws.String(name), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(where)},
	})
	require.NoError(t, err)
}

func (e *emulated) put(name, key string) {
	e.t.Helper()
	_, err := e.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(name), Key: aws.String(key), Body: strings.NewReader("x")})
	require.NoError(e.t, err)
}

func (e *emulated) tag(name, value string) {
	e.t.Helper()
	_, err := e.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: aws.String(name), Tagging: &s3types.Tagging{
		TagSet: []s3types.Tag{{Key: aws.String("evenkeel:purpose"), Value: aws.String(value)}},
	}})
	require.NoError(e.t, err)
}

// refuses asserts that a bucket is refused and left alone.
func (e *emulated) refuses(o bootstrap.Options, name, want string) {
	e.t.Helper()
	o.Bucket = name
	before := len(e.recorded())
	_, err := bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(e.t, err, want)
	for _, call := range writes(e.recorded()[before:]) {
		assert.NotContains(e.t, call, "s3:")
	}
}

func TestBucketsElsewhere(t *testing.T) {
	e, o := emulate(t), options(t)
	in(t, e.other(), "theirs", region)
	e.config = e.as("AKIDEXAMPLE", "secret", "")
	// Moto lets every account read every bucket; S3 answers so.
	e.deny = func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/theirs") }
	e.refuses(o, "theirs", "the bucket theirs belongs to another account than 123456789012: set evenkeel:pipeline.stateBucket to another name")

	e.deny = nil
	in(t, e.config, "elsewhere", "us-west-2")
	e.refuses(o, "elsewhere", "the bucket elsewhere is in us-west-2, want it in eu-west-1")
	e.refuses(o, "No_Bucket", `evenkeel:pipeline.stateBucket: is "No_Bucket", want 3 to 63 lower-case letters`)
}

func TestBucketsForSomethingElse(t *testing.T) {
	e, o := emulate(t), options(t)
	for _, name := range []string{"in-use", "other-purpose", "somebodys-states"} {
		in(t, e.config, name, region)
	}
	e.put("in-use", "invoices/1.pdf")
	e.refuses(o, "in-use", "it has no tag evenkeel:purpose=pulumi-state and holds invoices/")
	e.tag("other-purpose", "logs")
	e.refuses(o, "other-purpose", `the bucket other-purpose is for something else: its tag evenkeel:purpose is "logs"`)
	e.put("somebodys-states", ".pulumi/meta.yaml")
	e.refuses(o, "somebodys-states", "is not ours")

	e.tag("somebodys-states", "pulumi-state")
	o.Bucket = "somebodys-states"
	assert.Equal(t, bootstrap.Mended, steps(account1(t, e, o))["bucket"], "the tag says that it is meant")
	e.assertBucket(t, "somebodys-states", e.key(t))
}

func TestWrongAccount(t *testing.T) {
	e, o := emulate(t), options(t)
	o.AccountIDs = []string{"111122223333", "444455556666"}
	_, err := bootstrap.Account(ctx, e.config, o)
	require.EqualError(t, err, "the credentials are for account 123456789012 (arn:aws:sts::123456789012:user/moto), "+
		"want one of evenkeel:aws.accountIds of Pulumi.dev.yaml (111122223333, 444455556666): set AWS_PROFILE to another profile, or sign in elsewhere")
	assert.Equal(t, []string{"sts:GetCallerIdentity"}, e.recorded())

	o.AccountIDs = nil
	r := account1(t, e, o)
	assert.Equal(t, []string{"evenkeel:aws.accountIds is not set, so any account is accepted: set it to 123456789012"}, notes(r, "account"))
}

// The emulator plays no root user, so this answer is written by hand.
func TestTheRootUserIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	defer server.Close()
	_, err := bootstrap.Account(ctx, aws.Config{
		Region: region, BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, options(t))
	require.ErrorContains(t, err, "root user of account 123456789012")
	assert.ErrorContains(t, err, "IAM Identity Center")
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	e, o := emulate(t), options(t)
	account1(t, e, o)
	_, name, _ := strings.Cut(e.key(t), "/")
	id := aws.String(name)
	_, err := e.kms.DisableKey(ctx, &kms.DisableKeyInput{KeyId: id})
	require.NoError(t, err)
	_, err = bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "is disabled: `aws kms enable-key --key-id ")
	_, err = e.kms.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: id})
	require.NoError(t, err)
	_, err = bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "`aws kms cancel-key-deletion --key-id ")

	e = emulate(t)
	signing, err := e.kms.CreateKey(ctx, &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeSignVerify, KeySpec: kmstypes.KeySpecRsa2048})
	require.NoError(t, err)
	o.KeyARN = aws.ToString(signing.KeyMetadata.Arn)
	_, err = bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "evenkeel:pipeline.stateKeyArn: the key ")
	require.ErrorContains(t, err, "is for SIGN_VERIFY (RSA_2048), want a symmetric one for ENCRYPT_DECRYPT")
	o.KeyARN = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
	_, err = bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "evenkeel:pipeline.stateKeyArn: there is no key arn:aws:kms:")
}

func TestAConfiguredKey(t *testing.T) {
	e, o := emulate(t), options(t)
	theirs, err := e.kms.CreateKey(ctx, &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt})
	require.NoError(t, err)
	o.KeyARN = aws.ToString(theirs.KeyMetadata.Arn)
	before := len(e.recorded())
	r := account1(t, e, o)
	assert.Equal(t, "awskms:///"+o.KeyARN+"?region=eu-west-1", r.SecretsProvider)
	for _, call := range writes(e.recorded()[before:]) {
		assert.NotContains(t, call, "kms:", "the key is theirs")
	}
	e.assertBucket(t, bucket, o.KeyARN)

	e, o = emulate(t), options(t)
	account1(t, e, o)
	o.KeyARN = e.key(t)
	r = account1(t, e, o)
	assert.Equal(t, "awskms://alias/evenkeel-state?region=eu-west-1", r.SecretsProvider, "our own key stays ours when the configuration names it")
}

// Whatever is called is in the list of permissions that the docs have.
func TestEveryCallHasItsPermission(t *testing.T) {
	e, o := emulate(t), options(t)
	account1(t, e, o)
	account1(t, e, o)
	_, _, err := bootstrap.Adopted(ctx, e.config, named(t))
	require.NoError(t, err)
	service := map[string]string{"s3": "S3", "kms": "KMS", "sts": "STS", "iam": "IAM"}
	for _, name := range e.recorded() {
		s, action, _ := strings.Cut(name, ":")
		assert.Contains(t, bootstrap.Permissions[service[s]], action)
	}
}

// A bucket by our own name that has lost its tag is still ours while it holds
// a state and nothing else.
func TestALostTag(t *testing.T) {
	e, o := emulate(t), options(t)
	account1(t, e, o)
	tagged := e.tagsOf(t, bucket)
	lose := func(key string) {
		_, err := e.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader("x")})
		require.NoError(t, err)
		_, err = e.s3.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: aws.String(bucket)})
		require.NoError(t, err)
	}
	lose(".pulumi/meta.yaml")
	assert.Equal(t, []string{"tags put right"}, notes(account1(t, e, o), "bucket"))
	assert.Equal(t, tagged, e.tagsOf(t, bucket))
	lose("invoices/1.pdf")
	_, err := bootstrap.Account(ctx, e.config, o)
	require.ErrorContains(t, err, "is not ours: it has no tag evenkeel:purpose=pulumi-state and holds ")
}
