package stacks

import (
	"slices"
	"strings"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/check"
)

// Pipeline says what delivers to the stack: the repository whose workflows may
// act on the account, and where Pulumi keeps its state.
type Pipeline struct {
	// GitHub is the repository whose workflows may preview, push and deploy.
	// Without one the stack has no roles for a pipeline. "gh api
	// repos/<owner>/<repository> --jq '.owner.id, .id'" prints the ids.
	GitHub GitHub `json:"github"`
	// Environment is the GitHub environment whose jobs may deploy. Without one:
	// the stack's name.
	Environment string `json:"environment" format:"githubEnvironment" example:"production"`
	// Branch is the branch that is deployed.
	Branch string `json:"branch" format:"branch" example:"release"`
	// OIDCProviderARN is GitHub's identity provider, where the account has it
	// already: it can have only one. Without one the stack creates it.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
	OIDCProviderARN string `json:"oidcProviderArn" format:"githubProvider" example:"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" change:"deletes the provider that the stack has created, which other stacks may have adopted"`
	// StateBucket is the S3 bucket that holds the stack's state. Without one the
	// state is elsewhere, such as in Pulumi Cloud, and the roles have no rights
	// to it.
	StateBucket string `json:"stateBucket" format:"bucket" example:"example-pulumi-state"`
	// StateKeyARN is the KMS key that encrypts the secrets in the state. Without
	// one the roles can use no such key.
	StateKeyARN string `json:"stateKeyArn" format:"kmsKey" example:"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"`
}

// GitHub is a repository, by its names and by its ids, which stay when somebody
// renames it.
type GitHub struct {
	// Owner is the organization or the user, in the case in which GitHub writes
	// it. Want all four keys, or none.
	Owner string `json:"owner" format:"githubOwner" example:"example"`
	// OwnerID is the owner's number.
	OwnerID string `json:"ownerId" format:"githubId" example:"'9919'"`
	// Repository is the repository's name without its owner, in the case in which
	// GitHub writes it.
	Repository string `json:"repository" format:"githubRepository" example:"orders"`
	// RepositoryID is the repository's number.
	RepositoryID string `json:"repositoryId" format:"githubId" example:"'1296269'"`
}

// Named tells whether there is a repository.
func (g GitHub) Named() bool { return g != GitHub{} }

// EnvironmentName is the GitHub environment whose jobs may deploy a stack.
func (p Pipeline) EnvironmentName(stack string) string {
	if p.Environment != "" {
		return p.Environment
	}
	return stack
}

func (p Pipeline) validate(l *check.List, path check.Path, stack string, c *Config) {
	p.GitHub.validate(l, path.Field("github"))
	provider := path.Field("oidcProviderArn")
	if p.OIDCProviderARN != "" && !p.GitHub.Named() {
		l.Addf(provider, "is set without %s, want both or none: nobody would use the provider", path.Field("github"))
	}
	if problem := pipelineidentity.EnvironmentSyntax.Problem(stack); p.GitHub.Named() && p.Environment == "" && problem != "" {
		l.Addf(path.Field("environment"), "is required, because the stack's name %s", problem)
	}
	if parts := strings.Split(p.OIDCProviderARN, ":"); len(parts) == 6 && len(c.AWS.AccountIDs) > 0 && !slices.Contains(c.AWS.AccountIDs, parts[4]) {
		l.Addf(provider, "is in account %s, want one of %s (%s): a role trusts providers of its own account only",
			parts[4], at("aws").Field("accountIds"), strings.Join(c.AWS.AccountIDs, ", "))
	}
}

func (g GitHub) validate(l *check.List, path check.Path) {
	if !g.Named() {
		return
	}
	for key, value := range map[string]string{
		"owner": g.Owner, "ownerId": g.OwnerID, "repository": g.Repository, "repositoryId": g.RepositoryID,
	} {
		if value == "" {
			l.Addf(path.Field(key), "is required with the other keys of %s, want all four or none; "+
				"`gh api repos/<owner>/<repository> --jq '.owner.id, .id'` prints the ids", path)
		}
	}
}
