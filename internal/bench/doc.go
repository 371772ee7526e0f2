// Package bench measures how long the product takes and how much memory it
// needs, and writes docs/performance.md's tables.
//
// What is measured is what a user starts: whole commands, as processes of
// their own, by the wall clock, from a project in a temporary folder that
// shares nothing with the checkout but the local engine's parts. The
// committed stacks run by bin/evenkeel; programs with many services, which
// Program composes from the product's components, by the same local engine
// (package local), started by the benchmark's own command.
//
// Memory is read from /proc while a command runs, so it is known on Linux
// only: the resident memory of the command and of everything it started,
// summed, where a page that two processes share counts twice. The emulator,
// which no deployment to AWS has, is apart.
package bench
