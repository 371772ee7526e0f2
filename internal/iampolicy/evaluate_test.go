package iampolicy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/policydoc"
)

func TestLike(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true},
		{"*", "anything:at/all", true},
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "ab", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"arn:aws:s3:::logs-*/*", "arn:aws:s3:::logs-1/a/b", true},
		{"arn:aws:s3:::logs-*", "arn:aws:s3:::log-1", false},
		{"*:role/*-task", "arn:aws:iam::1:role/a-b-task", true},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "aXcYb", false},
		{"**", "x", true},
	} {
		assert.Equal(t, tt.want, iampolicy.Like(tt.pattern, tt.s), "%s on %s", tt.pattern, tt.s)
	}
}

// The rules of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
// and .../reference_policies_elements_condition_operators.html, a case each.
func TestAllowed(t *testing.T) {
	type conditions = map[string]map[string][]string
	allow := func(action, resource string, c conditions) policydoc.Statement {
		return policydoc.Statement{Sid: "A", Actions: []string{action}, Resources: []string{resource}, Conditions: c}
	}
	deny := func(action, resource string, c conditions) policydoc.Statement {
		s := allow(action, resource, c)
		s.Effect = policydoc.Deny
		return s
	}
	tagged := conditions{"StringEquals": {"aws:ResourceTag/Stack": {"dev", "prod"}}}
	prod := map[string][]string{"aws:resourcetag/stack": {"prod"}}
	tests := map[string]struct {
		statements []policydoc.Statement
		request    iampolicy.Request
		want       bool
	}{
		"nobody allows":                    {nil, iampolicy.Request{Action: "s3:GetObject", Resource: "x"}, false},
		"actions ignore case":              {[]policydoc.Statement{allow("S3:getobject", "*", nil)}, iampolicy.Request{Action: "s3:GetObject", Resource: "x"}, true},
		"resources do not":                 {[]policydoc.Statement{allow("s3:*", "X", nil)}, iampolicy.Request{Action: "s3:GetObject", Resource: "x"}, false},
		"another action":                   {[]policydoc.Statement{allow("s3:Get*", "*", nil)}, iampolicy.Request{Action: "s3:PutObject", Resource: "x"}, false},
		"an explicit deny wins":            {[]policydoc.Statement{allow("*", "*", nil), deny("s3:*", "x", nil)}, iampolicy.Request{Action: "s3:GetObject", Resource: "x"}, false},
		"in whichever order":               {[]policydoc.Statement{deny("s3:*", "x", nil), allow("*", "*", nil)}, iampolicy.Request{Action: "s3:GetObject", Resource: "x"}, false},
		"a deny of something else":         {[]policydoc.Statement{allow("*", "*", nil), deny("s3:*", "y", nil)}, iampolicy.Request{Action: "s3:GetObject", Resource: "x"}, true},
		"any of the values":                {[]policydoc.Statement{allow("*", "*", tagged)}, iampolicy.Request{Action: "a:b", Resource: "x", Context: prod}, true},
		"a key that is missing":            {[]policydoc.Statement{allow("*", "*", tagged)}, iampolicy.Request{Action: "a:b", Resource: "x"}, false},
		"missing, if it exists":            {[]policydoc.Statement{allow("*", "*", conditions{"StringEqualsIfExists": tagged["StringEquals"]})}, iampolicy.Request{Action: "a:b", Resource: "x"}, true},
		"StringEquals knows no wildcard":   {[]policydoc.Statement{allow("*", "*", conditions{"StringEquals": {"aws:ResourceTag/Stack": {"pr*"}}})}, iampolicy.Request{Action: "a:b", Resource: "x", Context: prod}, false},
		"StringLike does":                  {[]policydoc.Statement{allow("*", "*", conditions{"StringLike": {"aws:ResourceTag/Stack": {"pr*"}}})}, iampolicy.Request{Action: "a:b", Resource: "x", Context: prod}, true},
		"all keys of all operators":        {[]policydoc.Statement{allow("*", "*", conditions{"StringEquals": {"aws:ResourceTag/Stack": {"prod"}, "aws:PrincipalTag/x": {"y"}}})}, iampolicy.Request{Action: "a:b", Resource: "x", Context: prod}, false},
		"an unknown operator allows never": {[]policydoc.Statement{allow("*", "*", conditions{"NumericLessThan": {"aws:ResourceTag/Stack": {"1"}}})}, iampolicy.Request{Action: "a:b", Resource: "x", Context: prod}, false},
		"and denies always":                {[]policydoc.Statement{allow("*", "*", nil), deny("*", "*", conditions{"NumericLessThan": {"aws:ResourceTag/Stack": {"1"}}})}, iampolicy.Request{Action: "a:b", Resource: "x", Context: prod}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var documents []policydoc.Document
			for _, s := range tt.statements { // of one policy or of several, IAM makes no difference
				documents = append(documents, policydoc.Document{Statements: []policydoc.Statement{s}})
			}
			assert.Equal(t, tt.want, iampolicy.Allowed(documents, tt.request))
		})
	}
}
