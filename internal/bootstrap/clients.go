package bootstrap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

type clients struct {
	s3  *s3.Client
	kms *kms.Client
	sts *sts.Client
	iam *iam.Client
}

func newClients(config aws.Config) clients {
	return clients{s3.NewFromConfig(config), kms.NewFromConfig(config), sts.NewFromConfig(config), iam.NewFromConfig(config)}
}

// identify asks whose credentials these are, and whether they are the right ones.
func (r *run) identify(ctx context.Context) error {
	who, err := r.aws.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	r.report.Account, r.report.Caller = aws.ToString(who.Account), aws.ToString(who.Arn)
	if strings.HasSuffix(r.report.Caller, ":root") {
		return fmt.Errorf("the credentials are those of the root user of account %s, whom nothing can limit: "+
			"sign in as a person of IAM Identity Center with administrator rights (`aws sso login`), or assume a role, "+
			"and delete the root user's access keys", r.report.Account)
	}
	at := fmt.Sprintf("%s in %s, as %s", r.report.Account, r.Region, r.report.Caller)
	if len(r.AccountIDs) == 0 {
		r.done("account", at, There, "evenkeel:aws.accountIds is not set, so any account is accepted: set it to "+r.report.Account)
		return nil
	}
	if !slices.Contains(r.AccountIDs, r.report.Account) {
		return fmt.Errorf("the credentials are for account %s (%s), want one of evenkeel:aws.accountIds of %s (%s): "+
			"set AWS_PROFILE to another profile, or sign in elsewhere", r.report.Account, r.report.Caller, r.Stack.File, strings.Join(r.AccountIDs, ", "))
	}
	r.done("account", at, There)
	return nil
}
