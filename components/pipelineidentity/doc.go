// Package pipelineidentity is who a stack's delivery pipeline is in AWS: three
// roles that jobs of one GitHub repository assume by OpenID Connect, without an
// access key anywhere.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-provider            aws.iam.OpenIdConnectProvider, without Args.ProviderARN
//	<c>-boundary            aws.iam.Policy "<Args.Name>-boundary"
//	<c>-<role>              aws.iam.Role "<Args.Name>-<role>"
//	<c>-<role>-<n>          aws.iam.Policy "<Args.Name>-<role>-<n>", one per document
//	<c>-<role>-<n>-attached aws.iam.RolePolicyAttachment of it
//
// The roles, and whose jobs may assume them:
//
//	preview  pull requests, and the branch: the nightly search for drift
//	push     the branch
//	deploy   jobs of the environment, and of the branch only
//
// Trust is by exact values: the audience, the subject and the repository's id.
// A subject has two forms. Repositories created, renamed or moved since
// 2026-07-15 send names with ids, older ones names alone; a role trusts both,
// because nobody can see from outside which one a repository sends. A name can
// be registered again by somebody else when its owner gives it up, an id
// cannot: the id is asked for besides, so that the older form trusts nobody
// else either.
// https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
//
// The provider has no thumbprint: for GitHub AWS checks the certificate against
// its own list of authorities, and fills in what its API shows.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
//
// Every role has the boundary: whatever is attached to it by anybody, it can
// never do more than the boundary says.
//
// What it does not do: a token whose subject was customized on GitHub's side
// has another form, and is refused. Which reviewers an environment asks for,
// and which branches may use it, is set on GitHub; the role asks for the branch
// all the same.
//
// What it refuses: names that GitHub does not give, among them everything with
// a wildcard or a policy variable; another identity provider than GitHub's; a
// role without a document, and documents that IAM would refuse for their size
// or number.
package pipelineidentity
