package emulator

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ProcessOf describes a running process for a test.
func ProcessOf(t *testing.T, pid int) Process {
	t.Helper()
	p, err := processOf(pid)
	require.NoError(t, err)
	return p
}

// Watchdog is what ends moto with its parent where the system does not.
var Watchdog = watchdog
