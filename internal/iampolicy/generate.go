package iampolicy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"evenkeel/internal/check"
	"evenkeel/internal/policydoc"
)

// Role is whom policies are for.
type Role string

// The roles, and the boundary of all of them.
const (
	Preview  Role = "preview"
	Push     Role = "push"
	Deploy   Role = "deploy"
	Boundary Role = "boundary"
)

// Roles are all of them, in the order in which they can do more.
func Roles() []Role { return []Role{Preview, Push, Deploy, Boundary} }

// Input is what the policies are generated from.
type Input struct {
	// Base starts the physical names, "<service>-<stack>"; Service, Stack and
	// Project are the names themselves.
	Base, Service, Stack, Project string
	// Region and Account are where the stack is.
	Region, Account string
	// Types are the Pulumi types that the program registers.
	Types []string
	// StateBucket holds Pulumi's state, StateKeyARN encrypts the secrets in it.
	// Empty where the state is not in the account.
	StateBucket, StateKeyARN string
	// RepositoryName is the stack's image repository.
	RepositoryName string
}

// maxSize is how large a managed policy may be, white space left out, and
// maxPolicies how many a role may have.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxSize     = 6144
	maxPolicies = 10
)

// arn fills in a pattern of the table.
func (in Input) arn(pattern string) string {
	return strings.NewReplacer("{region}", in.Region, "{account}", in.Account, "{base}", in.Base, "{service}", in.Service).Replace(pattern)
}

func (in Input) has(token string) bool { return slices.Contains(in.Types, token) }

// Generate makes the documents of each role; the boundary is always one. A type
// that the table does not know is an error.
func Generate(in Input) (map[Role][]policydoc.Document, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	preview := append(engine(in, false), statements(in, read)...)
	deploy := slices.Concat(engine(in, true), release(in), statements(in, read|write), []policydoc.Statement{ownRights(in)})
	out := map[Role][]policydoc.Document{}
	for role, all := range map[Role][]policydoc.Statement{Preview: preview, Push: push(in), Deploy: deploy} {
		documents, err := split(all)
		if err != nil {
			return nil, fmt.Errorf("policies of %s: %w", role, err)
		}
		out[role] = documents
	}
	boundary, err := split(boundary(in, slices.Concat(deploy, preview, push(in))))
	if err != nil {
		return nil, fmt.Errorf("policies of %s: %w", Boundary, err)
	}
	if len(boundary) != 1 {
		return nil, fmt.Errorf("policies of %s: they do not fit into one document of %d characters, and a role has one boundary", Boundary, maxSize)
	}
	out[Boundary] = boundary
	return out, nil
}

func (in Input) validate() error {
	var l check.List
	for field, value := range map[check.Path]string{
		"Base": in.Base, "Service": in.Service, "Stack": in.Stack, "Region": in.Region, "Account": in.Account, "RepositoryName": in.RepositoryName,
	} {
		if value == "" {
			l.Addf(field, "is required")
		}
	}
	known := map[string]bool{}
	for _, s := range table() {
		for _, r := range s.rows {
			for _, t := range r.types {
				known[token(t)] = true
			}
		}
	}
	for _, t := range in.Types {
		if !known[t] && !strings.HasPrefix(t, "pulumi:") && !strings.HasPrefix(t, "evenkeel:components:") {
			l.Addf("Types", "has %q, for which internal/iampolicy has no row: add one, with the API actions that its provider calls", t)
		}
	}
	return l.Err()
}

// token completes a type of the table.
func token(t string) string {
	if strings.HasPrefix(t, "awsx:") {
		return t
	}
	return "aws:" + t
}

// statements are the rows that the types need for some operations, those with
// the same resources and conditions in one.
func statements(in Input, does operation) []policydoc.Statement {
	var out []policydoc.Statement
	for _, s := range table() {
		merged := map[string]*policydoc.Statement{}
		for _, r := range s.rows {
			if !r.needed(in, does) {
				continue
			}
			st := r.statement(in)
			key := fmt.Sprint(st.Resources, st.Conditions)
			if merged[key] == nil {
				merged[key] = &st
			}
			for _, a := range r.actions {
				if !slices.Contains(merged[key].Actions, s.prefix+":"+a) {
					merged[key].Actions = append(merged[key].Actions, s.prefix+":"+a)
				}
			}
		}
		for i, key := range slices.Sorted(maps.Keys(merged)) {
			st := merged[key]
			slices.Sort(st.Actions)
			st.Sid = fmt.Sprintf("%s%d", sid(s.prefix), i+1)
			out = append(out, *st)
		}
	}
	return out
}

// needed tells whether a role that does some operations needs the row: for the
// types of the stack and, to delete them, for all others. What a change takes out
// of the program is deleted when the policies already follow from what is left.
func (r row) needed(in Input, does operation) bool {
	if slices.ContainsFunc(r.types, func(t string) bool { return in.has(token(t)) }) {
		return r.does&does != 0
	}
	return does&remove != 0 && r.does&(read|remove) != 0
}

func (r row) statement(in Input) policydoc.Statement {
	st := policydoc.Statement{Resources: []string{"*"}, Conditions: r.scope.conditions(in)}
	if len(r.on) > 0 {
		st.Resources = nil
		for _, pattern := range r.on {
			st.Resources = append(st.Resources, in.arn(pattern))
		}
		slices.Sort(st.Resources)
		st.Resources = slices.Compact(st.Resources)
	}
	for operator, keys := range r.when {
		if st.Conditions[operator] == nil {
			st.Conditions[operator] = map[string][]string{}
		}
		maps.Copy(st.Conditions[operator], keys)
	}
	if len(st.Conditions) == 0 {
		st.Conditions = nil
	}
	return st
}

// sid turns a service's prefix into what an Sid may hold.
func sid(prefix string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(prefix, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// split puts statements into as few documents as their order allows.
func split(all []policydoc.Statement) ([]policydoc.Document, error) {
	var out []policydoc.Document
	for _, st := range all {
		if n := len(out); n > 0 {
			with := policydoc.Document{Statements: append(slices.Clone(out[n-1].Statements), st)}
			text, err := with.JSON()
			if err != nil {
				return nil, err
			}
			if len(text) <= maxSize {
				out[n-1] = with
				continue
			}
		}
		out = append(out, policydoc.Document{Statements: []policydoc.Statement{st}})
	}
	if len(out) > maxPolicies {
		return nil, fmt.Errorf("%d documents, and a role may have %d", len(out), maxPolicies)
	}
	return out, nil
}

// boundary lets each service that the roles use do anything in the stack's
// account and region, to names of the stack where the service goes by names. It
// is coarse on purpose: it holds when a role's own policies do not.
func boundary(in Input, roles []policydoc.Statement) []policydoc.Statement {
	prefixes := map[string]bool{}
	for _, st := range roles {
		for _, a := range st.Actions {
			prefix, _, _ := strings.Cut(a, ":")
			prefixes[prefix] = st.Effect != policydoc.Deny || prefixes[prefix]
		}
	}
	var services []string
	for _, p := range slices.Sorted(maps.Keys(prefixes)) {
		if p != "iam" && p != "s3" && p != "sts" && p != "chatbot" {
			services = append(services, p+":*")
		}
	}
	out := []policydoc.Statement{{
		Sid: "ServicesOfTheStack", Actions: services, Resources: []string{"*"},
		// CloudWatch's dashboards are global, and are asked for in a region all the same.
		Conditions: map[string]map[string][]string{"StringEquals": {"aws:RequestedRegion": {in.Region}}},
	}, {
		Sid: "WhoAmI", Actions: []string{"sts:GetCallerIdentity"}, Resources: everything,
	}}
	for _, st := range roles {
		if st.Effect == policydoc.Deny {
			out = append(out, st)
		}
	}
	// Two things may be in another region: the key of the state, and the chat,
	// which the provider asks for in us-west-2 where the stack's region has none.
	if in.StateKeyARN != "" {
		out = append(out, policydoc.Statement{Sid: "StateKey", Actions: []string{"kms:*"}, Resources: []string{in.StateKeyARN}})
	}
	if prefixes["chatbot"] {
		out = append(out, policydoc.Statement{Sid: "Chat", Actions: []string{"chatbot:*"}, Resources: everything})
	}
	return append(out, bounded(roles, "iam", "Roles"), bounded(roles, "s3", "Buckets"))
}

// bounded lets a service do anything to what the roles may name of it.
func bounded(roles []policydoc.Statement, prefix, name string) policydoc.Statement {
	resources := map[string]bool{}
	for _, st := range roles {
		if st.Effect == policydoc.Deny || !strings.HasPrefix(st.Actions[0], prefix+":") {
			continue
		}
		for _, r := range st.Resources {
			resources[r] = true
		}
	}
	return policydoc.Statement{Sid: name, Actions: []string{prefix + ":*"}, Resources: slices.Sorted(maps.Keys(resources))}
}
