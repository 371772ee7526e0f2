// Package workload runs a stack's API as a process on this machine, next to
// the emulated AWS that holds the rest of the stack.
//
// What to run it with is asked of the emulated AWS: the environment, command,
// port and health check of the service that was deployed, and the values of
// its secrets. So a mistake in them shows here as it would there.
//
// Start runs the evenkeel binary again as a hidden subcommand, detached from
// the terminal; that process (Serve) starts the API as its child, describes
// both in api.json in the stack's folder, and ends the API together with the
// emulator, however that one ends. The API's output is in api.log.
//
// It is a process and no container: the file system is writable, the user is
// the one who started it, and there are no limits of CPU and memory.
package workload
