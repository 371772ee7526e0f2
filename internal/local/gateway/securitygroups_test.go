package gateway_test

import (
	"encoding/xml"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type securityGroupRule struct {
	ID          string `xml:"securityGroupRuleId"`
	GroupID     string `xml:"groupId"`
	Egress      bool   `xml:"isEgress"`
	FromPort    int    `xml:"fromPort"`
	Description string `xml:"description"`
	CIDR        string `xml:"cidrIpv4"`
	Referenced  string `xml:"referencedGroupInfo>groupId"`
}

// ec2 calls an action whose answer has at most one group id and rules.
func ec2(t *testing.T, e emulated, action string, form url.Values) (group string, rules []securityGroupRule) {
	t.Helper()
	var out struct {
		Group string              `xml:"groupId"`
		Rules []securityGroupRule `xml:"securityGroupRuleSet>item"`
	}
	require.NoError(t, xml.Unmarshal([]byte(query(t, e, "ec2", "2016-11-15", action, form)), &out))
	return out.Group, out.Rules
}

// twoGroups makes a security group and another one for its rules to name.
func twoGroups(t *testing.T, e emulated) (group, other string) {
	t.Helper()
	name := unique(t)
	group, _ = ec2(t, e, "CreateSecurityGroup", url.Values{"GroupName": {name}, "GroupDescription": {"x"}})
	other, _ = ec2(t, e, "CreateSecurityGroup", url.Values{"GroupName": {name + "-other"}, "GroupDescription": {"x"}})
	require.NotEmpty(t, group)
	require.NotEmpty(t, other)
	return group, other
}

// permission is the request for one rule that names another group.
func permission(group, other, port, description string) url.Values {
	form := url.Values{
		"GroupId": {group}, "IpPermissions.1.IpProtocol": {"tcp"}, "IpPermissions.1.FromPort": {port},
		"IpPermissions.1.ToPort": {port}, "IpPermissions.1.Groups.1.GroupId": {other},
	}
	if description != "" {
		form.Set("IpPermissions.1.Groups.1.Description", description)
	}
	return form
}

// ruleDescribed reads one rule back.
func ruleDescribed(t *testing.T, e emulated, id string) securityGroupRule {
	t.Helper()
	_, rules := ec2(t, e, "DescribeSecurityGroupRules", url.Values{"SecurityGroupRuleId.1": {id}})
	require.Len(t, rules, 1)
	return rules[0]
}

func TestRuleThatNamesAGroupKeepsItsDescription(t *testing.T) {
	for name, egress := range map[string]bool{"Ingress": false, "Egress": true} {
		t.Run(name, func(t *testing.T) {
			e := overMoto(t)
			group, other := twoGroups(t, e)
			_, made := ec2(t, e, "AuthorizeSecurityGroup"+name, permission(group, other, "8080", `load balancer & "checks"`))
			require.Len(t, made, 1)
			assert.Equal(t, securityGroupRule{
				ID: made[0].ID, GroupID: group, Egress: egress, FromPort: 8080, Description: `load balancer & "checks"`, Referenced: other,
			}, made[0])
			assert.Equal(t, made[0], ruleDescribed(t, e, made[0].ID))
			assert.True(t, e.last(t, "ec2:DescribeSecurityGroupRules").Completed)

			_, all := ec2(t, e, "DescribeSecurityGroupRules", url.Values{"Filter.1.Name": {"group-id"}, "Filter.1.Value.1": {group}})
			described := 0
			for _, rule := range all {
				if rule.Description != "" {
					described++
				}
			}
			assert.Equal(t, 1, described, "the group's other rules have no description: %v", all)
		})
	}
}

func TestRulesOfOnePermissionAreToldApart(t *testing.T) {
	e := overMoto(t)
	group, other := twoGroups(t, e)
	form := permission(group, other, "8080", "from the other")
	form.Set("IpPermissions.1.Groups.2.GroupId", group)
	form.Set("IpPermissions.1.Groups.2.Description", "from itself")
	form.Set("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8")
	form.Set("IpPermissions.1.IpRanges.1.Description", "from a range")
	_, made := ec2(t, e, "AuthorizeSecurityGroupIngress", form)
	require.Len(t, made, 3)
	got := map[string]string{}
	for _, rule := range made {
		got[rule.Referenced+rule.CIDR] = ruleDescribed(t, e, rule.ID).Description
	}
	assert.Equal(t, map[string]string{other: "from the other", group: "from itself", "10.0.0.0/8": "from a range"}, got)
}

func TestRuleChanges(t *testing.T) {
	tests := map[string]struct {
		sent bool
		want string
	}{
		"another description": {sent: true, want: "after"},
		"no description":      {},
		"empty description":   {sent: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := overMoto(t)
			group, other := twoGroups(t, e)
			_, made := ec2(t, e, "AuthorizeSecurityGroupIngress", permission(group, other, "8080", "before"))
			require.Len(t, made, 1)
			form := url.Values{
				"GroupId": {group}, "SecurityGroupRule.1.SecurityGroupRuleId": {made[0].ID},
				"SecurityGroupRule.1.SecurityGroupRule.IpProtocol":        {"tcp"},
				"SecurityGroupRule.1.SecurityGroupRule.FromPort":          {"9090"},
				"SecurityGroupRule.1.SecurityGroupRule.ToPort":            {"9090"},
				"SecurityGroupRule.1.SecurityGroupRule.ReferencedGroupId": {other},
			}
			if tt.sent {
				form.Set("SecurityGroupRule.1.SecurityGroupRule.Description", tt.want)
			}
			ec2(t, e, "ModifySecurityGroupRules", form)
			rule := ruleDescribed(t, e, made[0].ID)
			assert.Equal(t, 9090, rule.FromPort)
			assert.Equal(t, tt.want, rule.Description)
		})
	}
}

func TestRevokedRuleIsForgotten(t *testing.T) {
	tests := map[string]func(group, other, id string) url.Values{
		"by id": func(group, _, id string) url.Values {
			return url.Values{"GroupId": {group}, "SecurityGroupRuleId.1": {id}}
		},
		"by content": func(group, other, _ string) url.Values { return permission(group, other, "8080", "of the first") },
	}
	for name, form := range tests {
		t.Run(name, func(t *testing.T) {
			e := overMoto(t)
			group, other := twoGroups(t, e)
			_, first := ec2(t, e, "AuthorizeSecurityGroupIngress", permission(group, other, "8080", "of the first"))
			require.Len(t, first, 1)
			ec2(t, e, "RevokeSecurityGroupIngress", form(group, other, first[0].ID))
			_, second := ec2(t, e, "AuthorizeSecurityGroupIngress", permission(group, other, "8080", ""))
			require.Len(t, second, 1)
			assert.Empty(t, ruleDescribed(t, e, second[0].ID).Description)
		})
	}
}
