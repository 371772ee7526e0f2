package check_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/check"
)

func TestErrIsSortedAndComplete(t *testing.T) {
	var l check.List
	l.Addf("b", "is 0, want 1")
	l.Addf(check.Path("a").Key("x").Field("y").Index(2), "is required")
	l.InRange("c", 5, 1, 4)
	l.InRange("ok", 4, 1, 4)
	check.OneOf(&l, "d", "x", "one", "two", "three")
	check.OneOf(&l, "ok", "one", "one")

	assert.EqualError(t, l.Err(), "a[\"x\"].y[2]: is required\nb: is 0, want 1\nc: is 5, want 1 to 4\n"+
		`d: is "x", want "one", "two" or "three"`)
}

func TestErrOfNothingIsNil(t *testing.T) {
	var l check.List
	assert.NoError(t, l.Err())
}

func TestMergePutsPathsUnderTheParent(t *testing.T) {
	var inner, outer check.List
	inner.Addf("cpu", "is 1")
	inner.Addf("memory", "is 2")
	outer.Merge("service", fmt.Errorf("service %q: %w", "api", inner.Err()))
	require.Len(t, check.All(outer.Err()), 1, "a wrapped list counts as its first problem")

	outer = check.List{}
	outer.Merge("service", inner.Err())
	outer.Merge("other", errors.New("boom"))
	outer.Merge("none", nil)
	assert.EqualError(t, outer.Err(), "other: boom\nservice.cpu: is 1\nservice.memory: is 2")
	assert.Len(t, check.All(outer.Err()), 3)
}
