package tfmirror

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Provider is one release of a provider for one platform.
type Provider struct {
	// Host, Namespace and Type are its address, for example
	// "registry.terraform.io", "hashicorp", "aws".
	Host, Namespace, Type string
	// Version has no leading "v".
	Version string
	// OS and Arch are as Go names them.
	OS, Arch string
}

// Package is a provider found in a mirror: exactly one of its fields is set.
type Package struct {
	// Executable is the provider's program, from the unpacked layout.
	Executable string
	// Archive is the release's zip file, from the packed layout.
	Archive string
}

// ErrNone is a mirror that does not have the provider.
var ErrNone = errors.New("not in this mirror")

func (p Provider) target() string { return p.OS + "_" + p.Arch }

// In looks for the provider in the mirror at dir, in the unpacked layout
// HOST/NAMESPACE/TYPE/VERSION/TARGET and the packed layout
// HOST/NAMESPACE/TYPE/terraform-provider-TYPE_VERSION_TARGET.zip. The error
// is ErrNone, or says what is wrong with what is there.
func (p Provider) In(dir string) (Package, error) {
	base := filepath.Join(dir, p.Host, p.Namespace, p.Type)
	unpacked := filepath.Join(base, p.Version, p.target())
	entries, err := os.ReadDir(unpacked)
	if err == nil {
		for _, e := range entries {
			path := filepath.Join(unpacked, e.Name())
			if strings.HasPrefix(e.Name(), "terraform-provider-"+p.Type) && runnable(path) {
				return Package{Executable: path}, nil
			}
		}
		return Package{}, fmt.Errorf("%s: has no executable terraform-provider-%s*", unpacked, p.Type)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Package{}, fmt.Errorf("mirror %s: %w", dir, err)
	}
	archive := filepath.Join(base, fmt.Sprintf("terraform-provider-%s_%s_%s.zip", p.Type, p.Version, p.target()))
	if info, err := os.Stat(archive); err == nil && info.Mode().IsRegular() {
		return Package{Archive: archive}, nil
	}
	return Package{}, ErrNone
}

func runnable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	return runtime.GOOS == "windows" || info.Mode()&0o111 != 0
}

// Implied lists the mirror folders that Terraform uses without being told:
// https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
// workdir stands for the folder terraform would be run in.
func Implied(goos, workdir string, getenv Getenv) []string {
	dirs := []string{filepath.Join(workdir, "terraform.d", "plugins")}
	home := getenv("HOME")
	switch goos {
	case "windows":
		app := getenv("APPDATA")
		return append(dirs, filepath.Join(app, "terraform.d", "plugins"), filepath.Join(app, "HashiCorp", "Terraform", "plugins"))
	case "darwin":
		return append(dirs,
			filepath.Join(home, ".terraform.d", "plugins"),
			filepath.Join(home, "Library", "Application Support", "io.terraform", "plugins"),
			"/Library/Application Support/io.terraform/plugins")
	}
	dirs = append(dirs, filepath.Join(home, ".terraform.d", "plugins"))
	for _, data := range DataDirs(getenv) {
		dirs = append(dirs, filepath.Join(data, "terraform", "plugins"))
	}
	return dirs
}

// DataDirs lists the user's and the system's data folders, with the defaults
// of https://specifications.freedesktop.org/basedir-spec/latest/#variables.
func DataDirs(getenv Getenv) []string {
	user := getenv("XDG_DATA_HOME")
	if user == "" {
		user = filepath.Join(getenv("HOME"), ".local", "share")
	}
	system := filepath.SplitList(getenv("XDG_DATA_DIRS"))
	if len(system) == 0 {
		system = []string{"/usr/local/share", "/usr/share"}
	}
	return append([]string{user}, system...)
}

// Below lists the folders at most depth levels below root, root included,
// that have a folder named host: they are laid out as mirrors. The upper ones
// come first. It does not follow symbolic links on the way down, and passes
// over what it can't read.
func Below(root, host string, depth int) []string {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	var here, below []string
	for _, e := range entries {
		switch {
		case e.Name() == host:
			here = []string{root}
		case e.IsDir() && depth > 0:
			below = append(below, Below(filepath.Join(root, e.Name()), host, depth-1)...)
		}
	}
	return append(here, below...)
}
