package naming_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

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
