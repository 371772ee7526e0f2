package pipelineidentity

import (
	"fmt"
	"regexp"

	"evenkeel/internal/check"
)

// Syntax is what a name may be. The patterns mean the same to Go and to
// ECMA-262, whose patterns a JSON Schema has.
type Syntax struct {
	// Pattern is what a text must match, Refused, when set, what it must not.
	Pattern, Refused *regexp.Regexp
	// MaxLength is the most characters, 0 for what Pattern allows.
	MaxLength int
	// Want words what is accepted.
	Want string
}

// The names of GitHub's things, as far as they are safe in a trust policy: no
// wildcard, no ":" or "@", which separate the parts of a subject, and no "$",
// which starts a policy variable.
var (
	// OwnerSyntax is an organization or user; what follows a "_" is the short
	// code of an enterprise that manages its users.
	// https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
	OwnerSyntax = Syntax{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*(_[A-Za-z0-9]+)?$`), MaxLength: 39,
		Want: `an organization or a user on GitHub, such as "example"`,
	}
	// RepositorySyntax is a repository's name without its owner.
	// https://docs.github.com/en/repositories/creating-and-managing-repositories/creating-a-new-repository
	RepositorySyntax = Syntax{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`), Refused: regexp.MustCompile(`^\.\.?$|\.git$`),
		Want: `the name of a repository without its owner, such as "orders"`,
	}
	// IDSyntax is the number of an owner or a repository.
	IDSyntax = Syntax{
		Pattern: regexp.MustCompile(`^[1-9][0-9]{0,18}$`),
		Want:    `the number that GitHub gives it, in quotes, such as "1296269"`,
	}
	// BranchSyntax is a branch. Git allows more.
	// https://git-scm.com/docs/git-check-ref-format
	BranchSyntax = Syntax{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`), Refused: regexp.MustCompile(`\.\.|//|/\.|[./]$|\.lock$|\.lock/`),
		MaxLength: 100, Want: `a branch of letters, digits and "._-/", such as "main"`,
	}
	// EnvironmentSyntax is a GitHub environment. GitHub allows more.
	// https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
	EnvironmentSyntax = Syntax{
		Pattern: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`), MaxLength: 100,
		Want: `an environment of letters, digits and "._-", such as "production"`,
	}
	// ProviderSyntax is the ARN of GitHub's identity provider in an account.
	ProviderSyntax = Syntax{
		Pattern: regexp.MustCompile(`^arn:aws:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com$`),
		Want:    `the ARN of GitHub's identity provider, "arn:aws:iam::<account>:oidc-provider/` + issuer + `"`,
	}
)

// Problem words what is wrong with a text, or returns "".
func (s Syntax) Problem(text string) string {
	refused := s.Refused != nil && s.Refused.MatchString(text)
	if s.Pattern.MatchString(text) && !refused && (s.MaxLength == 0 || len(text) <= s.MaxLength) {
		return ""
	}
	return fmt.Sprintf("is %q, want %s", text, s.Want)
}

func (s Syntax) check(l *check.List, p check.Path, text string) {
	switch problem := s.Problem(text); {
	case text == "":
		l.Addf(p, "is required")
	case problem != "":
		l.Addf(p, "%s", problem)
	}
}
