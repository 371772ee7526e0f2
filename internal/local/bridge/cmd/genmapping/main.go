// Command genmapping derives, from the sources of the AWS SDK that the repository's root
// module builds with and from the schema of terraform-provider-aws:
//
//   - internal/local/bridge/internal/mapping/mapping.json, the table the plugin runs by;
//   - internal/local/bridge/internal/mapping/report.txt, all that does not agree or had to
//     be overridden, for review;
//   - internal/recorder/outputs.json, which outputs of each type are strings.
//
// Run it in internal/local/bridge after a change of the SDK's version, with
// EVENKEEL_TERRAFORM_PROVIDER_AWS naming the provider binary, and review the report's
// diff:
//
//	go run ./cmd/genmapping [-root DIR] [-provider BINARY] [-sdk DIR -sdk-version VERSION]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"evenkeel/bridge/internal/sdkscan"
	"evenkeel/bridge/internal/tfprovider"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "genmapping:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root := flag.String("root", "../../..", "the repository's root")
	binary := flag.String("provider", os.Getenv(tfprovider.EnvBinary), "terraform-provider-aws binary")
	sdkDir := flag.String("sdk", "", "directory of the SDK's root package; the root module's when empty")
	version := flag.String("sdk-version", "", "version of -sdk, such as 6.83.2")
	flag.Parse()
	if *binary == "" {
		return errors.New("-provider or " + tfprovider.EnvBinary + " must name a terraform-provider-aws binary")
	}
	if *sdkDir == "" {
		var err error
		if *sdkDir, *version, err = sdkscan.Locate(*root); err != nil {
			return err
		}
	}
	out, err := generate(ctx, *sdkDir, *version, *binary)
	if err != nil {
		return err
	}
	for name, content := range out {
		if err := os.WriteFile(filepath.Join(*root, name), content, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n", name, len(content))
	}
	return nil
}
