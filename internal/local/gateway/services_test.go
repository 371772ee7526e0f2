package gateway_test

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func TestStateMachineDefinition(t *testing.T) {
	e := overMoto(t)
	client := sfn.NewFromConfig(e.config())
	tests := map[string]struct {
		definition string
		want       sfntypes.ValidateStateMachineDefinitionResultCode
	}{
		"good":          {`{"StartAt":"a","States":{"a":{"Type":"Succeed"}}}`, sfntypes.ValidateStateMachineDefinitionResultCodeOk},
		"unknown start": {`{"StartAt":"b","States":{"a":{"Type":"Succeed"}}}`, sfntypes.ValidateStateMachineDefinitionResultCodeFail},
		"no JSON":       {`StartAt: a`, sfntypes.ValidateStateMachineDefinitionResultCodeFail},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := client.ValidateStateMachineDefinition(t.Context(), &sfn.ValidateStateMachineDefinitionInput{Definition: &tt.definition})
			require.NoError(t, err)
			assert.Equal(t, tt.want, out.Result)
			assert.Equal(t, tt.want == sfntypes.ValidateStateMachineDefinitionResultCodeFail, len(out.Diagnostics) == 1)
		})
	}
	versions, err := client.ListStateMachineVersions(t.Context(), &sfn.ListStateMachineVersionsInput{
		StateMachineArn: aws.String("arn:aws:states:eu-west-1:123456789012:stateMachine:m"),
	})
	require.NoError(t, err)
	assert.Empty(t, versions.StateMachineVersions)
}

func TestLoadBalancerIsActiveAtOnce(t *testing.T) {
	e := overMoto(t)
	subnets := query(t, e, "ec2", "2016-11-15", "DescribeSubnets", url.Values{})
	parts := strings.Split(subnets, "<subnetId>")
	require.Greater(t, len(parts), 2, "the default VPC has subnets")
	first, _, _ := strings.Cut(parts[1], "<")
	second, _, _ := strings.Cut(parts[2], "<")
	client := elasticloadbalancingv2.NewFromConfig(e.config())
	out, err := client.CreateLoadBalancer(t.Context(), &elasticloadbalancingv2.CreateLoadBalancerInput{
		Name: aws.String("active-at-once"), Subnets: []string{first, second},
	})
	require.NoError(t, err)
	require.Len(t, out.LoadBalancers, 1)
	assert.Equal(t, elbtypes.LoadBalancerStateEnumActive, out.LoadBalancers[0].State.Code)
	assert.True(t, e.last(t, "elasticloadbalancing:CreateLoadBalancer").Completed)
}

func TestS3ObjectsStreamThrough(t *testing.T) {
	e := overMoto(t)
	client := s3.NewFromConfig(e.config())
	ctx, bucket := t.Context(), unique(t)
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	require.NoError(t, err)
	assert.Equal(t, "/"+bucket, strings.TrimSuffix(e.last(t, "s3:CreateBucket").Path, "/"))

	content := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	for name, key := range map[string]string{"plain": "a", "odd key": "dir/a b+c%2Fd/ü&=?.txt"} {
		t.Run(name, func(t *testing.T) {
			// A body that cannot seek is sent without its hash.
			_, err := client.PutObject(ctx, &s3.PutObjectInput{
				Bucket: &bucket, Key: &key, Body: io.MultiReader(bytes.NewReader(content)), ContentLength: aws.Int64(int64(len(content))),
			}, s3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware))
			require.NoError(t, err)
			out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
			require.NoError(t, err)
			defer out.Body.Close()
			got, err := io.ReadAll(out.Body)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(content, got), "content of %d bytes came back as %d bytes", len(content), len(got))
			assert.Nil(t, e.last(t, "s3:PutObject").Parameters, "an object's content is not recorded")
		})
	}
}

func TestS3SubResources(t *testing.T) {
	e := overMoto(t)
	client := s3.NewFromConfig(e.config())
	ctx, bucket := t.Context(), unique(t)
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	require.NoError(t, err)
	payer, err := client.GetBucketRequestPayment(ctx, &s3.GetBucketRequestPaymentInput{Bucket: &bucket})
	require.NoError(t, err)
	assert.Equal(t, s3types.PayerBucketOwner, payer.Payer)
	_, err = client.PutBucketRequestPayment(ctx, &s3.PutBucketRequestPaymentInput{
		Bucket: &bucket, RequestPaymentConfiguration: &s3types.RequestPaymentConfiguration{Payer: s3types.PayerRequester},
	})
	require.NoError(t, err)
	payer, err = client.GetBucketRequestPayment(ctx, &s3.GetBucketRequestPaymentInput{Bucket: &bucket})
	require.NoError(t, err)
	assert.Equal(t, s3types.PayerRequester, payer.Payer)

	_, err = client.DeleteBucketMetricsConfiguration(quick(t), &s3.DeleteBucketMetricsConfigurationInput{Bucket: &bucket, Id: aws.String("x")})
	require.ErrorContains(t, err, gateway.CodeNotImplemented)
	_, err = client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	require.NoError(t, err, "the bucket must still be there")

	_, err = client.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256},
		}}},
	})
	require.NoError(t, err)
	assert.Contains(t, e.last(t, "s3:PutBucketEncryption").Parameters, "<SSEAlgorithm>AES256</SSEAlgorithm>")
	_, err = client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
	require.Error(t, err)
	assert.Equal(t, "NoSuchBucketPolicy", e.last(t, "s3:GetBucketPolicy").Error)
	assert.Equal(t, gateway.AnsweredByMoto, e.last(t, "s3:GetBucketPolicy").AnsweredBy)
}

func TestSecretsStayOutOfTheRecord(t *testing.T) {
	e := overMoto(t)
	ctx, name := t.Context(), unique(t)
	const value = "hunter2-do-not-record"
	_, err := secretsmanager.NewFromConfig(e.config()).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String(value)})
	require.NoError(t, err)
	keys := kms.NewFromConfig(e.config())
	key, err := keys.CreateKey(ctx, &kms.CreateKeyInput{})
	require.NoError(t, err)
	_, err = keys.Encrypt(ctx, &kms.EncryptInput{KeyId: key.KeyMetadata.KeyId, Plaintext: []byte(value)})
	require.NoError(t, err)

	created, ok := e.last(t, "secretsmanager:CreateSecret").Parameters.(map[string]any)
	require.True(t, ok)
	assert.Equal(t, name, created["Name"])
	assert.Equal(t, "[secret]", created["SecretString"])
	encrypted, ok := e.last(t, "kms:Encrypt").Parameters.(map[string]any)
	require.True(t, ok)
	assert.Equal(t, "[secret]", encrypted["Plaintext"])
}

func TestPlainCallsGoThrough(t *testing.T) {
	e := overMoto(t)
	who, err := sts.NewFromConfig(e.config()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	assert.Equal(t, account, *who.Account)
	call := e.last(t, "sts:GetCallerIdentity")
	assert.Equal(t, "AKIDEXAMPLE", call.AccessKeyID)
	assert.Equal(t, "eu-west-1", call.Region)
	assert.Equal(t, gateway.AnsweredByMoto, call.AnsweredBy)
	assert.False(t, call.Completed)
	assert.Positive(t, call.DurationMS)

	name := unique(t)
	made, err := ecr.NewFromConfig(e.config()).CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &name})
	require.NoError(t, err)
	assert.Contains(t, *made.Repository.RepositoryUri, name)
}
