package workflows

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Problem is a rule that a workflow breaks.
type Problem struct {
	// Rule is the rule's name, Where the workflow and the job, Text what is wrong
	// and what is accepted.
	Rule, Where, Text string
}

func (p Problem) String() string { return fmt.Sprintf("%s: %s: %s", p.Where, p.Rule, p.Text) }

const (
	idToken = "id-token"
	// Minutes. GitHub's default is 360, after which it ends any job: a deployment
	// ends before that, so that it can still say what goes on.
	// https://docs.github.com/en/actions/reference/limits
	maxTimeout, maxDeployment = 120, 345

	credentials = "aws-actions/configure-aws-credentials"
	checkout    = "actions/checkout"
	setupGo     = "actions/setup-go"
	upload      = "actions/upload-artifact"
	sameRepo    = "github.event.pull_request.head.repo.full_name == github.repository"
	baseCommit  = "${{ github.event.pull_request.base.sha }}"
)

// What is accepted.
var (
	events  = []string{"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}
	runners = []string{"ubuntu-24.04"}
	actions = []string{
		checkout, setupGo, credentials, "actions/cache/restore", "actions/cache/save",
		upload, "actions/download-artifact",
	}
	// writers are what a job that may write to GitHub may use: nothing that runs
	// what it downloads.
	writers = []string{checkout, setupGo, "actions/download-artifact"}
	// scopes are what a job may ask for, each with the levels that are accepted.
	scopes = map[string][]string{
		"contents": {"read", "write"}, idToken: {"write"}, "pull-requests": {"write"}, "issues": {"write"},
	}
	// contexts are what may be asked of the event: nothing that somebody who
	// opens a pull request or names a branch can choose, but the number and the
	// commits.
	contexts = []string{
		"github.ref", "github.sha", "github.token", "github.event_name", "github.repository", "github.workflow",
		"github.event.pull_request.number", "github.event.pull_request.base.sha",
		"github.event.pull_request.head.repo.full_name",
	}
)

var (
	pinPattern      = regexp.MustCompile(`^([\w-]+/[\w./-]+)@[0-9a-f]{40}$`)
	usesPattern     = regexp.MustCompile(`(?m)^\s*(?:- )?uses: +(\S+@\S+)(.*)$`)
	versionPattern  = regexp.MustCompile(`^ # v\d+\.\d+\.\d+$`)
	localPattern    = regexp.MustCompile(`^\./\.github/workflows/[\w-]+\.yml$`)
	runPattern      = regexp.MustCompile(`^make ([a-z][a-z0-9-]*)$`)
	contextPattern  = regexp.MustCompile(`\bgithub(?:\.[\w*-]+|\[)+`)
	permissionLines = regexp.MustCompile(`(?m)^\s+([a-z-]+): (read|write|none)( #.+)?$`)
	commentPattern  = regexp.MustCompile(`(?m)(^|\s)#.*$`)
)

// checker collects problems of one workflow.
type checker struct {
	w     *Workflow
	all   []*Workflow
	found []Problem
}

func (c *checker) add(rule, job, format string, args ...any) {
	where := c.w.Name
	if job != "" {
		where += " job " + job
	}
	c.found = append(c.found, Problem{rule, where, fmt.Sprintf(format, args...)})
}

// Check holds workflows to the rules. It returns what they break, in the order
// of the files and jobs.
func Check(all []*Workflow) []Problem {
	var out []Problem
	for _, w := range all {
		c := &checker{w: w, all: all}
		c.workflow()
		c.text()
		for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
			j := w.Jobs[name]
			c.job(name, &j)
			if j.Uses != "" {
				c.call(name, &j)
			} else {
				c.steps(name, &j)
			}
		}
		out = append(out, c.found...)
	}
	return out
}

// workflow checks what the whole file says.
func (c *checker) workflow() {
	for _, e := range c.w.events() {
		if !slices.Contains(events, e) {
			c.add("events", "", "%s is not accepted, want some of %s: others run with the base's rights on what a stranger sent", e, strings.Join(events, ", "))
		}
	}
	if len(c.w.events()) == 0 {
		c.add("events", "", "none is named")
	}
	if p, ok := c.w.Permissions.(map[string]any); !ok || len(p) > 0 {
		c.add("permissions", "", "permissions: is %v at the top, want {}: each job asks for its own", c.w.Permissions)
	}
	if len(c.w.Env) > 0 {
		c.add("env", "", "env: is set at the top, want it at the steps that need it")
	}
	c.cancels("", c.w.Concurrency)
}

// text checks what may stand nowhere in the file.
func (c *checker) text() {
	code := commentPattern.ReplaceAllString(c.w.Text, "")
	if strings.Contains(code, "secrets") {
		c.add("secrets", "", "secrets are used, want none: AWS trusts the job's own token, GitHub's is github.token")
	}
	for _, m := range contextPattern.FindAllString(code, -1) {
		if !slices.Contains(contexts, strings.TrimSuffix(m, ".")) && !strings.HasPrefix(m, "github/") {
			c.add("contexts", "", "%s is not accepted, want some of %s: others may hold what a stranger wrote", m, strings.Join(contexts, ", "))
		}
	}
	for _, m := range usesPattern.FindAllStringSubmatch(c.w.Text, -1) {
		if !versionPattern.MatchString(m[2]) {
			c.add("pins", "", "%s has the comment %q, want the version that the commit is, such as \" # v1.2.3\"", m[1], m[2])
		}
	}
	for _, m := range permissionLines.FindAllStringSubmatch(c.w.Text, -1) {
		if m[3] == "" && m[1] != "cache" {
			c.add("permissions", "", "%s: %s has no comment, want what it is for", m[1], m[2])
		}
	}
}

// cancels checks that no deployment is ever cut short by a newer one.
func (c *checker) cancels(job string, k *Concurrency) {
	if k == nil || k.Cancel == false {
		return
	}
	if k.Cancel == nil {
		c.add("concurrency", job, "cancel-in-progress is not set, want it said: false where a stack changes")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.w.Jobs)) {
		if j := c.w.Jobs[name]; j.deploys() || j.writes() && job == name {
			c.add("concurrency", job, "cancel-in-progress is %v and the job %s changes a stack, want false", k.Cancel, name)
			return
		}
	}
	if k.Cancel != "${{ github.event_name == 'pull_request' }}" {
		c.add("concurrency", job, "cancel-in-progress is %v, want false, or true for pull requests only", k.Cancel)
	}
}

// job checks what holds for jobs of either kind.
func (c *checker) job(name string, j *Job) {
	if j.Permissions == nil {
		c.add("permissions", name, "has none, want what it needs")
	}
	for _, scope := range slices.Sorted(maps.Keys(j.Permissions)) {
		if levels, known := scopes[scope]; !known || !slices.Contains(levels, j.Permissions[scope]) {
			c.add("permissions", name, "%s: %s is not accepted", scope, j.Permissions[scope])
		}
	}
	if j.writes() && j.assumes() {
		c.add("permissions", name, "may write to GitHub and has a token for AWS, want two jobs")
	}
	if c.w.startedBy("pull_request") && (j.writes() || j.assumes()) && !strings.Contains(j.If, sameRepo) {
		c.add("forks", name, "has rights that a fork's pull request must not have, want if: %s", sameRepo)
	}
	if j.Environment != nil && j.Concurrency == nil {
		c.add("concurrency", name, "has an environment and no concurrency, want one deployment after the other")
	}
	c.cancels(name, j.Concurrency)
}

// call checks a job that calls a workflow of this repository.
func (c *checker) call(name string, j *Job) {
	if !localPattern.MatchString(j.Uses) {
		c.add("pins", name, "uses: is %q, want a workflow of this repository", j.Uses)
		return
	}
	if j.deploys() && (j.With["environment"] == nil || j.With["environment"] == "") {
		c.add("environments", name, "changes a stack without an environment, want the one whose reviewers approve it")
	}
	at := slices.IndexFunc(c.all, func(w *Workflow) bool { return strings.HasSuffix(j.Uses, "/"+w.Name) })
	if at < 0 {
		c.add("pins", name, "uses: is %q, which is not there", j.Uses)
		return
	}
	// GitHub refuses the whole run otherwise, even when the job is skipped.
	for _, called := range c.all[at].Jobs {
		for scope, level := range called.Permissions {
			if have := j.Permissions[scope]; have != level && have != "write" {
				c.add("permissions", name, "calls %s, whose jobs need %s: %s", j.Uses, scope, level)
			}
		}
	}
}
