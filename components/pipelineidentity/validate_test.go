package pipelineidentity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/policydoc"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	const (
		owner    = `an organization or a user on GitHub, such as "example"`
		id       = `the number that GitHub gives it, in quotes, such as "1296269"`
		provider = `the ARN of GitHub's identity provider, "arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com"`
	)
	for name, tc := range map[string]struct {
		change func(*pipelineidentity.Args)
		want   string
	}{
		"no name":       {func(a *pipelineidentity.Args) { a.Name = "" }, "Name: is required"},
		"no owner":      {func(a *pipelineidentity.Args) { a.Repository.Owner = "" }, "Repository.Owner: is required"},
		"every owner":   {func(a *pipelineidentity.Args) { a.Repository.Owner = "*" }, `Repository.Owner: is "*", want ` + owner},
		"with the name": {func(a *pipelineidentity.Args) { a.Repository.Owner = "example/orders" }, `Repository.Owner: is "example/orders", want ` + owner},
		"no id":         {func(a *pipelineidentity.Args) { a.Repository.ID = "" }, "Repository.ID: is required"},
		"an id by name": {func(a *pipelineidentity.Args) { a.Repository.OwnerID = "example" }, `Repository.OwnerID: is "example", want ` + id},
		"policy variable": {
			func(a *pipelineidentity.Args) { a.Repository.Name = "${aws:x}" },
			`Repository.Name: is "${aws:x}", want the name of a repository without its owner, such as "orders"`,
		},
		"branch":         {func(a *pipelineidentity.Args) { a.Branch = "release/*" }, `Branch: is "release/*", want a branch of letters, digits and "._-/", such as "main"`},
		"environment":    {func(a *pipelineidentity.Args) { a.Environment = "prod:eu" }, `Environment: is "prod:eu", want an environment of letters, digits and "._-", such as "production"`},
		"other provider": {func(a *pipelineidentity.Args) { a.ProviderARN = "arn:aws:iam::123456789012:oidc-provider/gitlab.com" }, `ProviderARN: is "arn:aws:iam::123456789012:oidc-provider/gitlab.com", want ` + provider},
		"no boundary":    {func(a *pipelineidentity.Args) { a.Boundary = policydoc.Document{} }, "Boundary: has no statement"},
		"no policy":      {func(a *pipelineidentity.Args) { delete(a.Policies, pipelineidentity.Push) }, `Policies["push"]: has 0 documents, want 1 to 10, which is what IAM attaches to a role`},
		"too many": {
			func(a *pipelineidentity.Args) { a.Policies[pipelineidentity.Push] = make([]policydoc.Document, 11) },
			`Policies["push"]: has 11 documents, want 1 to 10, which is what IAM attaches to a role`,
		},
		"another role": {func(a *pipelineidentity.Args) { a.Policies["admin"] = []policydoc.Document{document("Admin")} }, `Policies["admin"]: is no role, want "preview", "push" or "deploy"`},
		"too long": {func(a *pipelineidentity.Args) {
			a.Policies[pipelineidentity.Deploy][0].Statements[0].Resources = []string{strings.Repeat("r", 6144)}
		}, `Policies["deploy"][0]: has 6264 characters, want at most 6144, which is what IAM accepts`},
		"no Sid":      {func(a *pipelineidentity.Args) { a.Boundary.Statements[0].Sid = "" }, "Boundary: render policy: a statement with actions [ecs:DescribeBoundary] has no Sid"},
		"session":     {func(a *pipelineidentity.Args) { a.DeploySessionSeconds = 60 }, "DeploySessionSeconds: is 60, want 3600 to 43200"},
		"all at once": {func(a *pipelineidentity.Args) { a.Name, a.Branch = "", "" }, "Branch: is required\nName: is required"},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			tc.change(args)
			pulumitest.Refused(t, pipelineidentity.New, args, tc.want)
		})
	}
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "pipelineidentity: args is nil")
}

// What GitHub gives, and what would open a trust policy or break it.
func TestSyntax(t *testing.T) {
	for name, tc := range map[string]struct {
		syntax    pipelineidentity.Syntax
		good, bad []string
	}{
		"owner": {
			pipelineidentity.OwnerSyntax,
			[]string{"a", "Example", "my-org", "octocat_acme", strings.Repeat("a", 39)},
			[]string{"-a", "a-", "a--b", "a.b", "a/b", "a:b", "a@1", "a*", "a?", "${a}", "a b", strings.Repeat("a", 40), "a\n", "ä"},
		},
		"repository": {
			pipelineidentity.RepositorySyntax,
			[]string{"a", "orders", ".github", "a_b.c-d", strings.Repeat("a", 100)},
			[]string{".", "..", "a.git", "a/b", "a:b", "a@1", "a*", "a b", strings.Repeat("a", 101), "a\n"},
		},
		"id":     {pipelineidentity.IDSyntax, []string{"1", "1296269", strings.Repeat("9", 19)}, []string{"0", "01", "-1", "1e9", "*", "1 ", strings.Repeat("9", 20)}},
		"branch": {pipelineidentity.BranchSyntax, []string{"main", "release/2027", "v1.x"}, []string{"*", "a..b", "a/", "/a", "a//b", "a.lock", "a/.b", "a.", "refs heads", "a:b", "-a"}},
		"environment": {
			pipelineidentity.EnvironmentSyntax, []string{"dev", "prod-eu", "Production_1"}, []string{"*", "a:b", "a b", "a/b", "-a", strings.Repeat("a", 101)},
		},
		"provider": {pipelineidentity.ProviderSyntax, []string{adopted}, []string{
			adopted + "/x", strings.Replace(adopted, "token.", "tokenx", 1), strings.Replace(adopted, "123456789012", "*", 1), strings.Replace(adopted, ":aws:", ":aws-cn:", 1),
		}},
	} {
		for _, text := range tc.good {
			assert.Empty(t, tc.syntax.Problem(text), name)
		}
		for _, text := range append(tc.bad, "") {
			assert.NotEmpty(t, tc.syntax.Problem(text), "%s: %q", name, text)
		}
	}
}
