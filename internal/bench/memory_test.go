package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bench"
)

// writeStat writes a process as proc_pid_stat(5) has it.
func writeStat(t *testing.T, proc string, pid, parent, session, mib int, name string) {
	t.Helper()
	dir := filepath.Join(proc, fmt.Sprint(pid))
	require.NoError(t, os.Mkdir(dir, 0o700))
	pages := mib << 20 / os.Getpagesize()
	stat := fmt.Sprintf("%d (%s) S %d 1 %d%s 123456 %d 0\n", pid, name, parent, session, strings.Repeat(" 0", 15)+" 99", pages)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stat"), []byte(stat), 0o600))
}

func TestMemoryIsOfTheTreeAndTheEmulatorApart(t *testing.T) {
	proc := t.TempDir()
	writeStat(t, proc, 10, 1, 5, 100, "evenkeel")
	writeStat(t, proc, 11, 10, 5, 50, "pulumi (cli) 1")
	writeStat(t, proc, 12, 11, 5, 600, "terraform-provider")
	writeStat(t, proc, 20, 10, 20, 40, "gateway") // started by the command, for longer
	writeStat(t, proc, 21, 20, 20, 300, "moto")
	writeStat(t, proc, 30, 1, 5, 7000, "editor")

	assert.Equal(t, bench.Memory{Command: 750, Largest: 600, Emulator: 340}, bench.ReadMemory(proc, 10, 20))
	assert.Equal(t, bench.Memory{Command: 750, Largest: 600}, bench.ReadMemory(proc, 10, 0), "before the emulator said who it is")
	assert.Zero(t, bench.ReadMemory(filepath.Join(proc, "none"), 10, 20), "a system without /proc")
}

func TestMemoryOfThisProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc on this system")
	}
	m := bench.ReadMemory("/proc", os.Getpid(), 0)
	assert.Greater(t, m.Command, 5, "MiB")
	assert.Less(t, m.Largest, 4096, "MiB")
}

func TestEditChangesNothingInTheCheckout(t *testing.T) {
	before, err := os.ReadFile("../../stacks/program.go")
	require.NoError(t, err)
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	overlay, err := bench.Edit(root, dir)
	require.NoError(t, err)
	raw, err := os.ReadFile(overlay)
	require.NoError(t, err)
	assert.Contains(t, string(raw), filepath.Join(root, "stacks/program.go"))
	after, err := os.ReadFile("../../stacks/program.go")
	require.NoError(t, err)
	assert.Equal(t, before, after)
	changed, err := os.ReadFile(filepath.Join(dir, "edited.go"))
	require.NoError(t, err)
	assert.Greater(t, len(changed), len(before))
}
