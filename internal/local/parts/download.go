package parts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// The hosts of the official releases. `pulumi plugin install` asks GitHub
// first and falls back to Pulumi's own. HashiCorp's has the Terraform provider.
const (
	pulumiHost = "https://get.pulumi.com"
	githubHost = "https://api.github.com"

	releasesHost = "https://releases.hashicorp.com"
)

const downloadLimit = 10 * time.Minute

// downloader fetches the official releases. Tests put another one in place.
type downloader interface {
	// pulumi installs the CLI as dir/bin/pulumi.
	pulumi(ctx context.Context, dir string) error
	// plugin installs a resource plugin below home/plugins.
	plugin(ctx context.Context, cli, home, name, version string) error
}

type official struct{ cache cache }

// pulumi uses the Automation API's installer, which runs Pulumi's own install
// script. The installer can't be interrupted while the script's children
// hold its pipes, so the wait is ours; what it writes later lands in a
// scratch folder.
func (o official) pulumi(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	restore := setenv("PULUMI_HOME", o.cache.pulumiHome())
	defer restore()
	done := make(chan error, 1)
	go func() {
		_, err := auto.InstallPulumiCommand(ctx, &auto.PulumiCommandOptions{
			Version: semver.MustParse(PulumiVersion),
			Root:    dir,
		})
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("download of the Pulumi CLI: %w", ctx.Err())
	}
}

func (o official) plugin(ctx context.Context, cli, home, name, version string) error {
	_, err := command{
		argv:  []string{cli, "plugin", "install", "resource", name, version, "--exact"},
		dir:   home,
		env:   childEnviron(nil, "PULUMI_HOME="+home, "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_BACKEND_URL=file://"+filepath.ToSlash(home)),
		limit: downloadLimit,
	}.run(ctx)
	return err
}

// setenv sets a variable of this process and returns what undoes it.
func setenv(key, value string) (restore func()) {
	old, was := os.LookupEnv(key)
	_ = os.Setenv(key, value)
	return func() {
		if was {
			_ = os.Setenv(key, old)
			return
		}
		_ = os.Unsetenv(key)
	}
}
