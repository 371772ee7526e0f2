package parts

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFindProviderInMirrors(t *testing.T) {
	p := awsProvider
	layout := filepath.Join(p.Host, p.Namespace, p.Type, p.Version, p.OS+"_"+p.Arch, "terraform-provider-aws_v5.100.0_x5")
	tests := map[string]func(t *testing.T, m *machine) (mirror string){
		"CLI configuration": func(t *testing.T, m *machine) string {
			mirror := filepath.Join(m.root, "chosen")
			rc := filepath.Join(m.root, "terraform.rc")
			m.write(rc, `provider_installation { filesystem_mirror { path = "`+mirror+`" } }`)
			t.Setenv("TF_CLI_CONFIG_FILE", rc)
			return mirror
		},
		"plugin cache": func(t *testing.T, m *machine) string {
			t.Setenv("TF_PLUGIN_CACHE_DIR", filepath.Join(m.root, "plugin-cache"))
			return filepath.Join(m.root, "plugin-cache")
		},
		"implied": func(_ *testing.T, _ *machine) string {
			return filepath.Join(os.Getenv("HOME"), ".terraform.d", "plugins")
		},
		"software root":        func(_ *testing.T, m *machine) string { return m.software },
		"two levels below one": func(_ *testing.T, m *machine) string { return filepath.Join(m.software, "a", "b") },
	}
	for name, place := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			program := filepath.Join(place(t, m), layout)
			f := m.finder(Options{})
			require.False(t, f.findProvider().Found)
			m.write(program, "provider")
			require.NoError(t, os.Chmod(program, 0o755))

			got := f.findProvider()

			assert.Equal(t, program, got.Path)
			assert.Equal(t, SourceMirror, got.Source)
		})
	}
}

func TestFindProviderReportsBrokenConfiguration(t *testing.T) {
	m := newMachine(t)
	rc := filepath.Join(m.root, "terraform.rc")
	m.write(rc, "provider_installation {")
	t.Setenv("TF_CLI_CONFIG_FILE", rc)
	assert.Contains(t, m.finder(Options{}).findProvider().Why, rc)

	want := m.addMirror()
	assert.Equal(t, want, m.finder(Options{}).findProvider().Path, "the other mirrors still count")
}

func TestInstallProviderUnpacksArchive(t *testing.T) {
	tests := map[string]struct {
		entry string
		fail  string
	}{
		"release":          {entry: "terraform-provider-aws_v5.100.0_x5"},
		"path in an entry": {entry: "../../terraform-provider-aws", fail: "want a plain file name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.releases.unreachable = true
			p := awsProvider
			archive := filepath.Join(m.software, p.Host, p.Namespace, p.Type, "terraform-provider-aws_5.100.0_"+p.OS+"_"+p.Arch+".zip")
			m.write(archive, "")
			file, err := os.Create(archive)
			require.NoError(t, err)
			w := zip.NewWriter(file)
			entry, err := w.Create(tt.entry)
			require.NoError(t, err)
			_, err = entry.Write([]byte("provider"))
			require.NoError(t, err)
			require.NoError(t, w.Close())
			require.NoError(t, file.Close())

			got, err := m.finder(Options{}).installProvider(context.Background())

			if tt.fail != "" {
				require.ErrorContains(t, err, tt.fail)
				return
			}
			require.NoError(t, err)
			assert.True(t, isExecutable(got.Path))
			assert.Equal(t, got.Path, m.finder(Options{}).findProvider().Path, "it is unpacked once")
		})
	}
}

// terraformScript does what `terraform init` does for the provider asked for
// in main.tf, as a link to a plugin cache when linked is true.
func terraformScript(m *machine, linked bool) {
	p := awsProvider
	target := filepath.Join(".terraform", "providers", p.Host, p.Namespace, p.Type, p.Version)
	body := `test -f main.tf || exit 1
mkdir -p ` + target + ` store
echo provider >store/terraform-provider-aws_v5.100.0_x5
` + filepath.Join(m.bin, "chmod") + ` 755 store/*
`
	if linked {
		body += filepath.Join(m.bin, "ln") + ` -s "$PWD/store" ` + filepath.Join(target, p.OS+"_"+p.Arch)
	} else {
		body += `cp -r store ` + filepath.Join(target, p.OS+"_"+p.Arch)
	}
	m.script("terraform", body)
}

func TestInstallProviderByTerraform(t *testing.T) {
	for name, linked := range map[string]bool{"downloaded": false, "linked from a plugin cache": true} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			for _, tool := range []string{"chmod", "ln"} {
				require.NoError(t, os.Symlink(filepath.Join("/bin", tool), filepath.Join(m.bin, tool)))
			}
			terraformScript(m, linked)

			got, err := m.finder(Options{}).installProvider(context.Background())

			require.NoError(t, err)
			assert.Equal(t, SourceDownload, got.Source)
			assert.True(t, isExecutable(got.Path))
			assert.Equal(t, SourceCache, m.finder(Options{}).findProvider().Source)
		})
	}
}

func TestTerraformIsNotRunOffline(t *testing.T) {
	m := newMachine(t)
	ran := filepath.Join(m.root, "ran")
	m.script("terraform", `echo >"`+ran+`"; exit 1`)

	_, err := m.finder(Options{Offline: true}).installProvider(context.Background())
	require.ErrorContains(t, err, errOffline.Error())
	m.releases.unreachable = true
	_, err = m.finder(Options{}).installProvider(context.Background())
	require.ErrorContains(t, err, "no answer from "+registryHost)
	assert.NoFileExists(t, ran)

	rc := filepath.Join(m.root, "terraform.rc")
	m.write(rc, `provider_installation { network_mirror { url = "https://mirror.example.com/" } }`)
	t.Setenv("TF_CLI_CONFIG_FILE", rc)
	_, err = m.finder(Options{}).installProvider(context.Background())
	require.ErrorContains(t, err, "exit status 1")
	assert.FileExists(t, ran, "a network mirror may answer where the registry does not")
}
