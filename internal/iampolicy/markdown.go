package iampolicy

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteMarkdown writes the policies of all roles for people: who may do what, on
// what, and why where it is not narrowed.
func WriteMarkdown(w io.Writer, in Input) error {
	all, err := Generate(in)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(pageIntro)
	for _, role := range Roles() {
		size := 0
		for _, d := range all[role] {
			text, err := d.JSON()
			if err != nil {
				return err
			}
			size += len(text)
		}
		noun := "documents"
		if len(all[role]) == 1 {
			noun = "document"
		}
		fmt.Fprintf(&b, "## %s\n\n%d %s, %d characters.\n\n| statement | actions | on | under |\n|---|---|---|---|\n", role, len(all[role]), noun, size)
		for _, d := range all[role] {
			for _, st := range d.Statements {
				name := st.Sid
				if st.Effect != "" {
					name += " (" + st.Effect + ")"
				}
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, cells(st.Actions), cells(st.Resources), conditions(st.Conditions))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString(pageReasons)
	writeReasons(&b)
	_, err = io.WriteString(w, b.String())
	return err
}

// writeReasons writes why actions are allowed on everything.
func writeReasons(b *strings.Builder) {
	b.WriteString("| actions | why on everything |\n|---|---|\n")
	for _, s := range table() {
		byWhy := map[string][]string{}
		for _, r := range s.rows {
			if len(r.on) > 0 {
				continue
			}
			for _, a := range r.actions {
				if name := s.prefix + ":" + a; !slices.Contains(byWhy[r.why], name) {
					byWhy[r.why] = append(byWhy[r.why], name)
				}
			}
		}
		for _, why := range slices.Sorted(maps.Keys(byWhy)) {
			slices.Sort(byWhy[why])
			fmt.Fprintf(b, "| %s | %s |\n", cells(byWhy[why]), why)
		}
	}
	for _, o := range onEverything {
		fmt.Fprintf(b, "| %s | %s |\n", cells(o.actions), o.why)
	}
}

func cells(lines []string) string {
	var out []string
	for _, l := range lines {
		out = append(out, "`"+l+"`")
	}
	return strings.Join(out, "<br>")
}

func conditions(c map[string]map[string][]string) string {
	var out []string
	for _, operator := range slices.Sorted(maps.Keys(c)) {
		for _, key := range slices.Sorted(maps.Keys(c[operator])) {
			out = append(out, fmt.Sprintf("%s %s %s", key, operator, strings.Join(c[operator][key], ", ")))
		}
	}
	return cells(out)
}

const pageIntro = `# What the pipeline may do

The policies of production's pipeline, generated from the resources that its program registers:
` + "`evenkeel policy --stack prod --role deploy`" + ` prints the documents themselves, for any stack and
role, offline. This page is generated, too.

- **preview** reads, for ` + "`pulumi preview`" + ` on pull requests and the nightly search for drift.
- **push** puts images into one repository.
- **deploy** does what ` + "`pulumi up`" + ` and ` + "`evenkeel release`" + ` do.
- **boundary** is what none of the three can exceed, whatever else is attached to them.

Resources are narrowed by name wherever the program chooses the name, by the stack's own tags
(aws:ResourceTag, aws:RequestTag) where AWS gives ids of its own. What is left on everything is
listed at the end with its reason.

How they are tested: every call was recorded by the emulator that the engine made during preview,
update, refresh and deletion of both stacks and of one that CodeDeploy deploys, and that releases,
previews and the search for drift made, also through a backend that ` + "`evenkeel bootstrap`" + ` has made.
Each is allowed by the right policy; every action that is allowed and was not recorded is in a list
with its reason (` + "`internal/iampolicy/testdata/unrecorded.txt`" + `); a call on a bucket of somebody else is refused. The
decisions are those of an evaluator of our own after IAM's documented rules. That each action exists,
and can be narrowed to what it is narrowed to under these conditions, is held to AWS's Service
Authorization Reference (` + "`internal/iampolicy/testdata/authorization.json`" + `). **They were not tried on
AWS.**

Know what they do not hold back: the policy of the tasks' own role is a part of the program, so
whoever may merge may give the tasks any right, within what the account's own guardrails (service
control policies) allow. Review of the program protects that. Load balancers and target groups have
names of 32 characters that Pulumi completes, so those of two stacks of one service in one account
differ by their tags only, like everything that AWS gives an id. Where names only start like the
stack's, so do those of a stack "prod-eu" beside "prod": in one account, let no stack's name start
with another's and a dash.

The deploy role cannot change its own rights. A change that brings a new kind of resource, or takes
the last of a kind away, shows in the preview under ` + "`pipeline`" + `; an administrator applies it before the merge, by
` + "`pulumi up --stack prod --target '**PipelineIdentity**' --target-dependents`" + `. Otherwise the pipeline's update stops with
AccessDenied, before or in the middle of it, and can be repeated once the rights are there. What is
taken away is still there when its policies are not: therefore the role may always delete, and read,
what the program could have made, by the stack's names and tags. An update that makes a KMS key may
be refused once, and goes through when it is repeated: a key's tags count after
[up to five minutes](https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html).

`

const pageReasons = `## On everything, and why

`
