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

// CheckTime holds the jobs that change a stack to how long a release can take, by
// the stacks' names. One job deploys all of them.
func CheckTime(all []*Workflow, releases map[string]time.Duration) []Problem {
	var out []Problem
	for _, w := range all {
		for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
			j := w.Jobs[name]
			if j.Environment == nil || len(j.Steps) == 0 {
				continue
			}
			c := &checker{w: w, all: all}
			c.lasts(name, &j, releases)
			out = append(out, c.found...)
		}
	}
	return out
}

// lasts checks a job that changes a stack, and its role's session.
func (c *checker) lasts(name string, j *Job, releases map[string]time.Duration) {
	for _, stack := range slices.Sorted(maps.Keys(releases)) {
		need := int((releases[stack] + time.Minute - 1) / time.Minute)
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
