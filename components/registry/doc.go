// Package registry is where a service's images live: one ECR repository whose
// retention never removes an image that could still be deployed.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-repository   aws.ecr.Repository, physical name Args.Name
//	<c>-lifecycle    aws.ecr.LifecyclePolicy
//
// What it decides:
//
//   - Tags are immutable and every push is scanned, so a tag in a deployment
//     record means one image for good.
//   - Releases (tags that start with Args.ReleaseTagPrefix) are kept by count,
//     never by age, in the rule with the highest priority. ECR never lets a
//     later rule expire an image that an earlier rule selects, so no amount of
//     other pushes can remove one of the last Args.KeepReleases releases.
//   - Everything else goes: untagged images after Args.UntaggedDays, the rest
//     after Args.OtherDays.
//
// An image is safe only while it carries a release tag. Deploy nothing else,
// and keep more releases than the number that you may want to roll back. Every
// image with a release tag counts: of a multi-platform image tag the index
// only, ECR keeps what an index refers to for as long as the index.
//
// What it leaves out: a repository policy. Pulls and pushes from the same
// account need none, the caller's own IAM policy decides; a policy would only
// open the repository to other accounts.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
//
// What it refuses: a release prefix that no tag can start with, and a protected
// repository that may be deleted with its images.
package registry
