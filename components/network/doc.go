// Package network is where everything runs: a VPC that it creates, an existing
// one that it adopts, or the account's default one.
//
// Children with Mode Create, where <c> is the component's name; these names are
// API, because they are part of each resource's URN:
//
//	<c>-vpc              awsx.ec2.Vpc: the VPC, its subnets, gateways and routes
//	<c>-default          aws.ec2.DefaultSecurityGroup, without any rule
//	<c>-s3               aws.ec2.VpcEndpoint, the gateway endpoint for S3
//
// with flow logs:
//
//	<c>-flow-logs        aws.cloudwatch.LogGroup, physical name "/vpc/<Name>/flow-logs"
//	<c>-flow-logs        aws.iam.Role
//	<c>-flow-logs        aws.iam.RolePolicy
//	<c>-flow-logs        aws.ec2.FlowLog
//
// Modes Adopt and Default have no children: what they use is not theirs.
//
// What it decides for a created VPC:
//
//   - Each zone gets a quarter of the range, split into a public and a private
//     subnet, whatever Zones and NAT are. Both can therefore change later
//     without replacing a subnet, and with it all that is inside.
//   - Without NAT, tasks run in the public subnets with public addresses; the
//     private ones exist, cost nothing and wait. PrivateSubnetIDs are then the
//     public ones.
//   - No subnet gives out public addresses by itself. The awsx component knows
//     no such choice, so a transform takes that setting from its public subnets;
//     what needs an address (NAT gateways, load balancers, tasks without NAT)
//     asks for one.
//   - Nothing can be reached through the VPC's default security group, which
//     AWS uses for whatever is created without one.
//   - Image layers come from S3 through the gateway endpoint, which is free,
//     and never through a NAT gateway, which charges by the gigabyte.
//
// What it refuses: ranges that leave a subnet fewer addresses than a load
// balancer needs (/25 and smaller), and arguments of another mode.
package network
