package service

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// taskRoles are the two roles of a task, and the policies that must be there
// before a task starts.
type taskRoles struct {
	execution, task *iam.Role
	policies        []pulumi.Resource
}

func (b *builder) roles(logs logGroups) (taskRoles, error) {
	var out taskRoles
	var err error
	if out.execution, err = b.role("execution", "Starts tasks of "+b.args.Name+": image, logs, secrets"); err != nil {
		return out, err
	}
	if out.task, err = b.role("task", "What the container of "+b.args.Name+" may do in AWS"); err != nil {
		return out, err
	}
	policy, err := b.rolePolicy("execution-policy", out.execution, b.executionPolicy(logs))
	if err != nil {
		return out, err
	}
	out.policies = append(out.policies, policy)
	if logs.exec == nil {
		return out, nil
	}
	policy, err = b.rolePolicy("exec-policy", out.task, logs.exec.Arn.ApplyT(execPolicy).(pulumi.StringOutput))
	if err != nil {
		return out, err
	}
	out.policies = append(out.policies, policy)
	return out, nil
}

// role has a name of its own, so that a policy can say whose it is: who may pass
// roles to tasks is held to those of one stack by name, for IAM knows no other
// condition there.
func (b *builder) role(use, description string) (*iam.Role, error) {
	child := b.child(use + "-role")
	r, err := iam.NewRole(b.ctx, child, &iam.RoleArgs{
		Name:             pulumi.String(b.args.Name + "-" + use),
		Description:      pulumi.String(description),
		AssumeRolePolicy: b.args.AccountID.ToStringOutput().ApplyT(trustPolicy).(pulumi.StringOutput),
	}, b.options()...)
	if err != nil {
		return nil, fmt.Errorf("create role %s: %w", child, err)
	}
	return r, nil
}

func (b *builder) rolePolicy(role string, of *iam.Role, policy pulumi.StringOutput) (*iam.RolePolicy, error) {
	p, err := iam.NewRolePolicy(b.ctx, b.child(role), &iam.RolePolicyArgs{Role: of.Name, Policy: policy}, b.options()...)
	if err != nil {
		return nil, fmt.Errorf("create role policy %s: %w", b.child(role), err)
	}
	return p, nil
}

func (b *builder) executionPolicy(logs logGroups) pulumi.StringOutput {
	var key pulumi.StringInput = pulumi.String("")
	if b.args.SecretsKeyARN != nil {
		key = b.args.SecretsKeyARN
	}
	return pulumi.All(b.args.RepositoryARN, logs.container.Arn, key, pulumi.StringMap(b.args.Secrets)).ApplyT(
		func(v []any) (string, error) {
			return executionPolicy(v[0].(string), v[1].(string), v[2].(string), b.args.Region, v[3].(map[string]string))
		}).(pulumi.StringOutput)
}
