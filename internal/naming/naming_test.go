package naming_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/naming"
)

func TestPhysical(t *testing.T) {
	assert.Equal(t, "orders-dev-api", naming.Physical(32, "orders", "dev", "api"))
	assert.Equal(t, strings.Repeat("a", 40), naming.Physical(0, strings.Repeat("a", 40)), "no limit")
	assert.Equal(t, "abcd", naming.Physical(4, "abcdefgh"))

	// 32 is the limit of load balancer and target group names.
	one := naming.Physical(32, "a-rather-long-service-name-for-a-team", "blue")
	two := naming.Physical(32, "a-rather-long-service-name-for-a-team", "green")
	assert.LessOrEqual(t, len(one), 32)
	assert.NotEqual(t, one, two, "names that differ only past the cut must stay different")
	assert.NotContains(t, one, "--")
	assert.Equal(t, one, naming.Physical(32, "a-rather-long-service-name-for-a-team", "blue"))
}
