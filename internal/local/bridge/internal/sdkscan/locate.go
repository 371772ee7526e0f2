package sdkscan

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Module and ImportRoot name the AWS SDK's Go module and its root package.
const (
	Module     = "github.com/pulumi/pulumi-aws/sdk/v6"
	ImportRoot = Module + "/go/aws"
)

// Locate finds the sources of the AWS SDK that the Go module in moduleDir builds with,
// downloading them where needed, and the SDK's version without its "v".
func Locate(moduleDir string) (dir, version string, err error) {
	dir, version, err = list(moduleDir)
	if err == nil && dir == "" {
		if _, err = run(moduleDir, "mod", "download", Module); err == nil {
			dir, version, err = list(moduleDir)
		}
	}
	if err != nil {
		return "", "", fmt.Errorf("find the sources of %s for %s: %w", Module, moduleDir, err)
	}
	return filepath.Join(dir, "go", "aws"), strings.TrimPrefix(version, "v"), nil
}

func list(moduleDir string) (dir, version string, err error) {
	out, err := run(moduleDir, "list", "-m", "-f", "{{.Dir}}\n{{.Version}}", Module)
	dir, version, _ = strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	return dir, version, err
}

func run(dir string, args ...string) (string, error) {
	var stderr strings.Builder
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}
