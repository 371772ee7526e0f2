package pipelineidentity

import (
	"fmt"

	"evenkeel/internal/policydoc"
)

const (
	// issuer is who signs the tokens of GitHub's jobs. Condition keys start with
	// it.
	// https://docs.github.com/en/actions/reference/security/oidc
	issuer = "token.actions.githubusercontent.com"
	// audience is for whom aws-actions/configure-aws-credentials asks for a token.
	audience = "sts.amazonaws.com"
)

// subjects are the exact subjects of the tokens whose jobs may assume a role,
// in both forms.
func (a *Args) subjects(role Role) []string {
	branch := "ref:refs/heads/" + a.Branch
	contexts := map[Role][]string{
		Preview: {"pull_request", branch},
		Push:    {branch},
		// A job with an environment has no branch in its subject.
		Deploy: {"environment:" + a.Environment},
	}
	r := a.Repository
	var out []string
	for _, context := range contexts[role] {
		out = append(out,
			fmt.Sprintf("repo:%s@%s/%s@%s:%s", r.Owner, r.OwnerID, r.Name, r.ID, context),
			fmt.Sprintf("repo:%s/%s:%s", r.Owner, r.Name, context))
	}
	return out
}

// trust renders who may assume a role. Every key has to be in the token:
// StringEquals on one that is missing is false.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (a *Args) trust(role Role, providerARN string) (string, error) {
	claims := map[string][]string{
		issuer + ":aud":           {audience},
		issuer + ":sub":           a.subjects(role),
		issuer + ":repository_id": {a.Repository.ID},
	}
	if role == Deploy {
		// Which branches may use an environment is set on GitHub, where it can be
		// forgotten.
		claims[issuer+":ref"] = []string{"refs/heads/" + a.Branch}
	}
	return policydoc.Document{Statements: []policydoc.Statement{{
		Sid:        "AssumedByGitHubActions",
		Principals: map[string][]string{"Federated": {providerARN}},
		Actions:    []string{"sts:AssumeRoleWithWebIdentity"},
		Conditions: map[string]map[string][]string{"StringEquals": claims},
	}}}.JSON()
}
