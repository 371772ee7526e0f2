// Package iampolicy generates the IAM policies of a stack's delivery pipeline
// from the resources that the stack's program registers.
//
// A table says for each Pulumi resource type which API actions its provider
// calls to read, create, update and delete it, on which ARNs, and under which
// conditions. A policy has the rows of the types that are there, and no other:
// a stack that drops its access logs drops the rights on buckets, too.
//
// Narrowing is by name wherever the program chooses the name, by the stack's own
// tags where AWS gives ids of its own, and a row that does neither says why. The
// actions, what can be narrowed and by what are those of AWS's Service
// Authorization Reference
// (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html);
// which of them the provider calls was recorded, and tests hold the policies to
// the recording.
//
// The roles:
//
//	preview   reads what the stack has, for `pulumi preview` on pull requests
//	push      puts images into the stack's repository
//	deploy    does what `pulumi up` and `evenkeel release` do
//	boundary  is no role's policy but what none of them can ever exceed
//
// What deploy may not do is change the pipeline's own roles, policies or
// provider: an administrator does.
//
// What the policies do not hold back: whoever may change the program may change
// the policy of the tasks' own role, because that is a part of the stack. Review
// of the program is what protects it.
package iampolicy
