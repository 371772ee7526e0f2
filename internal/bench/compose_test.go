package bench_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bench"
	"evenkeel/internal/pulumitest"
)

func compose(t *testing.T, services int) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, bench.Program(services),
		pulumitest.WithInvoke("aws:index/getCallerIdentity:getCallerIdentity", map[string]any{"accountId": "123456789012"}),
		pulumitest.WithInvoke("aws:ec2/getVpc:getVpc", map[string]any{"id": "vpc-0123456789abcdef0"}),
		pulumitest.WithInvoke("aws:ec2/getSubnets:getSubnets", map[string]any{"ids": []any{"subnet-a", "subnet-b"}}),
	)
}

// The recorder refuses what the engine would: two resources of one name, and
// resources with a default provider.
func TestEveryServiceAddsTheSame(t *testing.T) {
	shared := len(compose(t, 0))
	one := len(compose(t, 1)) - shared
	assert.Greater(t, one, 25, "a service is all that a stack gives one")
	regs := compose(t, 50)
	assert.Len(t, regs, shared+50*one)
	owned := map[string]int{}
	for _, r := range regs {
		owner, _, _ := strings.Cut(strings.TrimPrefix(r.Name, "api-"), "-")
		owned[owner]++
	}
	assert.Equal(t, one, owned["01"])
	assert.Equal(t, one, owned["50"], "the last has what the first has")
}

func TestPhysicalNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range compose(t, 12) {
		name, ok := r.Plain()["name"].(string)
		if !ok {
			continue // named by the engine
		}
		key := r.Type + " " + name
		assert.False(t, seen[key], key)
		seen[key] = true
	}
	require.NotEmpty(t, seen)
}

func TestWhatAStackHasIsInTheProgram(t *testing.T) {
	types := map[string]bool{}
	for _, r := range compose(t, 1) {
		types[r.Type] = true
	}
	for _, component := range []string{"Network", "Registry", "Secrets", "Notifications", "Ingress", "Service"} {
		assert.True(t, types["evenkeel:components:"+component], component)
	}
}
