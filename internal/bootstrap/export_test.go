package bootstrap

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Account makes what needs no engine: the key and the bucket.
func Account(ctx context.Context, config aws.Config, o Options) (*Report, error) {
	r := newRun(config, o)
	return r.report, r.carryOut(ctx, r.identify, r.key, r.bucket)
}

// SettingsOf are those for GitHub once a stack has these outputs.
func SettingsOf(o Options, backend string, outputs map[string]any) *Settings {
	r := newRun(aws.Config{Region: o.Region}, o)
	r.report.Backend, r.outputs = backend, outputs
	return r.settings()
}

var (
	BucketPolicy = bucketPolicy
	KeyPolicy    = keyPolicy
	Merged       = merged
	Permissions  = permissions
)
