package parts

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFindDownloads(t *testing.T) {
	m := newMachine(t)
	m.python("python3", "5.2.9", false)

	s, err := m.find(Options{})
	require.NoError(t, err)

	assert.Equal(t, []string{"pulumi", "awsx 2.22.0", "aws 6.83.2", "aws 6.66.3"}, m.releases.calls,
		"with awsx, the plugin is needed in the version that its children ask for too")
	assert.Equal(t, SourceDownload, s.Pulumi.Source)
	assert.Equal(t, SourceDownload, s.AWSPlugin.Source)
	assert.True(t, s.AWSX.Found)
	assert.False(t, s.TerraformProvider.Found)
	assert.NotContains(t, Env(s), terraformProviderVariable)
	assert.Zero(t, m.log.open, "every step that began has ended")

	again, err := m.find(Options{})
	require.NoError(t, err)
	assert.Len(t, m.releases.calls, 4, "nothing is downloaded twice")
	assert.Equal(t, SourceCache, again.Pulumi.Source)
	assert.Equal(t, SourceCache, again.AWSPlugin.Source)
}

func TestFindBuildsWhatCannotBeDownloaded(t *testing.T) {
	m := newMachine(t)
	m.releases.unreachable = true
	m.python("python3", "5.2.1", false)
	provider := m.addMirror()

	s, err := m.find(Options{})
	require.NoError(t, err)

	assert.Empty(t, m.releases.calls)
	assert.Equal(t, SourceBuilt, s.Pulumi.Source)
	assert.Equal(t, SourceBuilt, s.AWSPlugin.Source)
	assert.FileExists(t, s.AWSPlugin.Path)
	assert.Equal(t, provider, s.TerraformProvider.Path)
	assert.Equal(t, provider, Env(s)[terraformProviderVariable])
	assert.False(t, s.AWSX.Found)
	assert.Contains(t, s.AWSX.Why, "no answer from "+githubHost)
	assert.Len(t, m.log.steps, 2, "both builds are announced")

	_, err = m.find(Options{})
	require.NoError(t, err)
	assert.Len(t, m.log.steps, 2, "what was built is found, and the failed awsx download is remembered")
}

func TestFindRebuildsWhenSourcesChange(t *testing.T) {
	m := newMachine(t)
	m.python("python3", "5.2.1", false)
	m.addMirror()
	_, err := m.find(Options{Offline: true})
	require.NoError(t, err)
	bridge := filepath.Join(m.root, "internal", "local", "bridge")

	m.write(filepath.Join(bridge, "plugin_test.go"), "package bridge\n")
	m.write(filepath.Join(bridge, "testdata", "x"), "x")
	s, err := m.find(Options{Offline: true})
	require.NoError(t, err)
	assert.Equal(t, SourceCache, s.AWSPlugin.Source, "tests don't change the plugin")

	m.write(filepath.Join(bridge, "table.json"), "{}")
	s, err = m.find(Options{Offline: true})
	require.NoError(t, err)
	assert.Equal(t, SourceBuilt, s.AWSPlugin.Source)
	assert.Equal(t, SourceCache, s.Pulumi.Source, "the other module is as it was")
}

func TestFindBuildsBridgeForAWSXChildren(t *testing.T) {
	m := newMachine(t)
	m.python("python3", "5.2.1", false)
	m.addMirror()
	awsx := filepath.Join(m.root, CacheFolder, "pulumi-home", "plugins", "resource-awsx-v2.22.0", "pulumi-resource-awsx")
	m.write(awsx, "plugin")
	require.NoError(t, os.Chmod(awsx, 0o755))

	s, err := m.find(Options{Offline: true})
	require.NoError(t, err)

	assert.True(t, s.AWSX.Found)
	for _, version := range []string{AWSPluginVersion, AWSXChildrenVersion} {
		assert.FileExists(t, cache{dir: s.Cache}.pluginProgram("aws", version))
	}
	assert.Len(t, m.log.steps, 2, "one build serves both versions")
}

func TestFindKeepsToTheBridge(t *testing.T) {
	m := newMachine(t)
	m.releases.unreachable = true
	m.python("python3", "5.2.1", false)
	m.addMirror()
	_, err := m.find(Options{})
	require.NoError(t, err)

	m.releases.unreachable = false
	require.NoError(t, os.Remove(filepath.Join(m.root, CacheFolder, "awsx-unavailable.json")))
	s, err := m.find(Options{})
	require.NoError(t, err)

	assert.Equal(t, []string{"awsx 2.22.0"}, m.releases.calls)
	assert.True(t, s.AWSX.Found)
	assert.Equal(t, SourceBuilt, s.AWSPlugin.Source, "the official plugin is not mixed with the bridge")
}

func TestFindNamesEverythingThatIsMissing(t *testing.T) {
	m := newMachine(t)
	require.NoError(t, os.Remove(filepath.Join(m.bin, "go")))
	m.script("pulumi", "echo v3.9.0")
	t.Setenv("EVENKEEL_OFFLINE", "1")

	_, err := m.find(Options{})

	var missing *MissingError
	require.ErrorAs(t, err, &missing)
	require.Len(t, missing.Missing, 3)
	assert.Empty(t, m.releases.calls)
	assert.Empty(t, m.log.steps)
	for _, want := range []string{
		"the local engine lacks: Pulumi CLI 3.250.0; AWS plugin 6.83.2; moto 5.2.1",
		"is version 3.9.0, want 3.250.0 or later",
		"EVENKEEL_OFFLINE",
		"no go command on PATH",
		"https://www.pulumi.com/docs/install/",
		"no Terraform AWS provider 5.100.0",
		m.software,
		"terraform init: no terraform on PATH",
		"pip install 'moto[server]==5.2.1'",
		"EVENKEEL_MOTO",
		"motoserver/moto:5.2.1",
	} {
		assert.Contains(t, err.Error(), want)
	}
}

func TestFailedDownloadLeavesNothing(t *testing.T) {
	tests := map[string]struct {
		refuse   error
		unusable bool
	}{
		"broken off": {refuse: errors.New("connection reset")},
		"disk full":  {refuse: errNoSpace, unusable: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.python("python3", "5.2.1", false)
			require.NoError(t, os.Remove(filepath.Join(m.bin, "go")))
			m.releases.refuse = tt.refuse

			_, err := m.find(Options{})

			var unwritable *CacheError
			assert.Equal(t, tt.unusable, errors.As(err, &unwritable), err)
			assert.ErrorContains(t, err, tt.refuse.Error())
			m.assertNothingMade()
		})
	}
}

func TestCancelledFindLeavesNothing(t *testing.T) {
	m := newMachine(t)
	m.releases.unreachable = true
	m.python("python3", "5.2.1", false)
	m.addMirror()
	require.NoError(t, os.Remove(filepath.Join(m.bin, "go")))
	ctx, cancel := context.WithCancel(context.Background())
	m.script("go", `test "$1" = env && { echo go1.25; exit; }
while test "$1" != -o; do shift; done
echo half >"$2"
echo >"`+m.root+`/building"
sleep 60`)
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(m.root, "building")); err == nil {
				cancel()
			}
		}
	}()

	_, err := m.finder(Options{}).find(ctx)

	require.ErrorIs(t, err, context.Canceled)
	m.assertNothingMade()
}

// assertNothingMade fails when the cache holds more than its lock.
func (m *machine) assertNothingMade() {
	m.t.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(m.root, CacheFolder), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, filepath.Base(path))
		}
		return err
	})
	require.NoError(m.t, err)
	files = slices.DeleteFunc(files, func(f string) bool { return f == "awsx-unavailable.json" })
	assert.Equal(m.t, []string{"lock"}, files)
}

func TestTwoFindsAtOnceBuildOnce(t *testing.T) {
	m := newMachine(t)
	m.python("python3", "5.2.1", false)
	m.addMirror()
	var wg sync.WaitGroup
	for range 2 {
		f := m.finder(Options{Offline: true})
		wg.Go(func() {
			_, err := f.find(context.Background())
			assert.NoError(t, err)
		})
	}
	wg.Wait()

	builds := slices.DeleteFunc(m.log.steps, func(s string) bool { return !strings.HasPrefix(s, "building") })
	assert.Len(t, builds, 2, "one CLI and one plugin: %v", builds)
}

func TestInspectChangesNothing(t *testing.T) {
	m := newMachine(t)
	m.script("pulumi", "echo v3.260.1")
	m.python("python3", "5.2.1", false)

	s := m.finder(Options{}).inspect(context.Background())

	assert.Equal(t, Part{Name: pulumiName, Version: "3.260.1", Found: true, Path: filepath.Join(m.bin, "pulumi"), Source: SourcePath}, s.Pulumi)
	assert.False(t, s.AWSPlugin.Found)
	assert.Contains(t, s.AWSPlugin.Why, "resource-aws-v6.83.2")
	assert.True(t, s.Moto.Found)
	assert.Empty(t, m.releases.calls)
	assert.NoDirExists(t, filepath.Join(m.root, CacheFolder))
}

func TestFitsPulumi(t *testing.T) {
	tests := map[string]bool{
		"3.250.0": true, "v3.250.0": true, "3.250.1": true, "3.300.0": true,
		"3.249.9": false, "3.250.0-alpha.1": false, "4.0.0": false, "2.300.0": false, "": false, "dev": false,
	}
	for version, want := range tests {
		t.Run(version, func(t *testing.T) { assert.Equal(t, want, fitsPulumi(version)) })
	}
}
