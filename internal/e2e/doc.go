// Package e2e holds the end-to-end tests: the evenkeel command, the real
// Pulumi engine and the real AWS provider code deploy the committed stacks to
// emulated AWS, and AWS's own API is asked what exists.
//
// They run with EVENKEEL_E2E=1 (`make test` and `make e2e` set it) and then
// fail, rather than skip, when a part of the local engine is missing.
package e2e
