package ingress_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/pulumitest"
)

func TestLogBucketIsClosed(t *testing.T) {
	regs := run(t, full())
	const bucket = "${aws:s3/bucketV2:BucketV2::ingress-logs.bucket}"
	assert.Equal(t, map[string]any{
		"bucket": bucket, "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
	}, pulumitest.Find(t, regs, accessType, "ingress-logs-public-access").Plain())
	assert.Equal(t, map[string]any{
		"bucket": bucket, "rule": map[string]any{"objectOwnership": "BucketOwnerEnforced"},
	}, pulumitest.Find(t, regs, ownershipType, "ingress-logs-ownership").Plain())
	assert.Equal(t, map[string]any{
		"bucket": bucket,
		"rules":  []any{map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}},
	}, pulumitest.Find(t, regs, encryptionType, "ingress-logs-encryption").Plain())
	assert.Equal(t, map[string]any{
		"bucket": bucket,
		"rules": []any{map[string]any{
			"id": "expire", "status": "Enabled", "filter": map[string]any{"prefix": "AWSLogs/"},
			"expiration":                     map[string]any{"days": 90.0},
			"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 1.0},
		}},
	}, pulumitest.Find(t, regs, lifecycleType, "ingress-logs-lifecycle").Plain())
}

func TestLogsAreOnlyDestroyedWithStacksThatMayBeDeleted(t *testing.T) {
	for name, tc := range map[string]struct {
		deletionProtection, protect, want bool
	}{
		"nothing protects":    {want: true},
		"AWS protects":        {deletionProtection: true},
		"Pulumi protects":     {protect: true},
		"AWS and Pulumi both": {deletionProtection: true, protect: true},
	} {
		t.Run(name, func(t *testing.T) {
			args := full()
			args.DeletionProtection, args.Protect = tc.deletionProtection, tc.protect
			assert.Equal(t, tc.want, inputs(t, args, bucketType, "ingress-logs")["forceDestroy"])
		})
	}
}

func bucketPolicy(t *testing.T) pulumitest.Registration {
	t.Helper()
	return pulumitest.Find(t, run(t, full()), policyType, "ingress-logs-policy")
}

func TestBucketPolicyStatements(t *testing.T) {
	const bucket = "${aws:s3/bucketV2:BucketV2::ingress-logs.arn}"
	assert.Equal(t, map[string]pulumitest.Statement{
		// Other accounts' load balancers write below their own number.
		"LoadBalancerLogDelivery": {
			Sid: "LoadBalancerLogDelivery", Effect: "Allow",
			Principal: map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}},
			Action:    []string{"s3:PutObject"},
			Resource:  []string{bucket + "/AWSLogs/111122223333/*"},
		},
		"DenyWithoutTLS": {
			Sid: "DenyWithoutTLS", Effect: "Deny",
			Principal: map[string][]string{"AWS": {"*"}},
			Action:    []string{"s3:*"},
			Resource:  []string{bucket, bucket + "/*"},
			Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		},
	}, pulumitest.Policy(t, bucketPolicy(t), "policy"))
}

func TestBucketPolicyGolden(t *testing.T) {
	pulumitest.GoldenJSON(t, "testdata/bucket-policy.json", pulumitest.Text(t, bucketPolicy(t), "policy"))
}
