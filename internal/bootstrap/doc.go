// Package bootstrap makes what a stack needs before its first update: a KMS key
// and a bucket for Pulumi's state, and the stack in them; then it updates the
// stack for the first time and says what the repository on GitHub needs to know.
//
// Every step looks before it acts. What is there already is left alone, what
// has drifted is put right, and what is not ours is refused, so that a run that
// was interrupted is finished by the next one, and one too many does no harm.
package bootstrap
