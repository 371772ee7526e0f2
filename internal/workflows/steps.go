package workflows

import (
	"fmt"
	"slices"
	"strings"
)

// changing are the targets that change a stack.
var changing = []string{"release", "release-watch", "rollback"}

// steps checks a job that runs on a machine.
func (c *checker) steps(name string, j *Job) {
	if runner := fmt.Sprint(j.RunsOn); !slices.Contains(runners, runner) {
		c.add("runners", name, "runs-on: is %s, want %s: a machine of GitHub's, that does not change by itself", runner, strings.Join(runners, " or "))
	}
	if j.Container != nil || j.Services != nil {
		c.add("runners", name, "has a container or services, want neither")
	}
	most := maxTimeout
	if j.Environment != nil {
		most = maxDeployment
	}
	if j.Timeout < 1 || j.Timeout > most {
		c.add("timeouts", name, "timeout-minutes: is %d, want 1 to %d", j.Timeout, most)
	}
	logsIn := false
	for i := range j.Steps {
		s := &j.Steps[i]
		where := fmt.Sprintf("%s step %d", name, i+1)
		if s.Uses != "" {
			c.action(where, j, s)
		}
		c.run(where, j, s)
		logsIn = logsIn || strings.HasPrefix(s.Uses, credentials+"@")
	}
	if logsIn != j.assumes() {
		c.add("permissions", name, "id-token: write and %s go together, want both or neither", credentials)
	}
	if len(j.Steps) == 0 {
		c.add("runs", name, "has no steps")
	}
}

// run checks that a step is a make target, which can be run and tested by hand.
func (c *checker) run(where string, j *Job, s *Step) {
	m := runPattern.FindStringSubmatch(s.Run)
	switch {
	case s.Run != "" && m == nil:
		c.add("runs", where, "run: is %q, want one make target: make <target>", s.Run)
	case m != nil && slices.Contains(changing, m[1]) && j.Environment == nil:
		c.add("environments", where, "%s changes a stack outside of an environment", s.Run)
	}
	if s.Shell != "" || s.WorkingDirectory != "" || s.ContinueOnError != nil {
		c.add("runs", where, "has a shell, a folder or continue-on-error, want none: a failure is one")
	}
	if s.Uses == "" && s.Run == "" {
		c.add("runs", where, "does nothing")
	}
}

// action checks whose code a step runs, and with what.
func (c *checker) action(where string, j *Job, s *Step) {
	m := pinPattern.FindStringSubmatch(s.Uses)
	if m == nil {
		c.add("pins", where, "uses: is %q, want action@ and the commit, 40 digits: a tag can be moved", s.Uses)
		return
	}
	action := m[1]
	if !slices.Contains(actions, action) {
		c.add("actions", where, "%s is not accepted, want one of %s, or a command of our own", action, strings.Join(actions, ", "))
	}
	if j.writes() && !slices.Contains(writers, action) {
		c.add("permissions", where, "%s in a job that may write to GitHub, want only %s", action, strings.Join(writers, ", "))
	}
	c.cache(where, action, j, s)
	switch action {
	case checkout:
		if s.With["persist-credentials"] != false {
			c.add("checkout", where, "persist-credentials: is %v, want false: the token would stay in .git", s.With["persist-credentials"])
		}
		if j.writes() && c.w.startedBy("pull_request") && s.With["ref"] != baseCommit {
			c.add("checkout", where, "checks out the pull request in a job that may write, want ref: %s", baseCommit)
		}
	case upload:
		// An attempt is the same run, in which a name is taken.
		// https://github.com/actions/upload-artifact#overwriting-an-artifact
		if s.With["overwrite"] != true {
			c.add("artifacts", where, "overwrite: is %v, want true: a job that is run again could not upload", s.With["overwrite"])
		}
	case credentials:
		if s.With["role-to-assume"] == nil || s.With["aws-access-key-id"] != nil || s.With["aws-secret-access-key"] != nil {
			c.add("secrets", where, "has no role, or has keys, want role-to-assume alone")
		}
	}
}

// cache checks that no job that others rely on builds from what another run
// left: a cache of the main branch can be filled by whatever runs on it.
// https://docs.zizmor.sh/audits/#cache-poisoning
func (c *checker) cache(where, action string, j *Job, s *Step) {
	if action == setupGo && s.With["cache"] != false {
		c.add("caches", where, "setup-go has a cache of its own, want cache: false")
	}
	if !strings.HasPrefix(action, "actions/cache/") {
		return
	}
	switch {
	case !c.w.startedBy("pull_request"):
		c.add("caches", where, "%s in a workflow that is no test, want it to build from nothing", action)
	case j.writes() || j.assumes():
		c.add("caches", where, "%s in a job that may write, or has a token for AWS", action)
	case action == "actions/cache/save" && !strings.Contains(s.If, "github.event_name == 'push'"):
		c.add("caches", where, "a pull request would fill the cache, want if: github.event_name == 'push'")
	}
}
