package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

const pulumiName = "Pulumi CLI"

// fitsPulumi is true for a CLI that the Automation API of PulumiVersion can
// drive: the same major version and no older.
func fitsPulumi(version string) bool {
	got, err := semver.ParseTolerant(version)
	want := semver.MustParse(PulumiVersion)
	return err == nil && got.Major == want.Major && got.GTE(want)
}

func (f *finder) pulumiDir() string { return f.cache.path("bin", "pulumi", "v"+PulumiVersion) }

func (f *finder) pulumiModule() goModule {
	return goModule{
		step:    "building the Pulumi CLI " + PulumiVersion + " from its Go module, about 2 minutes, once",
		dir:     filepath.Join(f.root, "internal", "local", "pulumicli"),
		pkg:     "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
		ldflags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v" + PulumiVersion,
		program: executable("pulumi"),
	}
}

func (f *finder) inspectPulumi(ctx context.Context) Part {
	var tried []string
	for _, look := range []func(context.Context) (Part, error){f.pulumiOnPath, f.pulumiInCache} {
		p, err := look(ctx)
		if err == nil {
			return p
		}
		tried = append(tried, err.Error())
	}
	return absent(pulumiName, PulumiVersion, tried)
}

func (f *finder) pulumiOnPath(ctx context.Context) (Part, error) {
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return Part{}, errors.New("PATH: no pulumi")
	}
	if path, err = filepath.Abs(path); err != nil {
		return Part{}, fmt.Errorf("PATH: %w", err)
	}
	version, err := pulumiVersion(ctx, path)
	if err != nil {
		return Part{}, fmt.Errorf("PATH: %w", err)
	}
	if !fitsPulumi(version) {
		return Part{}, fmt.Errorf("PATH: %s is version %s, want %s or later of the same major version", path, version, PulumiVersion)
	}
	return Part{Name: pulumiName, Version: version, Found: true, Path: path, Source: SourcePath}, nil
}

func (f *finder) pulumiInCache(ctx context.Context) (Part, error) {
	dir := f.pulumiDir()
	path := filepath.Join(dir, "bin", executable("pulumi"))
	if !isExecutable(path) {
		return Part{}, fmt.Errorf("cache: no %s", path)
	}
	p := Part{Name: pulumiName, Version: PulumiVersion, Found: true, Path: path, Source: SourceCache}
	if readStamp(filepath.Dir(path)) == "" {
		version, err := pulumiVersion(ctx, path)
		if err != nil {
			return Part{}, fmt.Errorf("cache: %w", err)
		}
		if !fitsPulumi(version) {
			return Part{}, fmt.Errorf("cache: %s is version %s, want %s", path, version, PulumiVersion)
		}
		p.Version = version
		return p, nil
	}
	if !f.pulumiModule().fresh(ctx, filepath.Dir(path)) {
		return Part{}, fmt.Errorf("cache: %s was built from other sources or by another version of Go", path)
	}
	p.Detail = "built from its Go module"
	return p, nil
}

// pulumiVersion asks a CLI for its version. The CLI gets a Pulumi home to
// throw away, as it writes a log file there even for this.
func pulumiVersion(ctx context.Context, path string) (string, error) {
	home, err := os.MkdirTemp("", "evenkeel-")
	if err != nil {
		return "", fmt.Errorf("temporary folder: %w", err)
	}
	defer os.RemoveAll(home)
	out, err := command{
		argv:  []string{path, "version"},
		env:   childEnviron(nil, "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_HOME="+home),
		limit: 20 * time.Second,
	}.run(ctx)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(strings.TrimSpace(out), "v"), nil
}

func (f *finder) installPulumi(ctx context.Context, p *Part) error {
	if p.Found {
		return nil
	}
	tried := []string{p.Why}
	for _, get := range []struct {
		source Source
		run    func(context.Context) error
	}{{SourceDownload, f.downloadPulumi}, {SourceBuilt, f.buildPulumi}} {
		err := get.run(ctx)
		if err == nil {
			if *p, err = f.pulumiInCache(ctx); err == nil {
				p.Source = get.source
				return nil
			}
		}
		if hard(ctx, err) {
			return err
		}
		tried = append(tried, fmt.Sprintf("%s: %v", get.source, err))
	}
	return &missingPart{Missing{
		Part: pulumiName + " " + PulumiVersion, Tried: tried,
		Supply: f.supply(pulumiName),
	}}
}

func (f *finder) downloadPulumi(ctx context.Context) (err error) {
	if err := f.net.reach(ctx, pulumiHost); err != nil {
		return err
	}
	const step = "downloading the Pulumi CLI " + PulumiVersion
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "downloaded")) }()
	dir, remove, err := f.cache.scratch("pulumi")
	if err != nil {
		return err
	}
	defer remove()
	target := filepath.Join(dir, "pulumi")
	if err := f.download.pulumi(ctx, target); err != nil {
		return f.cache.trouble(err)
	}
	return f.cache.place(target, f.pulumiDir())
}

func (f *finder) buildPulumi(ctx context.Context) error {
	dir, remove, err := f.build(ctx, f.pulumiModule())
	if err != nil {
		return err
	}
	defer remove()
	target := filepath.Join(dir, "placed")
	if err := os.Mkdir(target, 0o755); err != nil {
		return f.cache.trouble(err)
	}
	bin := filepath.Join(target, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return f.cache.trouble(err)
	}
	for _, name := range []string{executable("pulumi"), stampFile} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(bin, name)); err != nil {
			return f.cache.trouble(err)
		}
	}
	return f.cache.place(target, f.pulumiDir())
}

// UserPulumi is the CLI that a stack in the user's own backend is deployed with:
// the one on PATH, or else the one that the local engine has built or downloaded
// into the cache. It looks, and gets nothing.
func UserPulumi(root string) (auto.PulumiCommand, error) {
	f, err := newFinder(Options{Root: root, Offline: true})
	if err != nil {
		return nil, err
	}
	p := f.inspectPulumi(context.Background())
	if !p.Found {
		return nil, fmt.Errorf("no Pulumi CLI %s or later: install it (https://www.pulumi.com/docs/install/), or build it by `make up`; looked at: %s", PulumiVersion, p.Why)
	}
	o := &auto.PulumiCommandOptions{}
	if p.Source != SourcePath {
		o.Root = filepath.Dir(filepath.Dir(p.Path))
	}
	c, err := auto.NewPulumiCommand(o)
	if err != nil {
		return nil, fmt.Errorf("start the Pulumi CLI: %w", err)
	}
	return c, nil
}
