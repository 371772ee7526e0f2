package bootstrap

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/project"
)

// Options say what to make, and for whom.
type Options struct {
	Project *project.Project
	Stack   *project.Stack
	Program pulumi.RunFunc

	// Region is the stack's, AccountIDs those that it may be deployed to; empty
	// means any.
	Region     string
	AccountIDs []string
	// Bucket is the state's bucket, empty for one by this package's own name.
	Bucket string
	// KeyARN is a KMS key to use as it is, empty for this package's own.
	KeyARN string
	// Tags are what bucket and key are tagged with when they are made.
	Tags map[string]string
	// GitHub is the repository that is told what it needs.
	GitHub GitHub

	// Check only looks: no call that it makes changes anything.
	Check bool
	// SkipUpdate leaves the first update to the user.
	SkipUpdate bool
	// Confirm asks whether to carry out an update that was previewed. Without it
	// there is nobody to ask, and nothing is updated.
	Confirm func(question string) (bool, error)
	// Progress hears of each step, and of what the engine does.
	Progress io.Writer
}

// GitHub is the repository and its settings. Owner and Repository may be empty.
type GitHub struct {
	Owner, Repository string
	// Environment is the GitHub environment whose jobs deploy, Branch the branch
	// that they deploy.
	Environment, Branch string
	// Approval is whether somebody has to approve a deployment; Reviewers is the
	// team that does.
	Approval  bool
	Reviewers string
	// ProviderARN is GitHub's identity provider that the configuration names, empty
	// if the stack is to make it.
	ProviderARN string
}

// named tells whether the configuration names a repository.
func (g GitHub) named() bool { return g.Owner != "" && g.Repository != "" }

// Status is what came of a step.
type Status string

// What can come of a step. A check makes and mends nothing: what it would make
// is Missing, what it would mend Differs.
const (
	There   Status = "there"
	Made    Status = "made"
	Mended  Status = "mended"
	Missing Status = "missing"
	Differs Status = "differs"
	// Updated is a stack that was there and has changed.
	Updated Status = "updated"
	Skipped Status = "skipped"
)

// Step is one part of what a stack needs.
type Step struct {
	// Name is account, key, bucket, stack, configuration or update.
	Name string `json:"name"`
	// Resource is what it is about: an ARN, a name or a file.
	Resource string `json:"resource"`
	Status   Status `json:"status"`
	// Notes are what was changed, what is missing, or what to know.
	Notes []string `json:"notes"`
}

// Report is what is there in the end.
type Report struct {
	Stack   string `json:"stack"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Caller is the ARN of whoever ran this.
	Caller string `json:"caller"`
	// Backend is the URL of Pulumi's state, SecretsProvider that of the key which
	// encrypts the secrets in it.
	Backend         string `json:"backend"`
	SecretsProvider string `json:"secretsProvider"`
	// Complete says that nothing is missing, and all is as it should be.
	Complete bool      `json:"complete"`
	Steps    []Step    `json:"steps"`
	GitHub   *Settings `json:"github"`
	// Next is what is left to do by hand.
	Next []string `json:"next"`
}

// run is one run: what it was asked, and what it has found so far.
type run struct {
	Options
	aws     clients
	report  *Report
	keyARN  string // empty while a check misses it
	outputs map[string]any
}

// Run makes what is missing, or with Check only looks for it. A failure leaves
// what was made until then, for the next run to find.
func Run(ctx context.Context, config aws.Config, o Options) (*Report, error) {
	r := newRun(config, o)
	if err := r.carryOut(ctx, r.identify, r.key, r.bucket, r.stack); err != nil {
		return nil, err
	}
	r.report.GitHub = r.settings()
	r.report.Complete = true
	for _, s := range r.report.Steps {
		r.report.Complete = r.report.Complete && s.Status != Missing && s.Status != Differs
	}
	r.next()
	return r.report, nil
}

func newRun(config aws.Config, o Options) *run {
	return &run{Options: o, aws: newClients(config), report: &Report{
		Stack: o.Stack.Name, Region: o.Region, Steps: []Step{}, Next: []string{},
	}}
}

func (r *run) carryOut(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return r.explain(err)
		}
	}
	return nil
}

// done notes what came of a step.
func (r *run) done(name, resource string, status Status, notes ...string) {
	if notes == nil {
		notes = []string{}
	}
	r.report.Steps = append(r.report.Steps, Step{Name: name, Resource: resource, Status: status, Notes: notes})
	fmt.Fprintf(r.Progress, "%-13s %-8s %s\n", name, status, resource)
	for _, n := range notes {
		fmt.Fprintf(r.Progress, "%22s %s\n", "", n)
	}
}

// begin says what is about to be done, where that takes more than a moment.
func (r *run) begin(format string, args ...any) {
	fmt.Fprintf(r.Progress, format+" …\n", args...)
}

// status is what to call a step after which fixed is what was put right.
func (r *run) status(made bool, fixed []string) Status {
	switch {
	case made:
		return Made
	case len(fixed) == 0:
		return There
	case r.Check:
		return Differs
	}
	return Mended
}
