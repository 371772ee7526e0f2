package naming_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/check"
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

func TestCheckBase(t *testing.T) {
	for _, name := range []string{"ab", "o1", "orders-dev", "a-b-c", strings.Repeat("o", 24)} {
		var l check.List
		naming.CheckBase(&l, "Name", name)
		assert.NoError(t, l.Err(), name)
	}
	for _, name := range []string{
		"o", strings.Repeat("o", 25), "Orders", "orders_dev", "1orders", "-orders", "orders-", "orders--dev", "orders.dev", "örders", "orders\n",
	} {
		var l check.List
		naming.CheckBase(&l, "Name", name)
		assert.EqualError(t, l.Err(), fmt.Sprintf(`Name: is %q, want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`, name))
	}
	var l check.List
	naming.CheckBase(&l, "Name", "")
	assert.EqualError(t, l.Err(), "Name: is required")
}
