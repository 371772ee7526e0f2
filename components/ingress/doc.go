// Package ingress is where requests enter: an Application Load Balancer, its
// listeners, the target group that tasks register with, and its access logs.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-balancer              aws.lb.LoadBalancer
//	<c>-security-group        aws.ec2.SecurityGroup
//	<c>-http-<range>          aws.vpc.SecurityGroupIngressRule, port 80, one per Args.AllowedCIDRs
//	<c>-targets               aws.lb.TargetGroup
//	<c>-http                  aws.lb.Listener, port 80: the redirect, or the API itself without a certificate
//
// with a certificate:
//
//	<c>-https-<range>         aws.vpc.SecurityGroupIngressRule, port 443, one per Args.AllowedCIDRs
//	<c>-https                 aws.lb.Listener, port 443
//
// with Args.Test:
//
//	<c>-targets-green         aws.lb.TargetGroup
//	<c>-test-listener         aws.lb.Listener, port Args.Test.Port
//	<c>-test-<range>          aws.vpc.SecurityGroupIngressRule, that port, one per Args.AllowedCIDRs
//
// with access logs:
//
//	<c>-logs                  aws.s3.BucketV2
//	<c>-logs-encryption       aws.s3.BucketServerSideEncryptionConfigurationV2
//	<c>-logs-lifecycle        aws.s3.BucketLifecycleConfigurationV2
//	<c>-logs-ownership        aws.s3.BucketOwnershipControls
//	<c>-logs-policy           aws.s3.BucketPolicy
//	<c>-logs-public-access    aws.s3.BucketPublicAccessBlock
//
// <range> is the address range with "/" written as "-", as in 10.0.0.0-8.
//
// What it decides:
//
//   - TLS 1.2 and 1.3 only, and port 80 answers nothing but a permanent
//     redirect. Headers with invalid names are dropped and requests that could
//     desynchronize a task's HTTP parser are refused.
//   - The security group lets requests in and nothing out. Whoever registers
//     targets adds the one rule that reaches them, from Ingress.SecurityGroupID.
//   - Physical names are Pulumi's. A target group that a listener uses cannot
//     be deleted, so a replacement must exist first, next to the old one: with
//     a fixed name it could not. The Name tag says whose they are.
//   - With Args.Test CodeDeploy owns where the API's listener and the test
//     listener forward to, and Pulumi ignores it. Both carry a tag that says so.
//     Which target group they forward to is CodeDeploy's knowledge alone:
//     Args.TakeOver replaces the API's listener when CodeDeploy goes.
//   - The test listener lets in whom the API lets in: who may use the API may
//     see its next version some minutes earlier.
//   - Requests reach tasks as plain HTTP: TLS ends here, and the tasks' security
//     group accepts the load balancer alone.
//
// What it refuses: to serve plain HTTP unless Args.AllowPlainHTTP says that it
// is meant, a certificate of another region, a health check that could never
// finish before the next one starts, and a test listener where the API answers.
package ingress
