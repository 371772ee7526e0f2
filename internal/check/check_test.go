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

func TestValues(t *testing.T) {
	const retentions = "want one of CloudWatch's retentions: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, " +
		"1096, 1827, 2192, 2557, 2922, 3288, 3653"
	for name, tc := range map[string]struct {
		check func(*check.List)
		want  string
	}{
		"no region":     {func(l *check.List) { l.Region("r", "") }, "r: is required"},
		"a city":        {func(l *check.List) { l.Region("r", "Ireland") }, `r: is "Ireland", want a region such as "eu-west-1"`},
		"a zone":        {func(l *check.List) { l.Region("r", "eu-west-1a") }, `r: is "eu-west-1a", want a region such as "eu-west-1"`},
		"retention":     {func(l *check.List) { l.LogRetention("d", 2) }, "d: is 2, " + retentions},
		"for ever":      {func(l *check.List) { l.LogRetention("d", 0) }, "d: is 0, " + retentions},
		"an address":    {func(l *check.List) { l.IPv4Range("c", "10.0.0.0", "10.0.0.0/16") }, `c: is "10.0.0.0", want an IPv4 range such as "10.0.0.0/16"`},
		"IPv6":          {func(l *check.List) { l.IPv4Range("c", "::/0", "10.0.0.0/16") }, `c: is "::/0", want an IPv4 range such as "10.0.0.0/16"`},
		"not the first": {func(l *check.List) { l.IPv4Range("c", "10.0.0.9/8", "x") }, `c: is "10.0.0.9/8", want the range's first address: "10.0.0.0/8"`},
	} {
		t.Run(name, func(t *testing.T) {
			var l check.List
			tc.check(&l)
			assert.EqualError(t, l.Err(), tc.want)
		})
	}
	var l check.List
	l.Region("r", "eu-west-1")
	l.Region("r", "us-gov-west-1")
	l.LogRetention("d", 1)
	l.LogRetention("d", 3653)
	prefix, ok := l.IPv4Range("c", "10.0.0.0/8", "x")
	assert.True(t, ok)
	assert.Equal(t, 8, prefix.Bits())
	_, ok = l.IPv4Range("c", "0.0.0.0/0", "x")
	assert.True(t, ok)
	assert.NoError(t, l.Err())
	_, ok = new(check.List).IPv4Range("c", "10.0.0.1/8", "x")
	assert.False(t, ok)
}
