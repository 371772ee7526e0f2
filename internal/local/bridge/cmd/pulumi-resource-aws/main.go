// Command pulumi-resource-aws is a Pulumi resource plugin with the tokens and property
// names of pulumi-aws that runs the terraform-provider-aws binary named by
// EVENKEEL_TERRAFORM_PROVIDER_AWS. The Pulumi engine starts it; "-version" prints its
// version.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"evenkeel/bridge"
	"evenkeel/bridge/internal/lifetime"
)

// grace is how long the plugin may take to end in order. The engine itself waits one
// second before it kills a plugin.
const grace = 5 * time.Second

func main() {
	if len(os.Args) == 2 && os.Args[1] == "-version" {
		printVersion()
		return
	}
	ctx, stop := lifetime.Context(context.Background())
	defer stop()
	context.AfterFunc(ctx, func() {
		time.Sleep(grace)
		os.Exit(1)
	})
	// The log package's output goes nowhere: the Pulumi SDK takes it over.
	if err := bridge.Run(ctx, os.Args[0]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
}

func printVersion() {
	v, err := bridge.Version(os.Args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
	fmt.Println(v)
}
