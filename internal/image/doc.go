// Package image brings a built image into a stack's ECR repository and waits
// for what the repository's scan finds in it.
//
// An image is built once, into an OCI layout: a folder that holds the image,
// its SBOM and its provenance, and that needs no registry. The same bytes are
// pushed to the repository of each stack, so each has the same digest. The push
// goes through ECR's own API with the actions of the "push" role, without a
// Docker login.
//
// What is deployed is the platform's manifest, not the index around it: ECR
// scans no index, and an index has a second manifest, the attestations', that
// no scanner reads. The index carries the tag; ECR keeps what an index refers
// to for as long as the index.
// https://github.com/aws/containers-roadmap/issues/1683
// https://github.com/moby/buildkit/issues/3499
package image
