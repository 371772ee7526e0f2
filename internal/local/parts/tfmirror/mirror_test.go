package tfmirror_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/parts/tfmirror"
)

var provider = tfmirror.Provider{
	Host: "registry.terraform.io", Namespace: "hashicorp", Type: "aws",
	Version: "5.100.0", OS: "linux", Arch: "amd64",
}

const base = "registry.terraform.io/hashicorp/aws"

func TestIn(t *testing.T) {
	const program = base + "/5.100.0/linux_amd64/terraform-provider-aws_v5.100.0_x5"
	const archive = base + "/terraform-provider-aws_5.100.0_linux_amd64.zip"
	tests := map[string]struct {
		files map[string]os.FileMode
		want  tfmirror.Package
		none  bool
		fail  string
	}{
		"nothing":                {none: true},
		"unpacked":               {files: map[string]os.FileMode{program: 0o755}, want: tfmirror.Package{Executable: program}},
		"packed":                 {files: map[string]os.FileMode{archive: 0o644}, want: tfmirror.Package{Archive: archive}},
		"unpacked before packed": {files: map[string]os.FileMode{program: 0o755, archive: 0o644}, want: tfmirror.Package{Executable: program}},
		"other version":          {files: map[string]os.FileMode{base + "/5.99.0/linux_amd64/terraform-provider-aws_v5.99.0": 0o755}, none: true},
		"other platform":         {files: map[string]os.FileMode{base + "/5.100.0/darwin_arm64/terraform-provider-aws_v5.100.0": 0o755}, none: true},
		"archive of another":     {files: map[string]os.FileMode{base + "/terraform-provider-aws_5.100.0_darwin_arm64.zip": 0o644}, none: true},
		"not executable":         {files: map[string]os.FileMode{program: 0o644}, fail: "has no executable terraform-provider-aws*"},
		"only a license":         {files: map[string]os.FileMode{base + "/5.100.0/linux_amd64/LICENSE.txt": 0o755}, fail: "has no executable terraform-provider-aws*"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, mode := range tt.files {
				write(t, filepath.Join(dir, file), mode)
			}
			got, err := provider.In(dir)
			switch {
			case tt.none:
				require.ErrorIs(t, err, tfmirror.ErrNone)
			case tt.fail != "":
				require.ErrorContains(t, err, tt.fail)
			default:
				require.NoError(t, err)
				assert.Equal(t, tt.want, tfmirror.Package{Executable: under(t, dir, got.Executable), Archive: under(t, dir, got.Archive)})
			}
		})
	}
}

func TestInFollowsLinkedTarget(t *testing.T) {
	store, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(store, "terraform-provider-aws_v5.100.0"), 0o755)
	version := filepath.Join(dir, base, "5.100.0")
	require.NoError(t, os.MkdirAll(version, 0o755))
	require.NoError(t, os.Symlink(store, filepath.Join(version, "linux_amd64")))

	got, err := provider.In(dir)

	require.NoError(t, err)
	assert.Equal(t, filepath.Join(version, "linux_amd64", "terraform-provider-aws_v5.100.0"), got.Executable)
}

func TestImplied(t *testing.T) {
	tests := map[string]struct {
		goos string
		env  map[string]string
		want []string
	}{
		"linux": {
			"linux",
			map[string]string{"HOME": "/h"},
			[]string{"/w/terraform.d/plugins", "/h/.terraform.d/plugins", "/h/.local/share/terraform/plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"},
		},
		"linux with XDG folders": {
			"linux",
			map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_DATA_DIRS": "/a:/b"},
			[]string{"/w/terraform.d/plugins", "/h/.terraform.d/plugins", "/d/terraform/plugins", "/a/terraform/plugins", "/b/terraform/plugins"},
		},
		"darwin": {
			"darwin",
			map[string]string{"HOME": "/h"},
			[]string{"/w/terraform.d/plugins", "/h/.terraform.d/plugins", "/h/Library/Application Support/io.terraform/plugins", "/Library/Application Support/io.terraform/plugins"},
		},
		"windows": {
			"windows",
			map[string]string{"APPDATA": "/app"},
			[]string{"/w/terraform.d/plugins", "/app/terraform.d/plugins", "/app/HashiCorp/Terraform/plugins"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.want, tfmirror.Implied(tt.goos, "/w", env(tt.env)))
		})
	}
}

func TestBelow(t *testing.T) {
	dir := t.TempDir()
	for _, mirror := range []string{".", "one", "one/two", "one/two/three"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, mirror, provider.Host), 0o755))
	}
	require.NoError(t, os.Symlink(filepath.Join(dir, "one"), filepath.Join(dir, "link")))

	var got []string
	for _, found := range tfmirror.Below(dir, provider.Host, 2) {
		got = append(got, under(t, dir, found))
	}

	assert.Equal(t, []string{".", "one", "one/two"}, got, "no deeper than two levels, and not through a link")
	assert.Empty(t, tfmirror.Below(filepath.Join(dir, "none"), provider.Host, 2))
}

func write(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("x"), mode))
}

func under(t *testing.T, dir, path string) string {
	t.Helper()
	if path == "" {
		return ""
	}
	rel, err := filepath.Rel(dir, path)
	require.NoError(t, err)
	return rel
}
