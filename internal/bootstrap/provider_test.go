package bootstrap_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bootstrap"
)

const provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"

func named(t *testing.T) bootstrap.Options {
	t.Helper()
	o := options(t)
	o.GitHub.Owner, o.GitHub.Repository = "example", "orders"
	return o
}

// makeProvider makes GitHub's identity provider in the account.
func (e *emulated) makeProvider(t *testing.T, audience string, tags map[string]string) {
	t.Helper()
	in := &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://token.actions.githubusercontent.com"), ClientIDList: []string{audience}}
	for k, v := range tags {
		in.Tags = append(in.Tags, iamtypes.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	_, err := iam.NewFromConfig(e.config).CreateOpenIDConnectProvider(ctx, in)
	require.NoError(t, err)
}

func TestNoIdentityProviderIsTheStacksToMake(t *testing.T) {
	e, o := emulate(t), named(t)
	arn, _, err := bootstrap.Adopted(ctx, e.config, o)
	require.NoError(t, err)
	assert.Empty(t, arn)
}

func TestTheAccountsIdentityProviderIsAdopted(t *testing.T) {
	e, o := emulate(t), named(t)
	e.makeProvider(t, "sts.amazonaws.com", nil)
	arn, notes, err := bootstrap.Adopted(ctx, e.config, o)
	require.NoError(t, err)
	assert.Equal(t, provider, arn)
	assert.Equal(t, []string{"the account has it already, and can have only one of GitHub's"}, notes)

	o.GitHub.ProviderARN = provider
	arn, _, err = bootstrap.Adopted(ctx, e.config, o)
	require.NoError(t, err)
	assert.Empty(t, arn, "the configuration names it already")

	calls := len(e.recorded())
	arn, _, err = bootstrap.Adopted(ctx, e.config, options(t))
	require.NoError(t, err)
	assert.Empty(t, arn, "without a repository there are no roles")
	assert.Equal(t, []string{"sts:GetCallerIdentity"}, e.recorded()[calls:])
}

func TestWhoseIdentityProviderItIs(t *testing.T) {
	e, o := emulate(t), named(t)
	e.makeProvider(t, "sts.amazonaws.com", map[string]string{"ManagedBy": "pulumi", "Stack": "dev", "Service": "orders"})
	_, notes, err := bootstrap.Adopted(ctx, e.config, o)
	require.NoError(t, err)
	assert.Contains(t, notes, "stack dev of orders has made it: a destroy of that stack would delete it")
}

func TestIdentityProvidersThatLetNoJobIn(t *testing.T) {
	e, o := emulate(t), named(t)
	o.GitHub.ProviderARN = provider
	_, _, err := bootstrap.Adopted(ctx, e.config, o)
	require.EqualError(t, err, provider+": evenkeel:pipeline.oidcProviderArn of Pulumi.dev.yaml is not in the account: "+
		"remove the key, and the stack makes GitHub's identity provider")

	e.makeProvider(t, "https://github.com/example", nil)
	for _, arn := range []string{provider, ""} {
		o.GitHub.ProviderARN = arn
		_, _, err = bootstrap.Adopted(ctx, e.config, o)
		require.EqualError(t, err, "the account's identity provider for GitHub, "+provider+`, has the audiences ["https://github.com/example"], `+
			"want sts.amazonaws.com among them, for which the workflows ask for a token: "+
			"`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "+provider+" --client-id sts.amazonaws.com`")
	}
}

func TestWithoutTheRightToLookForIt(t *testing.T) {
	e, o := emulate(t), named(t)
	asked := 0
	e.deny = func(r *http.Request) bool {
		if !strings.Contains(r.Header.Get("Authorization"), "/iam/") {
			return false
		}
		asked++
		return true
	}
	_, _, err := bootstrap.Adopted(ctx, e.config, o)
	require.ErrorContains(t, err, "may not call IAM GetOpenIDConnectProvider: the permission iam:GetOpenIDConnectProvider is missing")
	assert.NotContains(t, err.Error(), "\n")
	assert.Equal(t, 1, asked)
}
