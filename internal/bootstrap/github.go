package bootstrap

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Settings are what the repository on GitHub needs to know. None is a secret.
type Settings struct {
	// Repository is "owner/name", or gh's own placeholder for that of the folder.
	Repository string     `json:"repository"`
	Variables  []Variable `json:"variables"`
	// Environment is the one whose jobs deploy this stack; Branch is the only one
	// that may, and Approval says whether a person must agree.
	Environment string `json:"environment"`
	Branch      string `json:"branch"`
	Approval    bool   `json:"approval"`
	// Checks are those that a pull request must pass.
	Checks []string `json:"requiredChecks"`
	// Commands make all of that with GitHub's own command, gh.
	Commands []string `json:"commands"`
}

// Variable is a configuration variable of the repository's workflows.
type Variable struct {
	Name string `json:"name"`
	// Value is empty while it is not known.
	Value string `json:"value"`
}

// requiredChecks are the jobs of ci.yml that a fork can pass too.
var requiredChecks = []string{"test", "lint"}

var notInNames = regexp.MustCompile(`[^A-Z0-9]+`)

// settings follow from what was found; roles are outputs of the stack.
func (r *run) settings() *Settings {
	g := r.GitHub
	out := &Settings{
		Repository: "{owner}/{repo}", Environment: g.Environment, Branch: g.Branch, Approval: g.Approval, Checks: requiredChecks,
	}
	if g.named() {
		out.Repository = g.Owner + "/" + g.Repository
	}
	prefix := notInNames.ReplaceAllString(strings.ToUpper(r.Stack.Name), "_")
	for _, v := range []Variable{
		{"AWS_REGION", r.Region},
		{"PULUMI_BACKEND_URL", r.report.Backend},
		{"PREVIEW_ROLE_ARN", r.output("previewRoleArn")},
		{"PUSH_ROLE_ARN", r.output("pushRoleArn")},
		{"DEPLOY_ROLE_ARN", r.output("deployRoleArn")},
	} {
		out.Variables = append(out.Variables, Variable{prefix + "_" + v.Name, v.Value})
	}
	out.Commands = out.commands(g)
	return out
}

func (r *run) output(name string) string { s, _ := r.outputs[name].(string); return s }

// commands are lines for a shell, each a setting of its own and each repeatable.
// https://docs.github.com/en/rest/deployments/environments
// https://docs.github.com/en/rest/branches/branch-protection
// https://docs.github.com/en/rest/actions/permissions
func (s *Settings) commands(g GitHub) []string {
	var out []string
	repo := ""
	if g.named() {
		repo = " --repo " + quote(s.Repository)
	}
	for _, v := range s.Variables {
		if v.Value != "" {
			out = append(out, fmt.Sprintf("gh variable set %s%s --body %s", v.Name, repo, quote(v.Value)))
		}
	}
	api := func(method, path string, fields ...string) {
		words := []string{"gh", "api", "--silent", "-X", method, quote("repos/" + s.Repository + path)}
		for _, f := range fields {
			words = append(words, "-F", f)
		}
		out = append(out, strings.Join(words, " "))
	}
	environment := []string{quote("deployment_branch_policy[protected_branches]=false"), quote("deployment_branch_policy[custom_branch_policies]=true")}
	if s.Approval {
		owner, team := "{owner}", g.Reviewers
		if g.named() {
			owner = g.Owner
		}
		if team == "" {
			team = "TEAM"
		}
		environment = append(environment, quote("prevent_self_review=true"), quote("reviewers[][type]=Team"),
			fmt.Sprintf(`"reviewers[][id]=$(gh api %s --jq .id)"`, quote("orgs/"+owner+"/teams/"+team)))
	}
	at, branch := "/environments/"+url.PathEscape(s.Environment), "/branches/"+url.PathEscape(s.Branch)
	api("PUT", at, environment...)
	api("POST", at+"/deployment-branch-policies", quote("name="+s.Branch))
	protection := []string{quote("required_status_checks[strict]=true")}
	for _, c := range s.Checks {
		protection = append(protection, quote("required_status_checks[contexts][]="+c))
	}
	api("PUT", branch+"/protection", append(protection, quote("enforce_admins=true"),
		quote("required_pull_request_reviews[required_approving_review_count]=1"), quote("restrictions=null"))...)
	api("PUT", "/actions/permissions", quote("enabled=true"), quote("allowed_actions=all"), quote("sha_pinning_required=true"))
	api("PUT", "/actions/permissions/workflow", quote("default_workflow_permissions=read"), quote("can_approve_pull_request_reviews=false"))
	api("PUT", "/actions/permissions/fork-pr-contributor-approval", quote("approval_policy=all_external_contributors"))
	return out
}

// quote makes a word for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// next says what is left to do by hand, in order.
func (r *run) next() {
	add := func(format string, args ...any) { r.report.Next = append(r.report.Next, fmt.Sprintf(format, args...)) }
	for _, s := range r.report.Steps {
		if s.Name == "stack" && s.Status != There && !r.Check || s.Name == "configuration" && s.Status == Mended {
			add("commit %s: secrets are read by the key in it", r.Stack.File)
			break
		}
	}
	add("use the backend for commands by hand: export PULUMI_BACKEND_URL=%s", quote(r.report.Backend))
	if !r.GitHub.named() {
		add("for a pipeline, set evenkeel:pipeline.github in %s and run `evenkeel bootstrap --stack %s` again: "+
			"it makes the roles that the workflows assume", r.Stack.File, r.Stack.Name)
		return
	}
	if r.output("deployRoleArn") == "" {
		add("run `evenkeel bootstrap --stack %s` again once the stack is up: then it prints the roles for GitHub", r.Stack.Name)
		return
	}
	add("make the settings on GitHub, by the commands above or by hand")
}
