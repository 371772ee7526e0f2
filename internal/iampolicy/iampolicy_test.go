package iampolicy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/policydoc"
)

// input is a stack with everything that the table knows.
func input(stack string) iampolicy.Input {
	in := iampolicy.Input{
		Base: "orders-" + stack, Service: "orders", Stack: stack, Project: "evenkeel", Region: "eu-west-1", Account: "111122223333",
		RepositoryName: "orders-" + stack, StateBucket: "example-state",
		StateKeyARN: "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012",
	}
	types, _, _ := iampolicy.Rows()
	for _, t := range slices.Concat(types...) {
		if !strings.HasPrefix(t, "awsx:") {
			t = "aws:" + t
		}
		in.Types = append(in.Types, t)
	}
	slices.Sort(in.Types)
	in.Types = slices.Compact(in.Types)
	return in
}

func generate(t *testing.T, in iampolicy.Input) map[iampolicy.Role][]policydoc.Document {
	t.Helper()
	out, err := iampolicy.Generate(in)
	require.NoError(t, err)
	return out
}

func TestDocumentsFitIAM(t *testing.T) {
	in := input("production-europe")
	for role, documents := range generate(t, in) {
		assert.LessOrEqual(t, len(documents), 10, "%s: a role may have ten policies", role)
		for _, d := range documents {
			text, err := d.JSON()
			require.NoError(t, err)
			assert.LessOrEqual(t, len(text), 6144, "%s", role)
			var sids []string
			for _, s := range d.Statements {
				assert.Regexp(t, "^[A-Za-z0-9]+$", s.Sid)
				assert.NotContains(t, sids, s.Sid)
				sids = append(sids, s.Sid)
				assert.NotEmpty(t, s.Actions)
				assert.NotEmpty(t, s.Resources)
			}
		}
	}
}

func TestTheOrderOfTypesDoesNotMatter(t *testing.T) {
	in := input("dev")
	before := generate(t, in)
	slices.Reverse(in.Types)
	assert.Equal(t, before, generate(t, in))
}

func TestEveryRowOnEverythingSaysWhy(t *testing.T) {
	types, on, why := iampolicy.Rows()
	for i := range on {
		assert.NotEmpty(t, types[i])
		if len(on[i]) == 0 {
			assert.NotEmpty(t, why[i], "%v", types[i])
		}
		for _, pattern := range on[i] {
			assert.Regexp(t, `^arn:aws:[a-z0-9-]+:(\{region\})?:(\{account\})?:`, pattern)
		}
	}
}

func TestATypeWithoutRowsIsAnError(t *testing.T) {
	in := input("dev")
	in.Types = append(in.Types, "aws:lambda/function:Function", "evenkeel:components:Service", "pulumi:providers:aws")
	_, err := iampolicy.Generate(in)
	require.EqualError(t, err, `Types: has "aws:lambda/function:Function", for which internal/iampolicy has no row: add one, with the API actions that its provider calls`)
}

func TestAStackHasOnlyTheRightsOfItsTypes(t *testing.T) {
	in := input("dev")
	in.Types = []string{"aws:ecr/repository:Repository"}
	actions, err := iampolicy.AllowedActions(in, iampolicy.Deploy)
	require.NoError(t, err)
	for _, a := range actions {
		assert.NotRegexp(t, "^(ec2|elasticloadbalancing|sns|codedeploy|iam):(Create|Put|Run|Modify)", a)
	}
	assert.Contains(t, actions, "ecr:CreateRepository")
}

// An administrator applies the policies of what is left before the merge; what
// the change takes away is still there then, and the deployment deletes it.
func TestWhatAStackLosesCanBeDeleted(t *testing.T) {
	in := input("dev")
	require.Contains(t, in.Types, "aws:codedeploy/deploymentGroup:DeploymentGroup")
	before := generate(t, in)
	in.Types = slices.DeleteFunc(slices.Clone(in.Types), func(t string) bool { return strings.HasPrefix(t, "aws:codedeploy/") })
	after := generate(t, in)

	group := "arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:orders-dev/orders-dev"
	role := request("iam:PassRole", "arn:aws:iam::111122223333:role/orders-dev-codedeploy")
	role.Context["iam:passedtoservice"] = []string{"codedeploy.amazonaws.com"}
	for _, r := range []iampolicy.Request{
		request("codedeploy:GetDeploymentGroup", group), request("codedeploy:DeleteDeploymentGroup", group),
		request("iam:DeleteRole", "arn:aws:iam::111122223333:role/orders-dev-codedeploy"),
	} {
		assert.True(t, iampolicy.Allowed(after[iampolicy.Deploy], r), r.Action)
		assert.True(t, iampolicy.Allowed(after[iampolicy.Boundary], r), r.Action)
	}
	for _, r := range []iampolicy.Request{request("codedeploy:CreateDeploymentGroup", group), request("codedeploy:UpdateDeploymentGroup", group), role} {
		assert.True(t, iampolicy.Allowed(before[iampolicy.Deploy], r), r.Action)
		assert.False(t, iampolicy.Allowed(after[iampolicy.Deploy], r), r.Action)
	}
	other := request("codedeploy:DeleteDeploymentGroup", "arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:orders-prod/orders-prod")
	assert.False(t, iampolicy.Allowed(after[iampolicy.Deploy], other))
}

// Verbs by which AWS's actions begin that only look.
var looks = []string{"Describe", "Get", "List", "BatchGet"}

func TestPreviewOnlyLooks(t *testing.T) {
	actions, err := iampolicy.AllowedActions(input("dev"), iampolicy.Preview)
	require.NoError(t, err)
	for _, a := range actions {
		_, name, _ := strings.Cut(a, ":")
		if slices.ContainsFunc(looks, func(v string) bool { return strings.HasPrefix(name, v) }) {
			continue
		}
		// The state's lock, and the secrets in the state.
		assert.Contains(t, []string{"s3:PutObject", "s3:DeleteObject", "kms:Decrypt", "kms:GenerateDataKey"}, a)
	}
}

func request(action, resource string) iampolicy.Request {
	return iampolicy.Request{Action: action, Resource: resource, Context: map[string][]string{
		"aws:requestedregion": {"eu-west-1"}, "aws:resourcetag/stack": {"dev"}, "aws:resourcetag/service": {"orders"},
		"aws:requesttag/stack": {"dev"}, "aws:requesttag/service": {"orders"},
	}}
}

func TestWhatNoRoleMay(t *testing.T) {
	all := generate(t, input("dev"))
	foreign := request("ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1")
	foreign.Context["aws:resourcetag/stack"] = []string{"prod"}
	toTasks := request("iam:PassRole", "arn:aws:iam::111122223333:role/orders-prod-task")
	toTasks.Context["iam:passedtoservice"] = []string{"ecs-tasks.amazonaws.com"}
	elsewhere := request("ec2:DescribeVpcs", "*")
	elsewhere.Context["aws:requestedregion"] = []string{"us-east-1"}
	tests := map[string]iampolicy.Request{
		"read somebody's bucket":        request("s3:GetObject", "arn:aws:s3:::customers/list.csv"),
		"make a bucket":                 request("s3:CreateBucket", "arn:aws:s3:::exfiltrate"),
		"write the state of others":     request("s3:PutObject", "arn:aws:s3:::example-state/elsewhere"),
		"write another stack's state":   request("s3:PutObject", "arn:aws:s3:::example-state/.pulumi/stacks/evenkeel/prod.json"),
		"read another stack's state":    request("s3:GetObject", "arn:aws:s3:::example-state/.pulumi/stacks/evenkeel/prod.json"),
		"read another project's state":  request("s3:GetObject", "arn:aws:s3:::example-state/.pulumi/stacks/billing/dev.json"),
		"break another stack's lock":    request("s3:DeleteObject", "arn:aws:s3:::example-state/.pulumi/locks/organization/evenkeel/prod/1.json"),
		"read a secret's value":         request("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-dev/database-url-AbCdEf"),
		"make an access key":            request("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/somebody"),
		"change its own policy":         request("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/orders-dev-deploy-1"),
		"attach a policy to itself":     request("iam:AttachRolePolicy", "arn:aws:iam::111122223333:role/orders-dev-deploy"),
		"trust somebody else":           request("iam:UpdateAssumeRolePolicy", "arn:aws:iam::111122223333:role/orders-dev-deploy"),
		"change the boundary":           request("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/orders-dev-boundary"),
		"change GitHub's provider":      request("iam:UpdateOpenIDConnectProviderThumbprint", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"),
		"be somebody else":              request("sts:AssumeRole", "arn:aws:iam::111122223333:role/admin"),
		"open another stack's group":    foreign,
		"deploy another service":        request("ecs:UpdateService", "arn:aws:ecs:eu-west-1:111122223333:service/orders-prod/orders"),
		"push to another repository":    request("ecr:PutImage", "arn:aws:ecr:eu-west-1:111122223333:repository/orders-prod"),
		"hand on an administrator":      request("iam:PassRole", "arn:aws:iam::111122223333:role/admin"),
		"hand on a role to a function":  request("iam:PassRole", "arn:aws:iam::111122223333:role/orders-dev-task"),
		"hand on another stack's role":  toTasks,
		"make a role of any name":       request("iam:CreateRole", "arn:aws:iam::111122223333:role/admin"),
		"use another service":           request("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:111122223333:function:x"),
		"delete somebody's log":         request("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/orders-prod"),
		"leave the organization's care": request("organizations:LeaveOrganization", "*"),
	}
	for name, r := range tests {
		t.Run(name, func(t *testing.T) {
			for _, role := range []iampolicy.Role{iampolicy.Preview, iampolicy.Push, iampolicy.Deploy} {
				assert.False(t, iampolicy.Allowed(all[role], r), "%s may %s on %s", role, r.Action, r.Resource)
			}
		})
	}
	assert.False(t, iampolicy.Allowed(all[iampolicy.Boundary], elsewhere), "another region")
	for _, name := range []string{"make an access key", "change its own policy", "attach a policy to itself", "change the boundary", "be somebody else", "use another service", "make a bucket"} {
		assert.False(t, iampolicy.Allowed(all[iampolicy.Boundary], tests[name]), "the boundary: %s", name)
	}
}

func TestNothingThatARoleMayIsBeyondTheBoundary(t *testing.T) {
	all := generate(t, input("dev"))
	for _, role := range []iampolicy.Role{iampolicy.Preview, iampolicy.Push, iampolicy.Deploy} {
		for _, d := range all[role] {
			for _, st := range d.Statements {
				if st.Effect != "" {
					continue
				}
				for _, action := range st.Actions {
					for _, resource := range st.Resources {
						r := request(action, strings.ReplaceAll(resource, "*", "x"))
						// Reading its own rights is allowed, changing them is not.
						assert.True(t, iampolicy.Allowed(all[iampolicy.Boundary], r), "%s: %s on %s", role, action, resource)
					}
				}
			}
		}
	}
}
