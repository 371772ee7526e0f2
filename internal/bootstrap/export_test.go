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

// Adopted is the identity provider that a stack which was never updated takes.
func Adopted(ctx context.Context, config aws.Config, o Options) (arn string, notes []string, err error) {
	r := newRun(config, o)
	err = r.carryOut(ctx, r.identify, func(ctx context.Context) (err error) {
		arn, notes, err = r.adopted(ctx, nil)
		return err
	})
	return arn, notes, err
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
