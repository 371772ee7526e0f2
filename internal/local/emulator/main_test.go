package emulator_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/parts/motocmd"
)

// TestMain lets the test binary stand in for the evenkeel program: Start runs
// it again with the hidden subcommand.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "local" {
		root := &cobra.Command{Use: "evenkeel", SilenceErrors: true}
		local := &cobra.Command{Use: "local"}
		local.AddCommand(emulator.Command())
		root.AddCommand(local)
		if err := root.ExecuteContext(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 2 && os.Args[1] == "watch" {
		watchAndDie(os.Args[2])
	}
	if len(os.Args) > 3 && os.Args[1] == "run" {
		runContainer(os.Args[2], os.Args[3:])
	}
	os.Exit(m.Run())
}

// motoCommand finds moto, or ends the test: in CI it must be there.
func motoCommand(t *testing.T) []string {
	t.Helper()
	if given := strings.Fields(os.Getenv("EVENKEEL_MOTO")); len(given) > 0 {
		return motocmd.Complete(given)
	}
	if path, err := exec.LookPath("moto_server"); err == nil {
		return motocmd.Complete([]string{path})
	}
	const how = `no moto: install it (pip install "moto[server]==5.2.1") or set EVENKEEL_MOTO, for example to "python3 -m moto.server"`
	if os.Getenv("CI") == "true" {
		t.Fatal(how)
	}
	t.Skip(how)
	return nil
}
