package ingress_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
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

type statement struct {
	Sid, Effect      string
	Principal        map[string][]string
	Action, Resource []string
	Condition        map[string]map[string][]string
}

func bucketPolicy(t *testing.T) string {
	t.Helper()
	text, ok := inputs(t, full(), policyType, "ingress-logs-policy")["policy"].(string)
	require.True(t, ok, "the policy must be a plain text")
	return text
}

func TestBucketPolicyStatements(t *testing.T) {
	var doc struct{ Statement []statement }
	require.NoError(t, json.Unmarshal([]byte(bucketPolicy(t)), &doc))
	require.Len(t, doc.Statement, 2)
	const bucket = "${aws:s3/bucketV2:BucketV2::ingress-logs.arn}"
	assert.Equal(t, statement{
		Sid: "LoadBalancerLogDelivery", Effect: "Allow",
		Principal: map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}},
		Action:    []string{"s3:PutObject"},
		Resource:  []string{bucket + "/AWSLogs/111122223333/*"},
	}, doc.Statement[0], "other accounts' load balancers write below their own number")
	assert.Equal(t, statement{
		Sid: "TLSOnly", Effect: "Deny",
		Principal: map[string][]string{"AWS": {"*"}},
		Action:    []string{"s3:*"},
		Resource:  []string{bucket, bucket + "/*"},
		Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
	}, doc.Statement[1])
	for _, s := range doc.Statement {
		if s.Effect == "Allow" {
			assert.NotContains(t, s.Principal, "AWS", "%s: nobody but the service may write", s.Sid)
			assert.NotContains(t, strings.Join(append(s.Action, s.Resource...), " ")+" ", ":* ", "%s: wildcard", s.Sid)
		}
	}
}

func TestBucketPolicyGolden(t *testing.T) {
	var doc any
	require.NoError(t, json.Unmarshal([]byte(bucketPolicy(t)), &doc))
	readable, err := json.MarshalIndent(doc, "", "  ")
	require.NoError(t, err)
	golden.Equal(t, "testdata/bucket-policy.json", string(readable)+"\n")
}
