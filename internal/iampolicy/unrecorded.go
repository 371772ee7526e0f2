package iampolicy

import (
	"slices"
	"strings"
)

// Reasons why the recorded stacks never call what they may.
const (
	ownNetwork = "the recorded stacks are in the account's default network: the awsx plugin, which makes another, was not there"
	retagged   = "called when a tag is taken away"
	firstUse   = "AWS asks for it when an account first uses a service"
	noChat     = "the recorded stacks have no chat, which the emulator does not play"
)

// beside says the same of actions that no row has, those of the commands and of
// Pulumi's own state.
var beside = map[string]string{
	"codedeploy:RegisterApplicationRevision": "CodeDeploy asks for it when a deployment is created from an AppSpec",
	"s3:DeleteObjectVersion":                 "of an access log that was delivered: the recorded stacks have none",
	"s3:ListBucketVersions":                  "of access logs that were delivered: the recorded stacks have none",
	"kms:GenerateDataKey":                    "S3 asks for it where the state's bucket is encrypted with the key, and Secrets Manager where a secret's key is the stack's own",
}

// Unrecorded says why a role may call what no recording has; empty if nobody
// knows, which is an action to take out of the table.
func Unrecorded(action string) string {
	if why := beside[action]; why != "" {
		return why
	}
	if strings.HasSuffix(action, ":UntagResource") {
		return retagged
	}
	why := ""
	for _, s := range table() {
		for _, r := range s.rows {
			if name, ok := strings.CutPrefix(action, s.prefix+":"); !ok || !slices.Contains(r.actions, name) {
				continue
			}
			if why = r.reason(); why == "" {
				return ""
			}
		}
	}
	return why
}

// reason says why a row may be missing from a recording of stacks that come up,
// change and go.
func (r row) reason() string {
	switch {
	case r.unseen != "":
		return r.unseen
	case r.does&(read|create|remove) == 0:
		return "called when a value of " + r.types[0] + " changes"
	}
	return ""
}
