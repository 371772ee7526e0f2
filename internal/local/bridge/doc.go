// Package bridge is a Pulumi resource plugin with the tokens and property names of
// pulumi-aws 6.83.2 that runs terraform-provider-aws 5.100.0, the Terraform provider that
// pulumi-aws is made from. It is for machines that have no official plugin and can't
// download one; the command is cmd/pulumi-resource-aws.
//
// # Use
//
// EVENKEEL_TERRAFORM_PROVIDER_AWS must hold the path of the Terraform provider's binary,
// of version 5.100.0: types are looked up by the names of that version, and a provider
// that lacks one is refused. The plugin reports the version of the folder it was started
// from, so the same file serves as $PULUMI_HOME/plugins/resource-aws-v6.83.2 and, for
// awsx 2.22.0, resource-aws-v6.66.3. "-version" prints it. Starting takes about a second,
// most of it for the schema. Each provider of a program, default or explicit, is a plugin
// process with a Terraform provider process of its own, of about 600 MB.
//
// # How it works
//
//	Pulumi engine
//	  -> this plugin: server (names, order of replacements)
//	       -> pulumi-terraform-bridge, Plugin Framework half
//	            -> internal/tfprovider: plugin protocol 6 on top of 5
//	  -> terraform-provider-aws, over protocol 5
//
// internal/mapping/mapping.json pairs all resources and functions of the SDK with
// Terraform's types and lists where their shapes differ from what the bridge's rules say.
// It is derived from the SDK's sources and the provider's schema by cmd/genmapping, with a
// dozen pins in internal/mapping for what neither shows. internal/mapping/report.txt has all
// that was decided on the way, and a test fails when any of it changes: a property that a new
// version loses does not go unseen. Not served are gamelift.MatchmakingConfiguration and
// gamelift.MatchmakingRuleSet, which the Terraform provider lacks.
//
// # Like the official plugin
//
//   - All tokens but these two, under old names as well, and their properties.
//   - Terraform's own validation, plans, waits, retries and diff suppression.
//   - Default tags; names made up where the program gives none, within its limits;
//     "Managed by Pulumi" as the description of a security group and its like.
//   - The order of replacements: a resource with a name that the program gives is deleted
//     before it is replaced, one with a made-up name after. So is one whose ID consists of
//     inputs that stay the same, such as ecr.LifecyclePolicy: for these the official plugin
//     has a list, which is shorter.
//   - A name that the program stops giving is made up anew, and the resource replaced.
//
// # Not like the official plugin
//
//   - Everything goes through the bridge's Plugin Framework half, so the state differs in
//     its metadata. A stack can't change from one plugin to the other.
//   - s3.Bucket is Terraform's aws_s3_bucket, not the older fork of it in pulumi-aws.
//   - Properties that the SDK has and Terraform lacks are refused at the top level, such
//     as name of rds.Instance, and dropped below it: the report lists them all, in short WAF
//     statements nested deeper than Terraform allows.
//   - customTimeouts are ignored.
//   - JSON documents are compared by Terraform, not brought into one form first.
//   - The code of a lambda.Function and the source of an s3.BucketObject are written to the
//     folder for temporary files, under their hash.
//   - GetSchema answers with a stub. pulumi import of resources, policy packs and the
//     endpoints configuration are not tested.
//
// # Processes
//
// The Terraform provider ignores interrupts, which is how the engine ends plugins. The
// plugin ends it when it gets SIGINT or SIGTERM, and when the engine is gone, for which it
// looks every half second. On Linux the provider also dies with a plugin that is killed.
package bridge
