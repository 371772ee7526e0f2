// Package play plays what ECS and CodeDeploy do during a deployment, for an
// emulated AWS that runs nothing: tasks that start, fail and stop, a circuit
// breaker, rollbacks, and traffic that moves from one target group to another.
//
// A World holds the services and their deployments. It moves by the clock, in
// steps, whenever Advance is called; what it changes outside itself, alarms and
// listeners, goes through Effects. How a deployment goes is its image's Play.
//
// The rules are AWS's documented ones, each with its source. Where AWS's own
// text is not documented, the one that users have reported is used, see
// internal/release/testdata/aws. Playing a deployment proves that a client follows
// these rules, and nothing about AWS.
//
// Nothing here is safe for concurrent use.
package play
