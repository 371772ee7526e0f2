// Package tfmirror finds Terraform providers in the filesystem mirrors and
// plugin caches of a machine, by the rules of Terraform's documentation:
// https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
package tfmirror

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/hashicorp/hcl"
	"github.com/hashicorp/hcl/hcl/ast"
)

// Config is what a Terraform CLI configuration says about providers.
type Config struct {
	// Mirrors are the folders of its filesystem_mirror blocks, in their order.
	// Their include and exclude patterns are not kept: a provider of the right
	// address and version in any of them is the right provider.
	Mirrors []string
	// NetworkMirror is true when it has a network_mirror block.
	NetworkMirror bool
	// PluginCache is its plugin_cache_dir, empty when it has none.
	PluginCache string
}

// Getenv looks up an environment variable, as os.Getenv does.
type Getenv func(string) string

// ConfigFile is the path of the CLI configuration: TF_CLI_CONFIG_FILE, its
// old name TERRAFORM_CONFIG, else the file in the user's home.
func ConfigFile(getenv Getenv) string {
	for _, key := range []string{"TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"} {
		if f := getenv(key); f != "" {
			return f
		}
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(getenv("APPDATA"), "terraform.rc")
	}
	return filepath.Join(getenv("HOME"), ".terraformrc")
}

// ReadConfig reads a CLI configuration. A file that does not exist is an
// empty one, as it is for Terraform. The file is written in the first version
// of HCL, or in JSON, and read by the library that Terraform reads it with:
// quoted keys, as in dev_overrides, are errors in the second version.
// Settings that are not about providers are passed over; they may hold
// credentials.
func ReadConfig(file string, getenv Getenv) (Config, error) {
	src, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("read Terraform CLI configuration: %w", err)
	}
	cfg, err := parseConfig(src, getenv)
	if err != nil {
		return Config{}, fmt.Errorf("read Terraform CLI configuration %s: %w", file, err)
	}
	return cfg, nil
}

func parseConfig(src []byte, getenv Getenv) (Config, error) {
	parsed, err := hcl.ParseBytes(src)
	if err != nil {
		return Config{}, err
	}
	root, ok := parsed.Node.(*ast.ObjectList)
	if !ok {
		return Config{}, errors.New("has no settings")
	}
	var settings struct {
		PluginCacheDir string `hcl:"plugin_cache_dir"`
	}
	if err := hcl.DecodeObject(&settings, root); err != nil {
		return Config{}, err
	}
	cfg := Config{PluginCache: os.Expand(settings.PluginCacheDir, getenv)}
	for _, installation := range root.Filter("provider_installation").Items {
		for _, method := range methods(installation) {
			if err := cfg.add(method); err != nil {
				return Config{}, err
			}
		}
	}
	return cfg, nil
}

// methods lists the blocks of one provider_installation. The JSON form of a
// single one has its name among the keys of the outer block.
func methods(installation *ast.ObjectItem) []*ast.ObjectItem {
	if len(installation.Keys) > 0 {
		return []*ast.ObjectItem{installation}
	}
	body, ok := installation.Val.(*ast.ObjectType)
	if !ok {
		return nil
	}
	return body.List.Items
}

func (c *Config) add(method *ast.ObjectItem) error {
	name, _ := method.Keys[0].Token.Value().(string)
	switch name {
	case "network_mirror":
		c.NetworkMirror = true
	case "filesystem_mirror":
		var mirror struct {
			Path string `hcl:"path"`
		}
		if err := hcl.DecodeObject(&mirror, method.Val); err != nil {
			return fmt.Errorf("filesystem_mirror: %w", err)
		}
		if mirror.Path == "" {
			return errors.New("filesystem_mirror: path: is required")
		}
		c.Mirrors = append(c.Mirrors, mirror.Path)
	}
	return nil
}
