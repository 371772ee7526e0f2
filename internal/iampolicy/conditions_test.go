package iampolicy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/policydoc"
)

// The examples and rules of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html:
// whether a condition holds, by the values that the request has for its key.
func TestConditionOperators(t *testing.T) {
	tests := map[string]struct {
		operator  string
		want, got []string
		holds     bool
	}{
		"equal":                               {"StringEquals", []string{"iamuser-admin"}, []string{"iamuser-admin"}, true},
		"equal, another case":                 {"StringEquals", []string{"iamuser-admin"}, []string{"IAMuser-admin"}, false},
		"equal, case ignored":                 {"StringEqualsIgnoreCase", []string{"iamuser-admin"}, []string{"IAMuser-admin"}, true},
		"not equal":                           {"StringNotEquals", []string{"2009"}, []string{"2010"}, true},
		"not equal to any":                    {"StringNotEquals", []string{"2009", "2010"}, []string{"2010"}, false},
		"not equal, no key":                   {"StringNotEquals", []string{"2009"}, nil, true},
		"not like":                            {"StringNotLike", []string{"home/*"}, []string{"home/x"}, false},
		"ARN":                                 {"ArnEquals", []string{"arn:aws:sns:REGION:123456789012:*"}, []string{"arn:aws:sns:REGION:123456789012:t"}, true},
		"ARN, not like":                       {"ArnNotLike", []string{"arn:aws:sns:*:1:*"}, []string{"arn:aws:sns:REGION:1:t"}, false},
		"without TLS":                         {"Bool", []string{"false"}, []string{"true"}, false},
		"Bool, no key":                        {"Bool", []string{"false"}, nil, false},
		"MFA absent, if it exists":            {"BoolIfExists", []string{"false"}, nil, true},
		"MFA absent, it exists":               {"BoolIfExists", []string{"false"}, []string{"true"}, false},
		"must be missing, is":                 {"Null", []string{"true"}, nil, true},
		"must be missing, is not":             {"Null", []string{"true"}, []string{"x"}, false},
		"must exist, does":                    {"Null", []string{"false"}, []string{"x"}, true},
		"must exist, does not":                {"Null", []string{"false"}, nil, false},
		"all of the keys allowed":             {"ForAllValues:StringEquals", []string{"environment", "cost-center"}, []string{"environment", "cost-center"}, true},
		"one of the keys allowed":             {"ForAllValues:StringEquals", []string{"environment", "cost-center"}, []string{"environment"}, true},
		"a key that is not allowed":           {"ForAllValues:StringEquals", []string{"environment", "cost-center"}, []string{"environment", "dept"}, false},
		"ForAllValues, no key":                {"ForAllValues:StringEquals", []string{"environment"}, nil, true},
		"ForAllValues, none of them":          {"ForAllValues:StringNotEquals", []string{"webserver"}, []string{"environment"}, true},
		"ForAllValues, one of them":           {"ForAllValues:StringNotEquals", []string{"webserver"}, []string{"environment", "webserver"}, false},
		"any of the keys":                     {"ForAnyValue:StringEquals", []string{"webserver"}, []string{"environment", "webserver"}, true},
		"none of the keys":                    {"ForAnyValue:StringEquals", []string{"webserver"}, []string{"environment"}, false},
		"ForAnyValue, no key":                 {"ForAnyValue:StringEquals", []string{"webserver"}, nil, false},
		"ForAnyValue, one that differs":       {"ForAnyValue:StringNotEquals", []string{"webserver"}, []string{"environment", "webserver"}, true},
		"an unknown operator, in an Allow":    {"NumericLessThan", []string{"10"}, []string{"5"}, false},
		"an unknown operator without its key": {"NumericLessThan", []string{"10"}, nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			conditions := map[string]map[string][]string{tt.operator: {"aws:Key": tt.want}}
			request := iampolicy.Request{Action: "ec2:CreateTags", Resource: "*", Context: map[string][]string{"aws:key": tt.got}}
			allow := policydoc.Statement{Sid: "A", Actions: []string{"ec2:CreateTags"}, Resources: []string{"*"}}
			conditional, deny := allow, allow
			conditional.Conditions, deny.Conditions, deny.Effect = conditions, conditions, policydoc.Deny
			assert.Equal(t, tt.holds, iampolicy.Allowed([]policydoc.Document{{Statements: []policydoc.Statement{conditional}}}, request), "in an Allow")
			denies := tt.holds || tt.operator == "NumericLessThan"
			assert.Equal(t, !denies, iampolicy.Allowed([]policydoc.Document{{Statements: []policydoc.Statement{allow, deny}}}, request), "in a Deny")
		})
	}
}
