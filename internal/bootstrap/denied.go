package bootstrap

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// permissions maps each AWS operation that this package calls to the IAM action
// that it needs, where the two have different names.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
var permissions = map[string]map[string]string{
	"STS": {"GetCallerIdentity": "sts:GetCallerIdentity"},
	"IAM": {"GetOpenIDConnectProvider": "iam:GetOpenIDConnectProvider"},
	"KMS": {
		"DescribeKey": "kms:DescribeKey", "ListKeys": "kms:ListKeys",
		"ListResourceTags": "kms:ListResourceTags", "CreateKey": "kms:CreateKey", "CreateAlias": "kms:CreateAlias",
		"GetKeyPolicy": "kms:GetKeyPolicy", "PutKeyPolicy": "kms:PutKeyPolicy", "TagResource": "kms:TagResource",
		"GetKeyRotationStatus": "kms:GetKeyRotationStatus", "EnableKeyRotation": "kms:EnableKeyRotation",
	},
	"S3": {
		"HeadBucket": "s3:ListBucket", "ListObjectsV2": "s3:ListBucket", "ListBuckets": "s3:ListAllMyBuckets",
		"CreateBucket":     "s3:CreateBucket",
		"GetBucketTagging": "s3:GetBucketTagging", "PutBucketTagging": "s3:PutBucketTagging",
		"GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock", "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
		"GetBucketOwnershipControls": "s3:GetBucketOwnershipControls", "PutBucketOwnershipControls": "s3:PutBucketOwnershipControls",
		"GetBucketEncryption": "s3:GetEncryptionConfiguration", "PutBucketEncryption": "s3:PutEncryptionConfiguration",
		"GetBucketVersioning": "s3:GetBucketVersioning", "PutBucketVersioning": "s3:PutBucketVersioning",
		"GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration", "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
		"GetBucketPolicy": "s3:GetBucketPolicy", "PutBucketPolicy": "s3:PutBucketPolicy",
	},
}

// dependent are actions that AWS asks for besides the operation's own: of a
// CreateKey with tags and of a CreateBucket with an ownership.
var dependent = []string{"kms:TagResource", "s3:PutBucketOwnershipControls"}

// pulumiActions are what Pulumi itself does with the bucket and the key.
var pulumiActions = []string{
	"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket",
	"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey",
}

// Actions are the IAM actions that whoever makes the bucket, the key and the
// stack needs, sorted. The first update needs the rights to everything that the
// stack's program registers besides.
func Actions() []string {
	out := slices.Concat(dependent, pulumiActions)
	for _, operations := range permissions {
		out = slices.AppendSeq(out, maps.Values(operations))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// denials are the codes with which AWS refuses a call that is not allowed. An
// answer to a HEAD request has no body, so the SDK calls it Forbidden.
var denials = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden"}

// denied tells whether AWS refused a call for want of a right. A proxy may
// refuse it too, with a body that the SDK cannot read.
func denied(err error) bool {
	var answer *awshttp.ResponseError
	forbidden := errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusForbidden
	return slices.Contains(denials, code(err)) || code(err) == "" && forbidden
}

// code is AWS's name for what went wrong, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// explain words an error of the AWS SDK: what was called, and what is missing.
func (r *run) explain(err error) error {
	var op *smithy.OperationError
	if !errors.As(err, &op) {
		return err
	}
	call := op.ServiceID + " " + op.OperationName
	var api smithy.APIError
	says := firstLine(op.Err)
	if errors.As(err, &api) {
		says = api.ErrorCode()
		if api.ErrorMessage() != "" {
			says += ": " + api.ErrorMessage()
		}
	}
	if !denied(err) {
		return fmt.Errorf("%s: %s", call, says)
	}
	who := r.report.Caller
	if who == "" {
		who = "whoever runs this"
	}
	return fmt.Errorf("%s may not call %s: the permission %s is missing (AWS says %q). "+
		"docs/bootstrap.md lists all that are needed; run again once it is granted", who, call, permissions[op.ServiceID][op.OperationName], says)
}
