// Package parts finds, downloads or builds every part of the local engine:
// the Pulumi CLI, the AWS plugin (with the Terraform provider below it where
// the plugin is our bridge), the awsx plugin and moto.
//
// Each part is taken from the first source that has it: what is installed in
// a fitting version, the cache folder, the official download, and at last a
// build from its Go module. Everything that is made or downloaded goes to
// the cache folder of the project ([CacheFolder]); the user's own Pulumi
// home, plugins, login and AWS profile are neither read nor changed.
//
// An interrupted download or build leaves nothing half-done: each one works
// in a scratch folder of the cache, under a lock, and is renamed into place.
//
// These variables change what is found; empty is the same as not set:
//
//   - EVENKEEL_CACHE: the cache folder, in place of .evenkeel in the project's
//     root; relative to the current folder. Several checkouts may share one.
//     The state of local stacks stays in the project.
//   - EVENKEEL_MOTO: the moto to use, and no other: a Python interpreter that
//     has it, the path of a program such as moto_server, or a command line
//     whose words have no spaces. A command line with {port} in it is run as it
//     is, with the port of 127.0.0.1 that the server is to be reached at; others
//     get "-H 127.0.0.1 -p PORT" appended.
//   - EVENKEEL_OFFLINE: skips every download, unless it is "0" or "false".
//
// One more is set here and read by the bridge, see [Env]:
//
//   - EVENKEEL_TERRAFORM_PROVIDER_AWS: the executable of the Terraform AWS
//     provider that the bridge runs. Finding a provider does not look at it;
//     `make test` does, to run the bridge's tests over that one.
package parts
