package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	awsName  = "AWS plugin"
	awsxName = "awsx plugin"
	// awsxRetry is how long a failed download of the optional awsx plugin is
	// remembered, so that a machine that can't reach it does not wait each time.
	awsxRetry = 24 * time.Hour
)

// pluginProgram is the executable of a plugin in its folder.
func (c cache) pluginProgram(name, version string) string {
	return filepath.Join(c.plugin(name, version), executable("pulumi-resource-"+name))
}

// hasPlugin is true for a plugin that is completely installed. The ".partial"
// file is Pulumi's own mark of an installation that was interrupted.
func (c cache) hasPlugin(name, version string) bool {
	if _, err := os.Stat(c.plugin(name, version) + ".partial"); err == nil {
		return false
	}
	return isExecutable(c.pluginProgram(name, version))
}

func (f *finder) inspectAWSX() Part {
	if !f.cache.hasPlugin("awsx", AWSXPluginVersion) {
		return absent(awsxName, AWSXPluginVersion, []string{"cache: no " + f.cache.plugin("awsx", AWSXPluginVersion)})
	}
	return Part{
		Name: awsxName, Version: AWSXPluginVersion, Found: true,
		Path: f.cache.pluginProgram("awsx", AWSXPluginVersion), Source: SourceCache,
	}
}

// awsxAttempt is what is remembered of a download of awsx that failed.
type awsxAttempt struct {
	Version string    `json:"version"`
	When    time.Time `json:"when"`
	Why     string    `json:"why"`
}

func (f *finder) awsxAttemptFile() string { return f.cache.path("awsx-unavailable.json") }

func (f *finder) mayTryAWSX() bool {
	if f.net.offline {
		return false
	}
	b, err := os.ReadFile(f.awsxAttemptFile())
	if err != nil {
		return true
	}
	var last awsxAttempt
	err = json.Unmarshal(b, &last)
	return err != nil || last.Version != AWSXPluginVersion || time.Since(last.When) > awsxRetry
}

// installAWSX is the only installation whose failure is not an error.
func (f *finder) installAWSX(ctx context.Context, pulumi Part, p *Part) error {
	if p.Found || !f.mayTryAWSX() {
		return nil
	}
	err := f.downloadPlugin(ctx, pulumi, "awsx", AWSXPluginVersion)
	if err == nil {
		*p = f.inspectAWSX()
		p.Source = SourceDownload
		return nil
	}
	if hard(ctx, err) {
		return err
	}
	p.Why = fmt.Sprintf("%s; %s: %v", p.Why, SourceDownload, err)
	if !pulumi.Found {
		return nil
	}
	b, err := json.Marshal(awsxAttempt{Version: AWSXPluginVersion, When: time.Now().UTC(), Why: p.Why})
	if err != nil {
		return fmt.Errorf("remember the awsx plugin: %w", err)
	}
	return f.cache.trouble(os.WriteFile(f.awsxAttemptFile(), b, 0o644))
}

// downloadPlugin lets the CLI install a plugin into a Pulumi home of its own,
// and moves the finished folder to ours.
func (f *finder) downloadPlugin(ctx context.Context, pulumi Part, name, version string) (err error) {
	if err := f.net.reach(ctx, githubHost, pulumiHost); err != nil {
		return err
	}
	if !pulumi.Found {
		return errors.New("needs the Pulumi CLI, which is missing")
	}
	step := fmt.Sprintf("downloading the %s plugin %s", name, version)
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "downloaded")) }()
	home, remove, err := f.cache.scratch("plugin")
	if err != nil {
		return err
	}
	defer remove()
	if err := f.download.plugin(ctx, pulumi.Path, home, name, version); err != nil {
		return f.cache.trouble(err)
	}
	made := cache{dir: home}
	folder := filepath.Join(home, "plugins", filepath.Base(f.cache.plugin(name, version)))
	if !isExecutable(filepath.Join(folder, filepath.Base(made.pluginProgram(name, version)))) {
		return fmt.Errorf("the download made no %s", filepath.Base(f.cache.plugin(name, version)))
	}
	return f.cache.place(folder, f.cache.plugin(name, version))
}

// awsVersions are the versions under which the engine asks for the plugin.
func awsVersions(awsx bool) []string {
	if awsx {
		return []string{AWSPluginVersion, AWSXChildrenVersion}
	}
	return []string{AWSPluginVersion}
}

type pluginState int

const (
	pluginAbsent pluginState = iota
	pluginStale
	pluginBridge
	pluginOfficial
)

func (f *finder) awsState(ctx context.Context, version string) pluginState {
	dir := f.cache.plugin("aws", version)
	switch {
	case !f.cache.hasPlugin("aws", version):
		return pluginAbsent
	case readStamp(dir) == "":
		return pluginOfficial
	case f.bridgeModule().fresh(ctx, dir):
		return pluginBridge
	}
	return pluginStale
}

func (f *finder) bridgeModule() goModule {
	return goModule{
		step:    "building the AWS plugin " + AWSPluginVersion + " from its Go module, about 2 minutes, once",
		dir:     filepath.Join(f.root, "internal", "local", "bridge"),
		pkg:     "./cmd/pulumi-resource-aws",
		program: executable("pulumi-resource-aws"),
	}
}

// inspectAWS reports the plugin as found when every version asked for is in
// place and, where one is the bridge, its Terraform provider is there too.
func (f *finder) inspectAWS(ctx context.Context, awsx bool) (plugin, provider Part) {
	plugin = Part{
		Name: awsName, Version: AWSPluginVersion, Found: true,
		Path: f.cache.pluginProgram("aws", AWSPluginVersion), Source: SourceCache, Detail: "official release",
	}
	provider = Part{Name: terraformName, Version: TerraformAWSVersion, Why: "not needed: the AWS plugin is the official release"}
	bridged := false
	var tried []string
	for _, v := range awsVersions(awsx) {
		switch f.awsState(ctx, v) {
		case pluginAbsent:
			tried = append(tried, "cache: no "+f.cache.plugin("aws", v))
		case pluginStale:
			tried = append(tried, "cache: "+f.cache.plugin("aws", v)+" was built from other sources or by another version of Go")
		case pluginBridge:
			bridged = true
		case pluginOfficial:
		}
	}
	if bridged || len(tried) > 0 {
		provider = f.findProvider()
	}
	if bridged {
		plugin.Detail = "bridge over the " + terraformName + " " + TerraformAWSVersion
		if !provider.Found {
			tried = append(tried, "the bridge in the cache has no "+terraformName+": "+provider.Why)
		}
	}
	if len(tried) > 0 {
		return absent(awsName, AWSPluginVersion, tried), provider
	}
	return plugin, provider
}

// installAWS puts the plugin in place under every version asked for. A cache
// that has the bridge under one version gets it under the others too: the
// two kinds keep different state metadata and should not be mixed.
func (f *finder) installAWS(ctx context.Context, s *Set) error {
	s.AWSPlugin, s.TerraformProvider = f.inspectAWS(ctx, s.AWSX.Found)
	if s.AWSPlugin.Found {
		return nil
	}
	tried := []string{s.AWSPlugin.Why}
	downloaded, err := f.downloadAWS(ctx, s)
	if err != nil {
		if hard(ctx, err) {
			return err
		}
		tried = append(tried, fmt.Sprintf("%s: %v", SourceDownload, err))
		if err := f.installBridge(ctx, s); err != nil {
			if hard(ctx, err) {
				return err
			}
			tried = append(tried, fmt.Sprintf("bridge over the %s: %v", terraformName, err))
			return &missingPart{f.missingAWS(tried)}
		}
	}
	s.AWSPlugin, s.TerraformProvider = f.inspectAWS(ctx, s.AWSX.Found)
	if !s.AWSPlugin.Found {
		return &missingPart{f.missingAWS(append(tried, s.AWSPlugin.Why))}
	}
	s.AWSPlugin.Source = SourceBuilt
	if downloaded {
		s.AWSPlugin.Source = SourceDownload
	}
	return nil
}

var errBridgeInUse = errors.New("not tried: the cache has the bridge under another version already")

func (f *finder) downloadAWS(ctx context.Context, s *Set) (bool, error) {
	var wanted []string
	for _, v := range awsVersions(s.AWSX.Found) {
		switch f.awsState(ctx, v) {
		case pluginBridge:
			return false, errBridgeInUse
		case pluginAbsent, pluginStale:
			wanted = append(wanted, v)
		case pluginOfficial:
		}
	}
	for _, v := range wanted {
		if err := f.downloadPlugin(ctx, s.Pulumi, "aws", v); err != nil {
			return false, err
		}
	}
	return true, nil
}

// installBridge builds the bridge once and puts it in place under each
// version that is not the official release.
func (f *finder) installBridge(ctx context.Context, s *Set) error {
	provider, err := f.installProvider(ctx)
	if err != nil {
		return err
	}
	s.TerraformProvider = provider
	var wanted []string
	for _, v := range awsVersions(s.AWSX.Found) {
		if state := f.awsState(ctx, v); state == pluginAbsent || state == pluginStale {
			wanted = append(wanted, v)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	built, remove, err := f.build(ctx, f.bridgeModule())
	if err != nil {
		return err
	}
	defer remove()
	for _, v := range wanted {
		if err := f.placeBridge(built, v); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) placeBridge(built, version string) error {
	dir, remove, err := f.cache.scratch("bridge")
	if err != nil {
		return err
	}
	defer remove()
	target := filepath.Join(dir, "plugin")
	if err := os.Mkdir(target, 0o755); err != nil {
		return f.cache.trouble(err)
	}
	for _, name := range []string{f.bridgeModule().program, stampFile} {
		if err := linkOrCopy(filepath.Join(built, name), filepath.Join(target, name)); err != nil {
			return f.cache.trouble(err)
		}
	}
	return f.cache.place(target, f.cache.plugin("aws", version))
}

func (f *finder) missingAWS(tried []string) Missing {
	return Missing{Part: awsName + " " + AWSPluginVersion, Tried: tried, Supply: f.supply(awsName)}
}
