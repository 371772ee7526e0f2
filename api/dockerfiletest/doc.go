// Package dockerfiletest holds api/Dockerfile to what the platform asks of an
// image. It consists of tests.
package dockerfiletest
