package gateway

const ruleReason = "moto forgets the description of a rule that names another security group"

// Revoking needs no completion: a rule's id is never given to another one.
var ruleCompletions = []Completion{
	{Service: "ec2", Action: "AuthorizeSecurityGroupEgress", Kind: Completes, Reason: ruleReason, after: rememberRules},
	{Service: "ec2", Action: "AuthorizeSecurityGroupIngress", Kind: Completes, Reason: ruleReason, after: rememberRules},
	{Service: "ec2", Action: "DescribeSecurityGroupRules", Kind: Completes, Reason: ruleReason, after: describeRules},
	{Service: "ec2", Action: "ModifySecurityGroupRules", Kind: Completes, Reason: ruleReason, after: changeRules},
}

// rememberRules keeps the descriptions of the groups that a request names. Of
// several permissions moto's answer has the rules of the last one only; the
// Terraform provider sends one rule a request where it reads rules back.
func rememberRules(m *memory, e *exchange, r *reply) {
	described := map[string]string{}
	if permissions := objects(e.input(), "IpPermissions"); len(permissions) > 0 {
		for _, group := range objects(permissions[len(permissions)-1], "Groups") {
			described[text(group, "GroupId")] = text(group, "Description")
		}
	}
	editRules(r, func(rule *element) {
		named := rule.find("referencedGroupInfo")
		if named == nil {
			return
		}
		if description := described[named.text("groupId")]; description != "" {
			m.rules[rule.text("securityGroupRuleId")] = description
		}
	})
	describeRules(m, e, r)
}

// changeRules follows a change, which replaces the whole rule: without a
// description it has none afterwards.
func changeRules(m *memory, e *exchange, r *reply) {
	if r.status != 200 {
		return
	}
	for _, change := range objects(e.input(), "SecurityGroupRule") {
		id := text(change, "SecurityGroupRuleId")
		if _, kept := m.rules[id]; kept {
			m.rules[id] = text(child(change, "SecurityGroupRule"), "Description")
		}
	}
}

// describeRules adds kept descriptions where moto has none. The one that
// ModifySecurityGroupRules sets is the only one that moto has.
func describeRules(m *memory, _ *exchange, r *reply) {
	editRules(r, func(rule *element) {
		kept := m.rules[rule.text("securityGroupRuleId")]
		if kept != "" && rule.find("description") == nil {
			rule.add("description", kept)
		}
	})
}

// editRules runs f on each rule of a successful answer. What does not parse
// stays as it is.
func editRules(r *reply, f func(rule *element)) {
	if r.status != 200 {
		return
	}
	document, err := parseXML(r.body)
	if err != nil {
		return
	}
	set := document.find("securityGroupRuleSet")
	if set == nil {
		return
	}
	for _, rule := range set.Children {
		f(rule)
	}
	if body, err := document.bytes(); err == nil {
		r.body = body
	}
}
