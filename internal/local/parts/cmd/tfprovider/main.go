// Command tfprovider prints the path of the Terraform AWS provider, which the
// tests of the bridge run over, and downloads it if it must. Run it in the project's root. Progress and
// errors go to stderr; exit 1 means that there is no provider.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"evenkeel/internal/local/parts"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p, err := parts.FindTerraformProvider(ctx, parts.Options{Root: ".", Progress: stderr{}})
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		fmt.Fprintln(os.Stderr, "the bridge's tests also take the provider whose executable EVENKEEL_TERRAFORM_PROVIDER_AWS names")
		os.Exit(1)
	}
	fmt.Println(p.Path)
}

type stderr struct{}

func (stderr) Step(name string)         { fmt.Fprintln(os.Stderr, name) }
func (stderr) Done(name, detail string) { fmt.Fprintf(os.Stderr, "%s: %s\n", name, detail) }
