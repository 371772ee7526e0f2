// Command tfprovider prints the path of the Terraform AWS provider, which the
// tests of the bridge run over. Run it in the project's root. Progress and
// errors go to stderr; exit 1 means that there is no provider.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"evenkeel/internal/local/parts"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	path, err := provider(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// provider looks first and prepares the whole engine only if it must: a
// provider may have to be unpacked or downloaded.
func provider(ctx context.Context) (string, error) {
	opts := parts.Options{Root: ".", Progress: stderr{}}
	set, err := parts.Inspect(ctx, opts)
	if err == nil && !set.TerraformProvider.Found {
		set, err = parts.Find(ctx, opts)
	}
	if err != nil {
		return "", err
	}
	if p := set.TerraformProvider; !p.Found {
		return "", errors.New(p.Name + " " + p.Version + ": " + p.Why +
			"; the bridge's tests still run over it: name its executable in EVENKEEL_TERRAFORM_PROVIDER_AWS")
	}
	return set.TerraformProvider.Path, nil
}

type stderr struct{}

func (stderr) Step(name string)         { fmt.Fprintln(os.Stderr, name) }
func (stderr) Done(name, detail string) { fmt.Fprintf(os.Stderr, "%s: %s\n", name, detail) }
