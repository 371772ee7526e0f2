package e2e_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// cell is a place of its own for commands: Linux namespaces, in which the test
// may mount disks and cut the network, and which nobody else sees. Processes are
// the same as outside.
type cell struct {
	t   *testing.T
	pid string
	// namespaces are nsenter's options.
	namespaces []string
}

// newCell makes a cell, without any network but 127.0.0.1 if offline is set.
// It goes with the test.
func newCell(t *testing.T, offline bool) *cell {
	t.Helper()
	flags, namespaces, script := "-rm", []string{"-U", "-m"}, "echo ready; exec cat"
	if offline {
		flags, namespaces, script = "-rmn", append(namespaces, "-n"), "ip link set lo up && "+script
	}
	keeper := exec.Command("unshare", flags, "sh", "-c", script)
	stdin, err := keeper.StdinPipe()
	require.NoError(t, err)
	stdout, err := keeper.StdoutPipe()
	require.NoError(t, err)
	var stderr strings.Builder
	keeper.Stderr = &stderr
	err = keeper.Start()
	if err == nil {
		t.Cleanup(func() {
			_ = stdin.Close() // ends the keeper
			_ = keeper.Wait()
		})
		if line, _ := bufio.NewReader(stdout).ReadString('\n'); line == "ready\n" {
			return &cell{t: t, pid: strconv.Itoa(keeper.Process.Pid), namespaces: namespaces}
		}
		_, _ = io.Copy(io.Discard, stdout)
	}
	const why = "this test needs Linux, util-linux and the right to make user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns): unshare %s: %v %s"
	if os.Getenv("CI") == "true" {
		t.Fatalf(why, flags, err, stderr.String())
	}
	t.Skipf(why, flags, err, stderr.String())
	return nil
}

// enter is the command line that runs argv in the cell, in a folder of it, as
// the very process that it starts.
func (c *cell) enter(dir string, argv []string) []string {
	return append(append([]string{"nsenter", "-t", c.pid, "--preserve-credentials"}, c.namespaces...),
		append([]string{"sh", "-c", `cd "$0" && exec "$@"`, dir}, argv...)...)
}

// run runs a script in the cell.
func (c *cell) run(dir, script string) {
	c.t.Helper()
	argv := c.enter(dir, []string{"sh", "-euc", script})
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	require.NoError(c.t, err, "%s: %s", script, out)
}

// keepFull leaves no byte free on a disk of the cell, whatever is deleted there,
// until stop is called.
func (c *cell) keepFull(disk string) (stop func()) {
	c.t.Helper()
	argv := c.enter(disk, []string{"sh", "-c", "while :; do dd if=/dev/zero of=filler bs=1024 oflag=append conv=notrunc 2>/dev/null; done"})
	filler := exec.Command(argv[0], argv[1:]...)
	filler.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // for dd, too
	require.NoError(c.t, filler.Start())
	return func() {
		_ = syscall.Kill(-filler.Process.Pid, syscall.SIGKILL)
		_ = filler.Wait()
	}
}

// fill fills a disk of the cell to the last byte, by a file named filler.
func (c *cell) fill(disk string) {
	c.t.Helper()
	c.run(disk, "dd if=/dev/zero of=filler bs=1024 2>/dev/null || true; test -z \"$(df -k --output=avail . | tail -1 | tr -d ' 0')\"")
}
