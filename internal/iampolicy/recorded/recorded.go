// Package recorded turns API calls that the emulator has recorded into the
// requests that IAM would decide on: actions by IAM's names, ARNs of what a call
// names, the tags that it sets. It is how the generated policies are held to what
// the engine, the provider and the commands really call.
//
// It trusts in one thing: what a call names by an id of AWS's own (a security
// group, a key) has the tags of the stack, because the program gives them to
// everything that it makes.
package recorded

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/local/gateway"
)

// Stack is whose calls they are.
type Stack struct {
	Name, Service, Region, Account string
	// Aliases are the ARNs of the keys that KMS's aliases stand for.
	Aliases map[string]string
}

// parameters are a call's.
type parameters map[string]any

func (p parameters) text(key string) string {
	s, _ := p[key].(string)
	return s
}

// texts are a parameter's values, one or a list.
func (p parameters) texts(key string) []string {
	switch v := p[key].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// Requests are what IAM decides on for a call: one for each resource.
func Requests(s Stack, c gateway.Call) ([]iampolicy.Request, error) {
	p, _ := c.Parameters.(map[string]any)
	action := c.Name()
	if c.Service == "s3" {
		return s.bucketRequest(c)
	}
	resources, err := s.resources(c, p)
	if err != nil {
		return nil, err
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	context := s.context(c, p)
	var out []iampolicy.Request
	for _, r := range resources {
		of := context
		if makes(action, r) {
			of = untagged(context)
		}
		out = append(out, iampolicy.Request{Action: action, Resource: r, Context: of})
	}
	return append(out, s.besides(c, p)...), nil
}

// existing are the calls that make something and name what is there already.
var existing = []string{"codedeploy:CreateDeployment", "ec2:CreateSecurityGroup", "elasticloadbalancing:CreateListener", "kms:CreateAlias"}

// makes tells whether a call makes a resource, which then has no tags yet that a
// condition could look at.
func makes(action, resource string) bool {
	_, name, _ := strings.Cut(action, ":")
	return strings.HasSuffix(resource, "-new") || strings.HasPrefix(name, "Create") && !slices.Contains(existing, action)
}

func untagged(context map[string][]string) map[string][]string {
	out := maps.Clone(context)
	maps.DeleteFunc(out, func(key string, _ []string) bool { return strings.HasPrefix(key, "aws:resourcetag/") })
	return out
}

// context is what conditions look at.
func (s Stack) context(c gateway.Call, p parameters) map[string][]string {
	out := map[string][]string{
		"aws:requestedregion": {s.Region}, "aws:resourcetag/stack": {s.Name}, "aws:resourcetag/service": {s.Service},
	}
	for key, value := range tags(p) {
		out["aws:requesttag/"+strings.ToLower(key)] = []string{value}
	}
	if c.Service == "application-autoscaling" {
		out["application-autoscaling:service-namespace"] = p.texts("ServiceNamespace")
	}
	if cluster := p.text("cluster"); c.Service == "ecs" && cluster != "" {
		out["ecs:cluster"] = []string{s.arn("ecs", "cluster/"+cluster[strings.LastIndexByte(cluster, '/')+1:])}
	}
	return out
}

// tags are those that a call sets, in whichever shape its service wants them.
func tags(v any) map[string]string {
	out := map[string]string{}
	var walk func(any, bool)
	walk = func(v any, within bool) {
		switch v := v.(type) {
		case parameters:
			walk(map[string]any(v), within)
		case []any:
			for _, e := range v {
				walk(e, within)
			}
		case map[string]any:
			key, value := first(v, "Key", "key", "TagKey"), first(v, "Value", "value", "TagValue")
			if within && key != "" {
				out[key] = value
				return
			}
			for name, e := range v {
				isTags := strings.EqualFold(name, "tags") || name == "TagSpecification" || name == "Tag"
				if text, ok := e.(string); ok && within {
					out[name] = text
				} else {
					walk(e, isTags)
				}
			}
		}
	}
	walk(v, false)
	return out
}

func first(m map[string]any, names ...string) string {
	for _, name := range names {
		if s, ok := m[name].(string); ok {
			return s
		}
	}
	return ""
}

func (s Stack) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, s.Region, s.Account, resource)
}

// besides are the permissions that a call asks for with it: to tag what it
// makes, to hand on a role, to use a key.
func (s Stack) besides(c gateway.Call, p parameters) []iampolicy.Request {
	var out []iampolicy.Request
	request := tags(p)
	for key, service := range map[string]string{
		"taskRoleArn": "ecs-tasks.amazonaws.com", "executionRoleArn": "ecs-tasks.amazonaws.com", "serviceRoleArn": "codedeploy.amazonaws.com",
		"DeliverLogsPermissionArn": "vpc-flow-logs.amazonaws.com",
	} {
		if role := p.text(key); role != "" {
			out = append(out, iampolicy.Request{
				Action: "iam:PassRole", Resource: role, Context: map[string][]string{"iam:passedtoservice": {service}},
			})
		}
	}
	if tag := tagAction(c); tag != "" && len(request) > 0 {
		resources, err := s.resources(c, p)
		if c.Name() == "kms:CreateKey" {
			resources = []string{s.arn("kms", "key/new")}
		}
		if err != nil || len(resources) == 0 {
			return out // the request itself will tell
		}
		if c.Service == "ec2" {
			resources = []string{s.arn("ec2", "security-group/sg-new")}
			if strings.HasPrefix(c.Action, "Authorize") {
				resources = []string{s.arn("ec2", "security-group-rule/sgr-new")}
			}
		}
		context := untagged(s.context(c, p))
		context["ec2:createaction"] = []string{c.Action}
		for _, r := range resources {
			out = append(out, iampolicy.Request{Action: tag, Resource: r, Context: context})
		}
	}
	return out
}

// tagAction is the permission to set tags in a call that makes something.
func tagAction(c gateway.Call) string {
	if c.Action == "TagResource" || c.Action == "RegisterTaskDefinition" || c.Action == "CreateCluster" {
		return ""
	}
	switch c.Service {
	case "ec2":
		return "ec2:CreateTags"
	case "elasticloadbalancing":
		return "elasticloadbalancing:AddTags"
	case "iam":
		return map[string]string{"CreateRole": "iam:TagRole", "CreatePolicy": "iam:TagPolicy"}[c.Action]
	}
	return c.Service + ":TagResource"
}

// Denied lists the calls that the policies do not allow, each once.
func Denied(s Stack, documents func(iampolicy.Request) bool, calls []gateway.Call) ([]string, error) {
	var out []string
	for _, c := range calls {
		requests, err := Requests(s, c)
		if err != nil {
			return nil, err
		}
		for _, r := range requests {
			if line := r.Action + " on " + r.Resource; !documents(r) && !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	return out, nil
}
