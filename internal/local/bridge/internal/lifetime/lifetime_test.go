package lifetime_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/lifetime"
)

// role makes the test binary play the processes of the tests.
const role = "LIFETIME_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "parent":
		parent()
	case "child":
		ctx, stop := lifetime.Context(context.Background())
		defer stop()
		fmt.Println(os.Getpid())
		<-ctx.Done()
	default:
		os.Exit(m.Run())
	}
}

// parent starts a child and waits to be killed.
func parent() {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), role+"=child")
	child.Stdout = os.Stdout
	if err := child.Run(); err != nil {
		os.Exit(1)
	}
}

func start(t *testing.T, as string) (cmd *exec.Cmd, printed int) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+as)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	printed, err = strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	return cmd, printed
}

func gone(pid int) func() bool {
	return func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH }
}

func TestContextEndsWithTheParent(t *testing.T) {
	cmd, child := start(t, "parent")
	require.NoError(t, syscall.Kill(child, 0), "the child runs")
	require.NoError(t, cmd.Process.Kill())
	if !assert.Eventually(t, gone(child), 5*time.Second, 50*time.Millisecond) {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
}

func TestContextEndsOnSignals(t *testing.T) {
	for name, sig := range map[string]os.Signal{"interrupt": os.Interrupt, "terminate": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			cmd, _ := start(t, "child")
			require.NoError(t, cmd.Process.Signal(sig))
			assert.NoError(t, cmd.Wait(), "the child ended by itself")
		})
	}
}
