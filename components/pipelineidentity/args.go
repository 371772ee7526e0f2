package pipelineidentity

import (
	"fmt"
	"maps"
	"slices"
	"unicode"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
	"evenkeel/internal/policydoc"
)

// Role is one of the pipeline's roles.
type Role string

// The roles.
const (
	// Preview reads, to say what an update would change.
	Preview Role = "preview"
	// Push pushes images to the stack's repository.
	Push Role = "push"
	// Deploy updates the stack.
	Deploy Role = "deploy"
)

// Roles lists the roles, in the order in which a pipeline needs them.
func Roles() []Role { return []Role{Preview, Push, Deploy} }

// boundary names the policy that bounds the roles.
const boundary = "boundary"

const (
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	maxPolicyCharacters = 6144
	maxPolicies         = 10

	// How long a job keeps a role, in seconds. AWS ends sessions after one hour
	// unless a role allows more, and accepts up to twelve.
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
	minSession, maxSession = 3600, 43200
	// DefaultDeploySessionSeconds is six hours, GitHub's longest job: a release waits
	// for its deployment. It is the most that a job may ask for; the workflow asks
	// for as long as its own job may take.
	// https://docs.github.com/en/actions/reference/limits
	DefaultDeploySessionSeconds = 21600
)

// Repository is a GitHub repository by names, in the case in which GitHub
// writes them, and by ids. All are required: see OwnerSyntax and its
// neighbours.
type Repository struct{ Owner, OwnerID, Name, ID string }

// Args configures the component.
type Args struct {
	// Name is the base of the physical names, for example "orders-dev". Required.
	Name string
	// Repository is whose jobs may assume the roles. Required.
	Repository Repository
	// Branch is the branch that is pushed from and deployed. Required.
	Branch string
	// Environment is the GitHub environment whose jobs may deploy. Required.
	Environment string
	// ProviderARN is the account's identity provider for GitHub. Empty creates
	// it; an account can have only one.
	ProviderARN string
	// Boundary is what no role can ever exceed. Required.
	Boundary policydoc.Document
	// Policies are what each role may do: one to ten documents a role, of up to
	// 6,144 characters each. Required for every role.
	Policies map[Role][]policydoc.Document
	// DeploySessionSeconds is how long a deploying job keeps its role, 3600 to
	// 43200. Zero means DefaultDeploySessionSeconds. The others keep theirs for
	// an hour.
	DeploySessionSeconds int
	// Protect refuses to delete the provider that was created, which other stacks
	// may have adopted.
	Protect bool
}

// Validate reports every problem with the arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	repository := check.Path("Repository")
	OwnerSyntax.check(&l, repository.Field("Owner"), a.Repository.Owner)
	IDSyntax.check(&l, repository.Field("OwnerID"), a.Repository.OwnerID)
	RepositorySyntax.check(&l, repository.Field("Name"), a.Repository.Name)
	IDSyntax.check(&l, repository.Field("ID"), a.Repository.ID)
	BranchSyntax.check(&l, "Branch", a.Branch)
	EnvironmentSyntax.check(&l, "Environment", a.Environment)
	if a.ProviderARN != "" {
		ProviderSyntax.check(&l, "ProviderARN", a.ProviderARN)
	}
	checkDocument(&l, "Boundary", a.Boundary)
	a.checkPolicies(&l)
	if a.DeploySessionSeconds != 0 {
		l.InRange("DeploySessionSeconds", a.DeploySessionSeconds, minSession, maxSession)
	}
	return l.Err()
}

func (a *Args) checkPolicies(l *check.List) {
	at := check.Path("Policies")
	for _, role := range slices.Sorted(maps.Keys(a.Policies)) {
		if !slices.Contains(Roles(), role) {
			l.Addf(at.Key(string(role)), "is no role, want %q, %q or %q", Preview, Push, Deploy)
		}
	}
	for _, role := range Roles() {
		p, documents := at.Key(string(role)), a.Policies[role]
		if n := len(documents); n < 1 || n > maxPolicies {
			l.Addf(p, "has %d documents, want 1 to %d, which is what IAM attaches to a role", n, maxPolicies)
			continue
		}
		for i, d := range documents {
			checkDocument(l, p.Index(i), d)
		}
	}
}

// checkDocument records what IAM would refuse a managed policy for.
func checkDocument(l *check.List, p check.Path, d policydoc.Document) {
	if len(d.Statements) == 0 {
		l.Addf(p, "has no statement")
		return
	}
	text, err := d.JSON()
	if err != nil {
		l.Addf(p, "%v", err)
		return
	}
	if n := characters(text); n > maxPolicyCharacters {
		l.Addf(p, "has %d characters, want at most %d, which is what IAM accepts", n, maxPolicyCharacters)
	}
}

// characters counts as IAM does: without white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func characters(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func (a *Args) policyName(role Role, i int) string { return fmt.Sprintf("%s-%s-%d", a.Name, role, i+1) }
