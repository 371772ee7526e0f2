// Package service runs one container image as a service of ECS tasks on
// Fargate, behind a load balancer's target group.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-cluster              aws.ecs.Cluster "<Args.Name>"
//	<c>-capacity             aws.ecs.ClusterCapacityProviders: Fargate and Fargate Spot
//	<c>-logs                 aws.cloudwatch.LogGroup "/ecs/<Args.Name>"
//	<c>-tasks                aws.ec2.SecurityGroup of the tasks
//	<c>-tasks-from-ingress   rule: requests from the load balancer, nothing else in
//	<c>-tasks-to-https       rule: TCP 443 to anywhere
//	<c>-tasks-to-private-10, -172, -192
//	                         rules: TCP to the private address ranges
//	<c>-tasks-to-<port>      rule: TCP to anywhere, one per Args.EgressPorts entry
//	<c>-ingress-to-tasks     rule of the load balancer's group: requests to the tasks
//	<c>-execution-role       aws.iam.Role that ECS uses to start a task
//	<c>-execution-policy     its aws.iam.RolePolicy
//	<c>-task-role            aws.iam.Role that the container itself uses
//	<c>-task                 aws.ecs.TaskDefinition "<Args.Name>"
//	<c>-service              aws.ecs.Service "<Args.ServiceName>"
//
// and only with Args.Exec:
//
//	<c>-exec-logs            aws.cloudwatch.LogGroup "/ecs/<Args.Name>/exec"
//	<c>-exec-policy          aws.iam.RolePolicy of the task role
//
// # What the container gets
//
// A read-only root file system, a numeric user that is not root, no Linux
// capability, an init process that reaps zombies and passes signals on, and an
// image that cannot change because its digest names it. No argument turns any
// of these off.
//
// # Writable paths
//
// /tmp is the only writable path: a bind mount on the task's own storage, gone
// with the task (Fargate has no tmpfs). ECS makes such a mount with mode 0755,
// owned by root, unless the image declares the path as a volume; then the
// mount starts as a copy of the image's directory, owner and mode included.
// An image that does not run as root therefore needs, at the end of its
// Dockerfile, a /tmp of mode 1777 and
//
//	VOLUME ["/tmp"]
//
// Without them the container starts, but cannot write to /tmp.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
//
// # ECS Exec
//
// Args.Exec lets those whom IAM allows ecs:ExecuteCommand open a shell in a
// running task. A session is root inside the container whatever Args.User
// says, and what it prints is kept in a log group of its own for as long as
// the container's logs. AWS does not support ECS Exec on a read-only root; it
// works when the three directories that the agent writes to are volumes, which
// is what Exec adds (https://github.com/aws/containers-roadmap/issues/1359).
// Without capabilities a session's root has no power over files of other
// users. Which capabilities the agent would like to have is not documented
// (https://github.com/aws/containers-roadmap/issues/1360): try a session before
// relying on it.
// Sessions travel over TLS and their log is encrypted by CloudWatch; there is
// no key of the account's own for them.
//
// # What tasks may connect to
//
// TCP 443 anywhere, which pulling the image, Secrets Manager, CloudWatch and
// third-party APIs need; every TCP port within the private address ranges
// (RFC 1918), where databases and caches are; and the ports in
// Args.EgressPorts anywhere. Name resolution needs no rule: security groups do
// not filter the VPC's resolver.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
//
// # Deployments
//
// A new task definition is rolled out by ECS, which goes back to the last
// version that worked when the new one does not start or fails its health
// checks. The component does not wait for the outcome: after a rollback the
// service is as steady as after a success, so that waiting would report the
// one as the other. Whoever deploys has to look at the deployment itself.
// Revisions are never deregistered, because ECS can only go back to a
// registered one.
//
// With Args.CodeDeploy a deployment of CodeDeploy replaces the tasks: Pulumi
// registers the new revision and leaves the service as it is, its task
// definition, target group, network and capacity included, which AWS lets only
// a deployment change. Until the first image those changes replace the service,
// in which nothing runs.
//
// Pulumi owns the desired count, unless Args.Scaled.
//
// What it refuses: a variable that looks like a secret among the plain ones,
// an image without a digest, a root user, sizes that Fargate does not have,
// and percentages that leave a deployment no task to replace.
package service
