package gateway_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func request(method, target, service string, header map[string]string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	if service != "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/"+service+
			"/aws4_request, SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return r
}

var formHeader = map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

func target(name string) map[string]string {
	return map[string]string{"X-Amz-Target": name, "Content-Type": "application/x-amz-json-1.1"}
}

var identifyTests = map[string]struct {
	request    *http.Request
	body, want string
	parameters any
}{
	"JSON 1.1": {
		request("POST", "/", "ecs", target("AmazonEC2ContainerServiceV20141113.CreateCluster")), `{"clusterName":"c","tags":[]}`,
		"ecs:CreateCluster",
		map[string]any{"clusterName": "c", "tags": []any{}},
	},
	"JSON 1.0": {
		request("POST", "/", "states", target("AWSStepFunctions.ListStateMachines")), `{}`, "states:ListStateMachines", map[string]any{},
	},
	"query": {
		request("POST", "/", "sns", formHeader),
		"Action=CreateTopic&Version=2010-03-31&Name=page&Attributes.entry.1.key=KmsMasterKeyId&Attributes.entry.1.value=k&Tags.member.1.Key=a&Tags.member.1.Value=b",
		"sns:CreateTopic",
		map[string]any{
			"Action": "CreateTopic", "Version": "2010-03-31", "Name": "page",
			"Attributes": []any{map[string]any{"key": "KmsMasterKeyId", "value": "k"}},
			"Tags":       []any{map[string]any{"Key": "a", "Value": "b"}},
		},
	},
	"EC2 query": {
		request("POST", "/", "ec2", formHeader), "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=true",
		"ec2:DescribeVpcs",
		map[string]any{
			"Action": "DescribeVpcs", "Version": "2016-11-15",
			"Filter": []any{map[string]any{"Name": "is-default", "Value": []any{"true"}}},
		},
	},
	"IAM prefix that differs": {
		request("POST", "/", "monitoring", formHeader), "Action=DescribeAlarms&Version=2010-08-01", "cloudwatch:DescribeAlarms",
		map[string]any{"Action": "DescribeAlarms", "Version": "2010-08-01"},
	},
	"load balancing": {
		request("POST", "/", "elasticloadbalancing", formHeader), "Action=DescribeTags&Version=2015-12-01",
		"elasticloadbalancing:DescribeTags",
		map[string]any{"Action": "DescribeTags", "Version": "2015-12-01"},
	},
	"presigned query": {
		request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=AKIDEXAMPLE%2F20261122%2Feu-west-1%2Fsts%2Faws4_request", "", nil), "",
		"sts:GetCallerIdentity",
		map[string]any{
			"Action": "GetCallerIdentity", "Version": "2011-06-15",
			"X-Amz-Credential": "AKIDEXAMPLE/20261122/eu-west-1/sts/aws4_request",
		},
	},
	"REST JSON": {
		request("POST", "/2015-03-31/functions", "lambda", nil), `{"FunctionName":"f"}`, "lambda:CreateFunction", map[string]any{"FunctionName": "f"},
	},
	"REST JSON with labels": {
		request("DELETE", "/2015-03-31/functions/f/aliases/live", "lambda", nil), "", "lambda:DeleteAlias", nil,
	},
	"REST XML": {
		request("POST", "/2013-04-01/hostedzone/Z1/rrset/", "route53", nil), "<Change/>", "route53:ChangeResourceRecordSets", "<Change/>",
	},
	"REST operation that nobody lists": {
		request("PUT", "/x/y", "unheard-of", nil), "", "unheard-of:PUT /x/y", nil,
	},
	"unsigned STS": {
		request("POST", "/", "", formHeader), "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&WebIdentityToken=ey.x.y",
		"sts:AssumeRoleWithWebIdentity",
		map[string]any{
			"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "WebIdentityToken": "[secret]",
		},
	},
	"moto's own API": {request("POST", "/moto-api/reset", "", nil), "", "moto-api:POST /moto-api/reset", nil},
}

func TestIdentify(t *testing.T) {
	for name, tt := range identifyTests {
		t.Run(name, func(t *testing.T) {
			got := gateway.Identify(tt.request, []byte(tt.body))
			assert.Equal(t, tt.want, got.Name)
			assert.Equal(t, tt.parameters, got.Parameters)
			if tt.request.Header.Get("Authorization") != "" {
				assert.Equal(t, "AKIDEXAMPLE", got.Key)
				assert.Equal(t, "eu-west-1", got.Region)
			}
		})
	}
}

func TestIdentifyCBOR(t *testing.T) {
	r := request("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", "monitoring", map[string]string{"Smithy-Protocol": "rpc-v2-cbor"})
	body := cbor.Encode(cbor.Map{
		"Namespace": cbor.String("N"), "At": &cbor.Tag{ID: 1, Value: cbor.Uint(5)},
		"Values": cbor.List{cbor.Float64(0.5), cbor.NegInt(2), cbor.Bool(true)},
	})
	got := gateway.Identify(r, body)
	assert.Equal(t, "cloudwatch:PutMetricData", got.Name)
	assert.Equal(t, map[string]any{"Namespace": "N", "At": uint64(5), "Values": []any{0.5, int64(-2), true}}, got.Parameters)
}

func TestIdentifyCompressedForm(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte("Action=PutMetricData&Version=2010-08-01&Namespace=N"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	r := request("POST", "/", "monitoring", formHeader)
	r.Header.Set("Content-Encoding", "gzip")
	assert.Equal(t, "cloudwatch:PutMetricData", gateway.Identify(r, b.Bytes()).Name)
}

func TestIdentifyS3(t *testing.T) {
	copies := map[string]string{"X-Amz-Copy-Source": "/a/b"}
	tests := map[string]struct {
		method, target string
		header         map[string]string
		uploads        bool
	}{
		"ListBuckets":                            {"GET", "/", nil, false},
		"CreateBucket":                           {"PUT", "/bucket", nil, false},
		"HeadBucket":                             {"HEAD", "/bucket", nil, false},
		"DeleteBucket":                           {"DELETE", "/bucket/", nil, false},
		"ListObjects":                            {"GET", "/bucket?prefix=a", nil, false},
		"ListObjectsV2":                          {"GET", "/bucket?list-type=2&prefix=a", nil, false},
		"ListObjectVersions":                     {"GET", "/bucket?versions", nil, false},
		"DeleteObjects":                          {"POST", "/bucket?delete", nil, false},
		"PutBucketEncryption":                    {"PUT", "/bucket?encryption=", nil, false},
		"GetBucketEncryption":                    {"GET", "/bucket?encryption", nil, false},
		"DeleteBucketEncryption":                 {"DELETE", "/bucket?encryption", nil, false},
		"PutPublicAccessBlock":                   {"PUT", "/bucket?publicAccessBlock=", nil, false},
		"DeletePublicAccessBlock":                {"DELETE", "/bucket?publicAccessBlock", nil, false},
		"PutBucketLifecycleConfiguration":        {"PUT", "/bucket?lifecycle", nil, false},
		"GetBucketLifecycleConfiguration":        {"GET", "/bucket?lifecycle", nil, false},
		"DeleteBucketLifecycle":                  {"DELETE", "/bucket?lifecycle", nil, false},
		"PutBucketVersioning":                    {"PUT", "/bucket?versioning", nil, false},
		"PutBucketOwnershipControls":             {"PUT", "/bucket?ownershipControls", nil, false},
		"GetObjectLockConfiguration":             {"GET", "/bucket?object-lock", nil, false},
		"PutBucketPolicy":                        {"PUT", "/bucket?policy", nil, false},
		"GetBucketRequestPayment":                {"GET", "/bucket?requestPayment", nil, false},
		"GetBucketMetricsConfiguration":          {"GET", "/bucket?metrics&id=x", nil, false},
		"ListBucketMetricsConfigurations":        {"GET", "/bucket?metrics", nil, false},
		"DeleteBucketAnalyticsConfiguration":     {"DELETE", "/bucket?analytics&id=x", nil, false},
		"PutObject":                              {"PUT", "/bucket/dir/key", nil, true},
		"GetObject":                              {"GET", "/bucket/key?versionId=1", nil, false},
		"HeadObject":                             {"HEAD", "/bucket/key", nil, false},
		"DeleteObject":                           {"DELETE", "/bucket/key", nil, false},
		"CopyObject":                             {"PUT", "/bucket/key", copies, false},
		"PutObjectTagging":                       {"PUT", "/bucket/key?tagging", nil, false},
		"GetObjectAttributes":                    {"GET", "/bucket/key?attributes", nil, false},
		"CreateMultipartUpload":                  {"POST", "/bucket/key?uploads", nil, false},
		"UploadPart":                             {"PUT", "/bucket/key?partNumber=1&uploadId=u", nil, true},
		"UploadPartCopy":                         {"PUT", "/bucket/key?partNumber=1&uploadId=u", copies, false},
		"ListParts":                              {"GET", "/bucket/key?uploadId=u", nil, false},
		"CompleteMultipartUpload":                {"POST", "/bucket/key?uploadId=u", nil, false},
		"AbortMultipartUpload":                   {"DELETE", "/bucket/key?uploadId=u", nil, false},
		"GetObjectRetention":                     {"GET", "/bucket/key?retention", nil, false},
		"CreateBucketMetadataTableConfiguration": {"POST", "/bucket?metadataTable", nil, false},
	}
	for action, tt := range tests {
		t.Run(action, func(t *testing.T) {
			got := gateway.Identify(request(tt.method, tt.target, "s3", tt.header), nil)
			assert.Equal(t, "s3:"+action, got.Name)
			assert.Equal(t, tt.uploads, got.Uploads)
		})
	}
	control := gateway.Identify(request("GET", "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Abucket", "s3", nil), nil)
	assert.Equal(t, "s3:ListTagsForResource", control.Name, "S3 Control signs as S3 too")
	presigned := request("GET", "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261122%2Feu-west-1%2Fs3%2Faws4_request", "", nil)
	assert.Equal(t, "s3:GetObject", gateway.Identify(presigned, nil).Name)
}

func TestMasking(t *testing.T) {
	tests := map[string]struct {
		request    *http.Request
		body       string
		parameters any
	}{
		"secret": {
			request("POST", "/", "secretsmanager", target("secretsmanager.PutSecretValue")),
			`{"SecretId":"s","SecretString":"hidden"}`,
			map[string]any{"SecretId": "s", "SecretString": "[secret]"},
		},
		"secure parameter": {
			request("POST", "/", "ssm", target("AmazonSSM.PutParameter")),
			`{"Name":"p","Type":"SecureString","Value":"hidden"}`,
			map[string]any{"Name": "p", "Type": "SecureString", "Value": "[secret]"},
		},
		"parameter of unknown type": {
			request("POST", "/", "ssm", target("AmazonSSM.PutParameter")),
			`{"Name":"p","Value":"hidden"}`,
			map[string]any{"Name": "p", "Value": "[secret]"},
		},
		"plain parameter": {
			request("POST", "/", "ssm", target("AmazonSSM.PutParameter")),
			`{"Name":"p","Type":"String","Value":"seen"}`,
			map[string]any{"Name": "p", "Type": "String", "Value": "seen"},
		},
		"form": {
			request("POST", "/", "iam", formHeader), "Action=CreateLoginProfile&Version=2010-05-08&UserName=u&Password=hidden",
			map[string]any{"Action": "CreateLoginProfile", "Version": "2010-05-08", "UserName": "u", "Password": "[secret]"},
		},
		"deep in a list": {
			request("POST", "/", "directory", target("DS.X")), `{"a":[{"b":{"MasterUserPassword":"hidden"}}]}`,
			map[string]any{"a": []any{map[string]any{"b": map[string]any{"MasterUserPassword": "[secret]"}}}},
		},
		"XML": {
			request("POST", "/2020-05-31/x", "cloudfront", nil), `<k:Key><PrivateKey a="b">hidden</PrivateKey><Name>n</Name></k:Key>`,
			`<k:Key><PrivateKey a="b">[secret]</PrivateKey><Name>n</Name></k:Key>`,
		},
		"content that does not parse": {
			request("POST", "/", "ecs", target("X.Y")), `{"Password":"hidden`, "[19 bytes]",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.parameters, gateway.Identify(tt.request, []byte(tt.body)).Parameters)
		})
	}
}

func TestMaskPath(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":             {"/bucket/a%2Fb", "/bucket/a%2Fb"},
		"query":             {"/bucket?list-type=2&prefix=a", "/bucket?list-type=2&prefix=a"},
		"presigned":         {"/bucket/key?X-Amz-Signature=abc&X-Amz-Security-Token=t&versionId=1", "/bucket/key?versionId=1"},
		"only presigned":    {"/bucket/key?X-Amz-Signature=abc", "/bucket/key"},
		"signature v2":      {"/bucket/key?AWSAccessKeyId=k&Signature=s", "/bucket/key"},
		"secret in a query": {"/?Action=X&NewPassword=hidden", "/?Action=X&NewPassword=%5Bsecret%5D"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(tt.in)
			require.NoError(t, err)
			assert.Equal(t, tt.want, gateway.MaskPath(u))
		})
	}
}

func TestRouteTableIsWellFormed(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(gateway.RoutesText), "\n")
	assert.Greater(t, len(lines), 2000)
	for _, line := range lines {
		assert.Regexp(t, `^[a-z0-9-]+ (GET|PUT|POST|DELETE|PATCH|HEAD) /\S* [A-Za-z0-9_]+$`, line)
	}
}
