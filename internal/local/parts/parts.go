package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Source says where a part came from.
type Source string

const (
	// SourcePath is a program found on PATH.
	SourcePath Source = "PATH"
	// SourceEnv is a program named by an EVENKEEL_* variable.
	SourceEnv Source = "environment"
	// SourceCache is the project's cache folder.
	SourceCache Source = "cache"
	// SourceDownload is an official download of this run.
	SourceDownload Source = "download"
	// SourceBuilt is a build of this run.
	SourceBuilt Source = "built"
	// SourceMirror is a Terraform filesystem mirror or plugin cache.
	SourceMirror Source = "mirror"
	// SourceDocker is a container image.
	SourceDocker Source = "docker"
)

// Part is one part of the local engine.
type Part struct {
	// Name is the part in words, for example "Pulumi CLI".
	Name string `json:"name"`
	// Version is what was found, or what is wanted where nothing was found.
	Version string `json:"version"`
	// Found is false for a part that is missing.
	Found bool `json:"found"`
	// Path is the executable, empty for a container image.
	Path string `json:"path,omitempty"`
	// Command is the whole command line of the part's program; only moto has
	// one, in the form of package motocmd: "{port}" in it stands for the port.
	Command []string `json:"command,omitempty"`
	// Source says where the part came from.
	Source Source `json:"source,omitempty"`
	// Detail is one line for a reader, for example which mirror.
	Detail string `json:"detail,omitempty"`
	// Why says why a part is missing, or why it is not needed.
	Why string `json:"why,omitempty"`
	// Supply lists every way to supply a part that is not Found. Inspect only.
	Supply []string `json:"supply,omitempty"`
}

// Set is every part of the local engine.
type Set struct {
	// Cache is the absolute path of the cache folder.
	Cache string `json:"cache"`
	// Pulumi is the Pulumi CLI.
	Pulumi Part `json:"pulumi"`
	// AWSPlugin is the AWS plugin in the engine's own plugin folder.
	AWSPlugin Part `json:"awsPlugin"`
	// TerraformProvider is the Terraform AWS provider. It is not Found, and not
	// missing either, where the AWS plugin is the official one.
	TerraformProvider Part `json:"terraformProvider"`
	// Moto is the emulator of AWS.
	Moto Part `json:"moto"`
	// AWSX is the awsx plugin. It is the only part the engine does without: when
	// it is not Found the local stack adopts the emulated default VPC.
	AWSX Part `json:"awsx"`
}

// Parts lists the set in the order in which the parts are looked for.
func (s *Set) Parts() []Part {
	return []Part{s.Pulumi, s.AWSX, s.AWSPlugin, s.TerraformProvider, s.Moto}
}

// Options says where to look and how to report.
type Options struct {
	// Root is the project's root: the folder that holds go.mod and gets the
	// cache folder. Required.
	Root string
	// Progress is told about everything that takes more than a moment. Nil is
	// silent.
	Progress Progress
	// Offline skips every download. EVENKEEL_OFFLINE=1 does the same.
	Offline bool
}

// Progress is told what is being downloaded or built. The calls come from one
// goroutine.
type Progress interface {
	// Step announces work that is about to start, with how long it may take.
	Step(name string)
	// Done ends the step of that name; detail says how it went.
	Done(name, detail string)
}

// Find returns every part, and downloads or builds what is missing. It is
// quick (about half a second) when nothing is. The error is a *MissingError
// that names every missing part and all ways to supply it, a *CacheError when
// the cache folder can't be written, or ctx's error.
func Find(ctx context.Context, opts Options) (*Set, error) {
	f, err := newFinder(opts)
	if err != nil {
		return nil, err
	}
	return f.find(ctx)
}

func (f *finder) find(ctx context.Context) (*Set, error) {
	found := f.inspect(ctx)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("find the local engine: %w", err)
	}
	if found.complete() && (found.AWSX.Found || !f.mayTryAWSX()) {
		return found, nil
	}
	all, err := f.install(ctx)
	var unwritable *CacheError
	if errors.As(err, &unwritable) && found.complete() {
		return found, nil
	}
	return all, err
}

// Inspect returns the parts as they are, without a download, a build or a
// change of the cache folder. A missing part is one that is not Found; its
// Why says what was looked at.
func Inspect(ctx context.Context, opts Options) (*Set, error) {
	f, err := newFinder(opts)
	if err != nil {
		return nil, err
	}
	found := f.inspect(ctx)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("inspect the local engine: %w", err)
	}
	return f.withSupply(found), nil
}

type finder struct {
	root     string
	cache    cache
	progress Progress
	net      *network
	download downloader
	// softwareRoots are searched for a Terraform mirror.
	softwareRoots []string
	// releases is the site that has HashiCorp's releases.
	releases string
}

// cacheVariable names the folder that holds the parts in place of the project's
// own cache folder, so that several checkouts can share what takes minutes to
// build. What belongs to a stack stays in the project.
const cacheVariable = "EVENKEEL_CACHE"

func newFinder(opts Options) (*finder, error) {
	root, err := filepath.Abs(opts.Root)
	if err != nil {
		return nil, fmt.Errorf("project root: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return nil, fmt.Errorf("project root %s: %w", root, err)
	}
	progress := opts.Progress
	if progress == nil {
		progress = silent{}
	}
	offline := opts.Offline || truthy(os.Getenv("EVENKEEL_OFFLINE"))
	c := cache{dir: filepath.Join(root, CacheFolder)}
	if shared := os.Getenv(cacheVariable); shared != "" {
		if c.dir, err = filepath.Abs(shared); err != nil {
			return nil, fmt.Errorf("%s: %w", cacheVariable, err)
		}
	}
	return &finder{
		root:          root,
		cache:         c,
		progress:      progress,
		net:           newNetwork(offline),
		download:      official{cache: c},
		softwareRoots: softwareRoots(),
		releases:      releasesHost,
	}, nil
}

func truthy(s string) bool { return s != "" && s != "0" && s != "false" }

type silent struct{}

func (silent) Step(string)         {}
func (silent) Done(string, string) {}

// complete is true when the engine can run.
func (s *Set) complete() bool {
	return s.Pulumi.Found && s.Moto.Found && s.AWSPlugin.Found
}

// inspect looks for all parts at once: most of the time is other programs
// starting up.
func (f *finder) inspect(ctx context.Context) *Set {
	s := &Set{Cache: f.cache.dir}
	var wg sync.WaitGroup
	wg.Go(func() { s.Pulumi = f.inspectPulumi(ctx) })
	wg.Go(func() { s.Moto = f.inspectMoto(ctx) })
	wg.Go(func() {
		s.AWSX = f.inspectAWSX()
		s.AWSPlugin, s.TerraformProvider = f.inspectAWS(ctx, s.AWSX.Found)
	})
	wg.Wait()
	return s
}

// install makes what is missing. It looks again once it holds the lock, as
// another process may just have made it.
func (f *finder) install(ctx context.Context) (*Set, error) {
	unlock, err := f.cache.lock(ctx, f.progress)
	if err != nil {
		return nil, err
	}
	defer unlock()
	f.cache.removeLeftovers()

	s := f.inspect(ctx)
	var missing []Missing
	steps := []func() error{
		func() error { return f.installPulumi(ctx, &s.Pulumi) },
		func() error { return f.installAWSX(ctx, s.Pulumi, &s.AWSX) },
		func() error { return f.installAWS(ctx, s) },
		func() error { return f.installMoto(ctx, &s.Moto) },
	}
	for _, step := range steps {
		err := step()
		var m *missingPart
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("prepare the local engine: interrupted (%w)", ctx.Err())
		case errors.As(err, &m):
			missing = append(missing, m.Missing)
		case err != nil:
			return nil, err
		}
	}
	if len(missing) > 0 {
		return nil, &MissingError{Missing: missing}
	}
	return s, nil
}
