package emulator_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func TestPlaysReachTheGateway(t *testing.T) {
	i := start(t, options(t))
	want := gateway.Play{Image: "sha256:" + strings.Repeat("1", 64), Outcome: gateway.OutcomeAlarm, StepMS: 50}
	require.NoError(t, i.SetPlay(t.Context(), want))
	plays, err := i.Plays(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []gateway.Play{{Outcome: gateway.OutcomeHealthy, StepMS: 300}, want}, plays)
	require.EqualError(t, i.SetPlay(t.Context(), gateway.Play{Outcome: "fine"}),
		`play: outcome: is "fine", want one of healthy, crash, unhealthy, alarm, stuck`)
}
