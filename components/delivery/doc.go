// Package delivery is how CodeDeploy moves traffic from the running version of
// an ECS service to a new one: all at once, a canary first, or step by step.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-role         aws.iam.Role that CodeDeploy uses
//	<c>-policy       its aws.iam.RolePolicy
//	<c>-application  aws.codedeploy.Application "<Args.Name>"
//	<c>-group        aws.codedeploy.DeploymentGroup "<Args.Name>"
//
// and only where AWS has none that fits:
//
//	<c>-configuration  aws.codedeploy.DeploymentConfig "<Args.Name>-<strategy>-<percent>-<minutes>"
//
// # What a deployment does
//
// Nobody starts one here: `evenkeel release` does. CodeDeploy starts the new
// version's tasks in the target group that is not live, and points the test
// listener at them. Then it waits, up to Args.ReadyWaitMinutes, for somebody to
// say that they answer well; when nobody does it stops, and users have seen
// nothing. Only then it moves the production listener, as the strategy says,
// and keeps the old tasks for Args.TerminationWaitMinutes, in which going back
// takes seconds.
//
// There are no lifecycle hooks: they are Lambda functions, and this product has
// no function code. The wait stands in for them.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs
//
// A deployment goes back by itself when it fails, when one of Args.Alarms fires,
// and when somebody stops it.
//
// # The role
//
// Its policy holds the actions of AWS's AWSCodeDeployRoleForECSLimited that such
// a deployment needs, on this stack's own resources. It leaves out what reads
// revisions from S3 (they come with the deployment), invokes functions and
// publishes to topics.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForECSLimited.html
//
// The trust policy has no condition on aws:SourceAccount, as AWS's own has none:
// no documentation says that CodeDeploy sends it, and a condition on a key that
// a request lacks refuses the request. Nobody of another account can have
// CodeDeploy use the role, because a role is passed within its account only.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html
//
// Verified: the texts, by the tests, and that the provider and the emulator take
// them. Not verified: a deployment on AWS under this policy. Where AWS refuses a
// call of CodeDeploy, the deployment fails before traffic moves and names the
// action.
//
// What it refuses: a termination wait of zero, which leaves nothing to go back
// to, more alarms than a deployment group holds, and shares and times that do
// not belong to the strategy.
package delivery
