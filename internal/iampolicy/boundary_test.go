package iampolicy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/iampolicy"
)

// Two things may be outside the stack's region, and the boundary lets both pass:
// the key of Pulumi's state, and the chat, which the AWS provider configures in
// us-west-2 for a region that has no endpoint of it.
func TestTheBoundaryLetsPassWhatIsInAnotherRegion(t *testing.T) {
	in := input("dev")
	in.Region = "eu-central-1"
	in.StateKeyARN = "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"
	all := generate(t, in)
	for resource, r := range map[string]struct{ action, region string }{
		in.StateKeyARN: {"kms:Decrypt", "eu-west-1"},
		"*":            {"chatbot:DescribeSlackChannelConfigurations", "us-west-2"},
	} {
		q := request(r.action, resource)
		q.Context["aws:requestedregion"] = []string{r.region}
		assert.True(t, iampolicy.Allowed(all[iampolicy.Deploy], q), "deploy: %s", r.action)
		assert.True(t, iampolicy.Allowed(all[iampolicy.Boundary], q), "boundary: %s", r.action)
	}
	other := request("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/another")
	assert.False(t, iampolicy.Allowed(all[iampolicy.Boundary], other), "another key of the state's region")
}
