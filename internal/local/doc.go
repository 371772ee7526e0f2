// Package local deploys a stack's real definition to emulated AWS on this
// machine: by the real Pulumi engine, through the real AWS provider code, to
// an emulator behind a recording gateway. It needs no AWS account.
//
// What belongs to a stack is in .evenkeel/stacks/<stack>/ of the project: the
// engine's state, a copy of the configuration with the adaptations that
// emulation needs, and what the emulator wrote. The emulator keeps everything
// in memory; when it is gone, so is what was deployed, and the state that
// described it is discarded.
//
// The user's own Pulumi login and plugins, AWS profile and environment are
// neither read nor changed.
package local
