// Package stacks composes the components into one deployable stack.
//
// [Decode] turns a stack's configuration into a typed [Config], strictly: an
// unknown key, a value of another type, a value out of range and values that
// contradict each other are errors, all reported at once, each with its path
// as it stands in Pulumi.<stack>.yaml.
//
// [Program] is the Pulumi program. In dependency order it registers the
// explicit AWS provider, then the components network, registry, secrets,
// notifications, ingress and service, and passes the outputs of one to the
// next. Components know neither each other nor the configuration.
package stacks
