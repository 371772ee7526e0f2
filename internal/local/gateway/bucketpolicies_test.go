package gateway_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABucketsPolicyRefusesNothingByItsConditions(t *testing.T) {
	e := overMoto(t)
	client := s3.NewFromConfig(e.config(), func(o *s3.Options) { o.Region = "us-east-1" })
	ctx, name := context.Background(), aws.String("with-a-policy")
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name})
	require.NoError(t, err)
	const tls = `{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::with-a-policy/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	const locked = `{"Sid":"Locked","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::with-a-policy/locked/*"}`
	put := func(key string) error {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String(key), Body: strings.NewReader("x")})
		return err
	}
	for _, statements := range []string{tls, "[" + tls + "]", "[" + tls + "," + locked + "]"} {
		policy := `{"Version":"2012-10-17","Statement":` + statements + `}`
		_, err = client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: &policy})
		require.NoError(t, err)
		out, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
		require.NoError(t, err)
		assert.Equal(t, policy, aws.ToString(out.Policy))
		require.NoError(t, put("open"))
	}
	require.Error(t, put("locked/a"), "what moto understands holds")

	_, err = client.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: name})
	require.NoError(t, err)
	_, err = client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	require.ErrorContains(t, err, "NoSuchBucketPolicy")
	_, err = client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("not-there"), Policy: aws.String(`{"Statement":[` + tls + `]}`)})
	require.ErrorContains(t, err, "NoSuchBucket")
}
