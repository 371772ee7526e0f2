package workflows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// sessionMargin is how much longer than its job a role's session is, in minutes:
// it begins first, and must not end in the middle of a last word.
const sessionMargin = 10

// Stack is what a stack's configuration asks of the workflows.
type Stack struct {
	// Release is how long a release can take.
	Release time.Duration
	// Environment and Branch are those that the stack's role "deploy" trusts.
	Environment, Branch string
}

// CheckStacks holds the jobs that change a stack to what the stacks are configured
// to, by their names: AWS lets no other job in, and says no more than that.
func CheckStacks(all []*Workflow, stacks map[string]Stack) []Problem {
	var out []Problem
	for _, w := range all {
		c := &checker{w: w, all: all}
		for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
			j := w.Jobs[name]
			switch {
			case j.Environment != nil && len(j.Steps) > 0:
				c.lasts(name, &j, stacks)
			case j.Uses != "" && j.deploys():
				c.trusted(name, &j, stacks)
			}
		}
		out = append(out, c.found...)
	}
	return out
}

// lasts checks how long a job that changes a stack may take, and its role's
// session. One job is for all of them.
func (c *checker) lasts(name string, j *Job, stacks map[string]Stack) {
	for _, stack := range slices.Sorted(maps.Keys(stacks)) {
		need := int((stacks[stack].Release + time.Minute - 1) / time.Minute)
		switch {
		case need > maxDeployment:
			c.add("timeouts", name, "a release of %s can take %d minutes, by its evenkeel:deployment, and a job no more than %d: want its traffic to move faster",
				stack, need, maxDeployment)
		case j.Timeout < need:
			c.add("timeouts", name, "timeout-minutes: is %d, and a release of %s can take %d minutes, by its evenkeel:deployment: want %[3]d or more", j.Timeout, stack, need)
		}
	}
	want := (j.Timeout + sessionMargin) * 60
	for _, s := range j.Steps {
		got := s.With["role-duration-seconds"]
		if strings.HasPrefix(s.Uses, credentials+"@") && fmt.Sprint(got) != fmt.Sprint(want) {
			c.add("timeouts", name, "role-duration-seconds: is %v, want %d: %d minutes longer than timeout-minutes", got, want, sessionMargin)
		}
	}
}

// trusted checks a job that names a stack, or takes one of all by an input.
func (c *checker) trusted(name string, j *Job, stacks map[string]Stack) {
	named, environment := fmt.Sprint(j.With["stack"]), fmt.Sprint(j.With["environment"])
	for _, stack := range slices.Sorted(maps.Keys(stacks)) {
		got, s := environment, stacks[stack]
		if strings.HasPrefix(named, "${{") {
			got = strings.ReplaceAll(environment, named, stack)
		} else if named != stack {
			continue
		}
		if got != s.Environment {
			c.add("environments", name, "environment: is %s for stack %s, and its role trusts %s: want the same here and in evenkeel:pipeline.environment", got, stack, s.Environment)
		}
		if !c.runsOn(s.Branch) {
			c.add("branches", name, "does not run on %s, which is the branch that the role of stack %s trusts: want the same here and in evenkeel:pipeline.branch", s.Branch, stack)
		}
	}
}

// runsOn tells whether a workflow that deploys runs on a branch and on no other:
// it is started by a push to it, or asks for it.
func (c *checker) runsOn(branch string) bool {
	if on, ok := c.w.On.(map[string]any); ok {
		if push, ok := on["push"].(map[string]any); ok {
			branches, _ := push["branches"].([]any)
			return len(branches) == 1 && branches[0] == branch
		}
	}
	return strings.Contains(c.w.Text, "github.ref == 'refs/heads/"+branch+"'")
}
