// Package emulator runs moto and the gateway in front of it as one background
// process per stack.
//
// Start runs the evenkeel binary again as a hidden subcommand, detached from
// the terminal; that process (Serve) starts moto as its child, serves the
// gateway, and describes itself in emulator.json in the stack's folder. Find
// reads that file and believes it only when the process in it lives and its
// gateway answers with the same instance id.
//
// Everything listens on 127.0.0.1, on ports that the system chooses. Linux,
// macOS and the BSDs are supported.
package emulator
