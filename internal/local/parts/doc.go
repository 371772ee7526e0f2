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
package parts
