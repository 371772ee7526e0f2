package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

const (
	// issuer is the identity provider that signs the tokens of GitHub's jobs. An
	// account can hold one of a URL.
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
	issuer = "token.actions.githubusercontent.com"
	// audience is for whom the workflows ask for a token.
	audience    = "sts.amazonaws.com"
	providerKey = "evenkeel:pipeline.oidcProviderArn"
	// providerType is what Pulumi calls one.
	providerType = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
)

// adopted is GitHub's identity provider in the account, where the stack must take
// it because it cannot make a second one; "" where the configuration names one, or
// the stack makes it or has made it. One that would let no job in is refused. Notes
// say whose it is.
func (r *run) adopted(ctx context.Context, s *auto.Stack) (arn string, notes []string, err error) {
	if !r.GitHub.named() {
		return "", nil, nil
	}
	arn = "arn:aws:iam::" + r.report.Account + ":oidc-provider/" + issuer
	if r.GitHub.ProviderARN != "" {
		arn = r.GitHub.ProviderARN
	}
	found, err := r.aws.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	missing := code(err) == (&types.NoSuchEntityException{}).ErrorCode()
	switch {
	case missing && r.GitHub.ProviderARN == "":
		return "", nil, nil
	case missing:
		return "", nil, fmt.Errorf("%s: %s of %s is not in the account: remove the key, and the stack makes GitHub's identity provider", arn, providerKey, r.Stack.File)
	case err != nil:
		return "", nil, err
	}
	if own, err := owns(ctx, s, arn); err != nil || own {
		return "", nil, err
	}
	if !slices.Contains(found.ClientIDList, audience) {
		return "", nil, fmt.Errorf("the account's identity provider for GitHub, %s, has the audiences %q, want %s among them, for which the workflows ask for a token: "+
			"`aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn %[1]s --client-id %[3]s`", arn, found.ClientIDList, audience)
	}
	if r.GitHub.ProviderARN != "" {
		return "", nil, nil
	}
	notes = []string{"the account has it already, and can have only one of GitHub's"}
	if by := maker(found.Tags); by != "" {
		notes = append(notes, by+" has made it: a destroy of that stack would delete it")
	}
	return arn, notes, nil
}

// owns tells whether the stack has made the provider itself.
func owns(ctx context.Context, s *auto.Stack, arn string) (bool, error) {
	if s == nil {
		return false, nil
	}
	out, err := s.Export(ctx)
	if err != nil {
		return false, fmt.Errorf("read the state of stack %s: %s", s.Name(), complaint(err))
	}
	var state struct {
		Resources []struct {
			Type     string `json:"type"`
			ID       string `json:"id"`
			External bool   `json:"external"`
		} `json:"resources"`
	}
	if len(out.Deployment) > 0 {
		if err := json.Unmarshal(out.Deployment, &state); err != nil {
			return false, fmt.Errorf("read the state of stack %s: %w", s.Name(), err)
		}
	}
	for _, res := range state.Resources {
		if res.Type == providerType && res.ID == arn && !res.External {
			return true, nil
		}
	}
	return false, nil
}

// maker is the stack that has tagged a resource as its own; "" if none has.
func maker(tags []types.Tag) string {
	of := map[string]string{}
	for _, t := range tags {
		of[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if of["ManagedBy"] != "pulumi" || of["Stack"] == "" {
		return ""
	}
	return fmt.Sprintf("stack %s of %s", of["Stack"], of["Service"])
}
