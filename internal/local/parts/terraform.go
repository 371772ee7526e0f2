package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// mirrors lists the mirrors of this machine, the ones somebody chose first,
// and at last the cache. notes says what could not be read.
func (f *finder) mirrors() (dirs, notes []string) {
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
	return append(dirs, f.providerCache()), notes
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

// FindTerraformProvider returns the Terraform AWS provider that the bridge
// runs over, also where the engine has the official AWS plugin and needs none:
// from a mirror of this machine, the cache, a direct download of HashiCorp's
// release, or `terraform init`, in this order. The error is a *MissingError, a
// *CacheError, or ctx's error, as for [Find].
func FindTerraformProvider(ctx context.Context, opts Options) (Part, error) {
	f, err := newFinder(opts)
	if err != nil {
		return Part{}, err
	}
	return f.terraformProvider(ctx)
}

func (f *finder) terraformProvider(ctx context.Context) (Part, error) {
	if p := f.findProvider(); p.Found {
		return p, nil
	}
	unlock, err := f.cache.lock(ctx, f.progress)
	if err != nil {
		return Part{}, err
	}
	defer unlock()
	f.cache.removeLeftovers()
	p, err := f.installProvider(ctx)
	var none noSource
	switch {
	case ctx.Err() != nil:
		return Part{}, fmt.Errorf("prepare the %s: %w", terraformName, ctx.Err())
	case errors.As(err, &none):
		return Part{}, &MissingError{Missing: []Missing{{
			Part: terraformName + " " + TerraformAWSVersion, Tried: none, Supply: supplyProvider(),
		}}}
	}
	return p, err
}

// noSource says for each source of a part why it did not have it.
type noSource []string

func (e noSource) Error() string { return strings.Join(e, "\n") }

// installProvider finds the provider or puts it in the cache. The error is a
// noSource unless no other source could help.
func (f *finder) installProvider(ctx context.Context) (Part, error) {
	p, archive, tried := f.searchMirrors()
	if p.Found {
		return p, nil
	}
	type source struct {
		source Source
		detail string
		get    func() error
	}
	sources := []source{
		{SourceDownload, "from " + f.releases, func() error { return f.downloadProvider(ctx) }},
		{SourceDownload, "by terraform init", func() error { return f.terraformInit(ctx) }},
	}
	if archive != "" {
		unpack := source{SourceMirror, "unpacked from " + archive, func() error { return f.unpackProvider(archive) }}
		sources = append([]source{unpack}, sources...)
	}
	for _, s := range sources {
		err := s.get()
		if err == nil {
			if p = f.findProvider(); p.Found {
				p.Source, p.Detail = s.source, s.detail
				return p, nil
			}
			err = errors.New(p.Why)
		}
		if hard(ctx, err) {
			return Part{}, err
		}
		tried = append(tried, fmt.Sprintf("%s: %v", s.source, err))
	}
	return Part{}, noSource(tried)
}

// supplyProvider lists every way to supply the provider.
func supplyProvider() []string {
	return []string{
		"supply the " + terraformName + " " + TerraformAWSVersion + " in a Terraform filesystem mirror: a folder of your Terraform CLI configuration, an implied mirror folder, or e.g. " +
			filepath.Join("/opt/terraform", awsProvider.Host, awsProvider.Namespace, awsProvider.Type, TerraformAWSVersion, runtime.GOOS+"_"+runtime.GOARCH) +
			" (https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror)",
		"let this machine reach " + releasesHost + " (HTTPS_PROXY is used when set), for the direct download of that provider",
		"install terraform on PATH where it can reach " + registryHost + " or its network mirror: it downloads that provider",
	}
}
