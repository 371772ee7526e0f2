// Package release brings an image to a stack's users and says what came of it.
//
// A release goes through four steps. Before anything is changed, everything
// that would make it fail is asked for (preflight). Then Pulumi updates the
// stack. Then the deployment is followed, ECS's own or CodeDeploy's, until AWS
// itself says what serves. Last comes the verdict.
//
// Neither Pulumi's success nor a steady service is the verdict: ECS accepts an
// update long before its outcome, and a service that was rolled back is steady,
// too. A release has succeeded only when every task that gets traffic runs the
// image that was asked for.
//
// The revisions of the task definition are the record of what was good: one
// that served all traffic is tagged (ReleasedTag). The tag needs no place of its
// own, and is there for whoever runs the next release, on whatever machine.
package release
