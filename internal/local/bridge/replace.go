package bridge

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/reservedkeys"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"google.golang.org/protobuf/types/known/structpb"
)

// deletedFirst lists the types that are one of a kind for what they belong to, which
// their inputs and IDs do not show: creating a second one fails, or is the same as the
// first, which the delete then takes away. pulumi-aws lists the same.
var deletedFirst = map[string]bool{
	"aws_api_gateway_integration":            true,
	"aws_cloudwatch_log_subscription_filter": true,
	"aws_ec2_transit_gateway_vpc_attachment": true,
	"aws_efs_mount_target":                   true,
	"aws_iam_account_alias":                  true,
	"aws_iam_group_policy_attachment":        true,
	"aws_iam_policy_attachment":              true,
	"aws_iam_role_policy_attachment":         true,
	"aws_iam_user_policy_attachment":         true,
	"aws_security_group_rule":                true,
}

// resourceType is what the plugin knows of a type beyond the bridge.
type resourceType struct {
	tfName string
	schema shim.SchemaMap
	fields map[string]*info.Schema
}

func resourceTypesByToken(p info.Provider) map[string]resourceType {
	out := make(map[string]resourceType, len(p.Resources))
	for tfName, r := range p.Resources {
		out[string(r.Tok)] = resourceType{tfName, p.P.ResourcesMap().Get(tfName).Schema(), r.Fields}
	}
	return out
}

// inputs are a resource's properties as the engine sends them.
type inputs map[string]*structpb.Value

func (in inputs) has(name string) bool {
	v, ok := in[name]
	if !ok {
		return false
	}
	_, null := v.GetKind().(*structpb.Value_NullValue)
	return !null
}

// same says whether other has the same word, known to both, under name.
func (in inputs) same(other inputs, name string) bool {
	word := in[name].GetStringValue()
	return word != "" && word == other[name].GetStringValue()
}

// defaults lists the names of inputs that were filled in, not given by the program; ok
// is false when that is not known.
func (in inputs) defaults() (names []string, ok bool) {
	list, ok := in[reservedkeys.Defaults].GetKind().(*structpb.Value_ListValue)
	if !ok {
		return nil, false
	}
	for _, v := range list.ListValue.GetValues() {
		names = append(names, v.GetStringValue())
	}
	return names, true
}

// autonamed lists the properties that are named by default.
func (t resourceType) autonamed() []string {
	var out []string
	for tfName, f := range t.fields {
		if f.Default != nil && f.Default.AutoNamed {
			out = append(out, pulumiName(tfName, t.schema, t.fields))
		}
	}
	return out
}

// deleteFirst decides whether a resource to be replaced is deleted before its successor
// is created: when the two could not exist side by side, as both would have the same
// name in AWS or be the only one of their kind for what they belong to.
//
//   - A type in deletedFirst: yes.
//   - A resource named by default: no, its successor gets a new name.
//   - A resource that the program names: yes, whether or not the name changes. This is
//     pulumi-aws's rule.
//   - A resource whose ID consists of inputs that stay the same, such as the lifecycle
//     policy of a repository: yes, unless each one created is a new revision.
func (t resourceType) deleteFirst(id string, olds, news inputs) bool {
	if deletedFirst[t.tfName] {
		return true
	}
	defaults, known := news.defaults()
	if !known {
		return false
	}
	names := t.autonamed()
	if slices.ContainsFunc(names, func(n string) bool { return slices.Contains(defaults, n) }) {
		return false
	}
	if slices.ContainsFunc(names, news.has) {
		return true
	}
	_, revised := t.schema.GetOk("revision")
	return !revised && t.sameIdentity(id, olds, news)
}

// separators are what Terraform joins the parts of an ID with.
const separators = ":/,_|-#."

// sameIdentity says whether id consists of inputs that are the same before and after.
func (t resourceType) sameIdentity(id string, olds, news inputs) bool {
	var parts []string
	for name := range news {
		if olds.same(news, name) && name != reservedkeys.Defaults {
			parts = append(parts, news[name].GetStringValue())
		}
	}
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	rest := id
	for _, p := range parts {
		rest = strings.Replace(rest, p, "", 1)
	}
	return id != "" && rest != id && strings.Trim(rest, separators) == ""
}
