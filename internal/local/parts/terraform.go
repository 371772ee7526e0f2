package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"evenkeel/internal/local/parts/tfmirror"
)

const (
	terraformName = "Terraform AWS provider"
	registryHost  = "https://registry.terraform.io"
	initLimit     = 10 * time.Minute
	// rootDepth is how far below a software root a mirror may be. Three levels
	// of /usr are read in some 20 ms.
	rootDepth = 2
)

var awsProvider = tfmirror.Provider{
	Host: "registry.terraform.io", Namespace: "hashicorp", Type: "aws",
	Version: TerraformAWSVersion, OS: runtime.GOOS, Arch: runtime.GOARCH,
}

// softwareRoots are the folders below which software is usually installed.
func softwareRoots() []string {
	roots := []string{"/opt", "/usr/local", "/usr/share", "/usr/lib", "/var/lib", "/srv"}
	for _, dir := range tfmirror.DataDirs(os.Getenv) {
		if !slices.Contains(roots, dir) {
			roots = append(roots, dir)
		}
	}
	return roots
}

func (f *finder) providerCache() string { return f.cache.path("terraform-providers") }

// mirrors lists the mirrors of this machine, the ones somebody chose first.
// notes says what could not be read.
func (f *finder) mirrors() (dirs, notes []string) {
	dirs = []string{f.providerCache()}
	file := tfmirror.ConfigFile(os.Getenv)
	cfg, err := tfmirror.ReadConfig(file, os.Getenv)
	if err != nil {
		notes = append(notes, err.Error())
	}
	dirs = append(dirs, cfg.Mirrors...)
	for _, dir := range []string{os.Getenv("TF_PLUGIN_CACHE_DIR"), cfg.PluginCache} {
		if dir != "" {
			dirs = append(dirs, dir)
		}
	}
	dirs = append(dirs, tfmirror.Implied(runtime.GOOS, f.root, os.Getenv)...)
	for _, root := range f.softwareRoots {
		dirs = append(dirs, tfmirror.Below(root, awsProvider.Host, rootDepth)...)
	}
	return dirs, notes
}

// findProvider looks in the mirrors and changes nothing. A packed provider
// counts as found without a Path: installProvider unpacks it.
func (f *finder) findProvider() Part {
	p, archive, tried := f.searchMirrors()
	if p.Found {
		return p
	}
	if archive != "" {
		tried = append(tried, "mirror: "+archive+" is not unpacked yet")
	}
	return absent(terraformName, TerraformAWSVersion, tried)
}

func (f *finder) searchMirrors() (p Part, archive string, tried []string) {
	dirs, tried := f.mirrors()
	for _, dir := range dirs {
		got, err := awsProvider.In(dir)
		switch {
		case err == nil && got.Executable != "":
			return f.provider(got.Executable, dir), "", nil
		case err == nil && archive == "":
			archive = got.Archive
		case err != nil && !errors.Is(err, tfmirror.ErrNone):
			tried = append(tried, err.Error())
		}
	}
	if archive == "" {
		tried = append(tried, fmt.Sprintf("mirror: no %s %s for %s_%s in the mirrors of the Terraform CLI configuration, the implied ones, TF_PLUGIN_CACHE_DIR, or below %s",
			terraformName, TerraformAWSVersion, runtime.GOOS, runtime.GOARCH, strings.Join(f.softwareRoots, ", ")))
	}
	return Part{}, archive, tried
}

func (f *finder) provider(path, mirror string) Part {
	p := Part{
		Name: terraformName, Version: TerraformAWSVersion, Found: true,
		Path: path, Source: SourceMirror, Detail: "mirror " + mirror,
	}
	if mirror == f.providerCache() {
		p.Source, p.Detail = SourceCache, ""
	}
	return p
}

// installProvider finds the provider, unpacks it from a packed mirror, or has
// terraform download it.
func (f *finder) installProvider(ctx context.Context) (Part, error) {
	p, archive, tried := f.searchMirrors()
	if p.Found {
		return p, nil
	}
	if archive != "" {
		err := f.unpackProvider(archive)
		if err == nil {
			p = f.findProvider()
			p.Source, p.Detail = SourceMirror, "unpacked from "+archive
			return p, nil
		}
		if hard(ctx, err) {
			return Part{}, err
		}
		tried = append(tried, err.Error())
	}
	path, err := f.terraformInit(ctx)
	if err == nil {
		p = f.provider(path, f.providerCache())
		p.Source, p.Detail = SourceDownload, "by terraform init"
		return p, nil
	}
	if hard(ctx, err) {
		return Part{}, err
	}
	tried = append(tried, fmt.Sprintf("%s: %v", SourceDownload, err))
	return Part{}, errors.New(strings.Join(tried, "\n"))
}

func (f *finder) providerDir() string {
	p := awsProvider
	return filepath.Join(f.providerCache(), p.Host, p.Namespace, p.Type, p.Version, p.OS+"_"+p.Arch)
}

func (f *finder) unpackProvider(archive string) (err error) {
	step := "unpacking the " + terraformName + " " + TerraformAWSVersion
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "unpacked")) }()
	dir, remove, err := f.cache.scratch("provider")
	if err != nil {
		return err
	}
	defer remove()
	target := filepath.Join(dir, "target")
	if err := os.Mkdir(target, 0o755); err != nil {
		return f.cache.trouble(err)
	}
	if err := unzip(archive, target); err != nil {
		return f.cache.trouble(err)
	}
	return f.cache.place(target, f.providerDir())
}

const providerConfig = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "` + TerraformAWSVersion + `"
    }
  }
}
`

// terraformInit lets terraform install the provider by the user's own
// Terraform configuration, which may name a network mirror.
func (f *finder) terraformInit(ctx context.Context) (path string, err error) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		return "", errors.New("terraform init: no terraform on PATH")
	}
	if f.net.offline {
		return "", errOffline
	}
	cfg, _ := tfmirror.ReadConfig(tfmirror.ConfigFile(os.Getenv), os.Getenv)
	if !cfg.NetworkMirror {
		if err := f.net.reach(ctx, registryHost); err != nil {
			return "", fmt.Errorf("terraform init: %w", err)
		}
	}
	const step = "downloading the " + terraformName + " " + TerraformAWSVersion + " with terraform init, about 150 MB"
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "downloaded")) }()
	dir, remove, err := f.cache.scratch("terraform")
	if err != nil {
		return "", err
	}
	defer remove()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(providerConfig), 0o644); err != nil {
		return "", f.cache.trouble(err)
	}
	_, err = command{
		argv:  []string{terraform, "init", "-backend=false", "-input=false", "-no-color"},
		dir:   dir,
		env:   childEnviron(terraformVariables, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"),
		limit: initLimit,
	}.run(ctx)
	if err != nil {
		return "", f.cache.trouble(err)
	}
	return f.takeProvider(filepath.Join(dir, ".terraform", "providers"))
}

// takeProvider moves what terraform installed to the cache. Where it is a
// link to a plugin cache or mirror of the user, it is copied.
func (f *finder) takeProvider(installed string) (string, error) {
	got, err := awsProvider.In(installed)
	if err != nil {
		return "", fmt.Errorf("terraform init: %w", err)
	}
	dir, remove, err := f.cache.scratch("provider")
	if err != nil {
		return "", err
	}
	defer remove()
	target := filepath.Join(dir, "target")
	if err := os.Mkdir(target, 0o755); err != nil {
		return "", f.cache.trouble(err)
	}
	program := filepath.Base(got.Executable)
	if err := linkOrCopy(got.Executable, filepath.Join(target, program)); err != nil {
		return "", f.cache.trouble(err)
	}
	return filepath.Join(f.providerDir(), program), f.cache.place(target, f.providerDir())
}
