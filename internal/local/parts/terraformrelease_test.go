package parts

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// site stands for releases.hashicorp.com with a release for this machine.
type site struct {
	t       *testing.T
	archive []byte
	sums    string
	// serve answers in the place of the archive.
	serve http.HandlerFunc
	asked []string
}

func newSite(t *testing.T, entry string) *site {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"LICENSE.txt", entry} {
		file, err := w.Create(name)
		require.NoError(t, err)
		_, err = file.Write([]byte("the provider"))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	s := &site{t: t, archive: b.Bytes()}
	s.sums = fmt.Sprintf("%064d  terraform-provider-aws_5.100.0_plan9_mips.zip\n%x  %s\n", 0, sha256.Sum256(s.archive), archiveName())
	return s
}

func archiveName() string {
	return "terraform-provider-aws_5.100.0_" + awsProvider.OS + "_" + awsProvider.Arch + ".zip"
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const folder = "/terraform-provider-aws/5.100.0/"
	if r.Method == http.MethodGet {
		s.asked = append(s.asked, r.URL.Path)
	}
	switch {
	case r.URL.Path == folder+"terraform-provider-aws_5.100.0_SHA256SUMS" && s.sums != "":
		fmt.Fprint(w, s.sums)
	case r.URL.Path == folder+archiveName() && s.serve != nil:
		s.serve(w, r)
	case r.URL.Path == folder+archiveName():
		_, err := w.Write(s.archive)
		assert.NoError(s.t, err)
	default:
		http.NotFound(w, r)
	}
}

func (s *site) start() string {
	server := httptest.NewServer(s)
	s.t.Cleanup(server.Close)
	return server.URL
}

const providerProgram = "terraform-provider-aws_v5.100.0_x5"

func TestProviderIsDownloadedDirectly(t *testing.T) {
	m := newMachine(t)
	ran := filepath.Join(m.root, "ran")
	m.script("terraform", `echo >"`+ran+`"; exit 1`)
	s := newSite(t, providerProgram)
	m.hashicorp = s.start()

	got, err := m.finder(Options{}).terraformProvider(context.Background())

	require.NoError(t, err)
	assert.Equal(t, SourceDownload, got.Source)
	assert.Equal(t, "from "+m.hashicorp, got.Detail)
	assert.True(t, isExecutable(got.Path))
	content, err := os.ReadFile(got.Path)
	require.NoError(t, err)
	assert.Equal(t, "the provider", string(content))
	assert.NoFileExists(t, ran, "terraform is asked last")
	assert.Zero(t, m.log.open)
	left, err := os.ReadDir(cache{dir: filepath.Join(m.root, CacheFolder)}.scratchRoot())
	require.NoError(t, err)
	assert.Empty(t, left)

	again, err := m.finder(Options{}).terraformProvider(context.Background())
	require.NoError(t, err)
	assert.Equal(t, SourceCache, again.Source)
	assert.Equal(t, got.Path, again.Path)
	assert.Len(t, s.asked, 2, "the list and the archive, once")

	mirrored := m.addMirror()
	again, err = m.finder(Options{}).terraformProvider(context.Background())
	require.NoError(t, err)
	assert.Equal(t, mirrored, again.Path, "a mirror is looked at before the cache")
}

func TestProviderDownloadThatFailsLeavesNothing(t *testing.T) {
	tests := map[string]struct {
		entry string
		spoil func(s *site)
		want  string
	}{
		"other content": {spoil: func(s *site) { s.archive = append(s.archive, 0) }, want: "has SHA-256"},
		"broken off": {spoil: func(s *site) {
			s.serve = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(len(s.archive)))
				_, err := w.Write(s.archive[:len(s.archive)/2])
				assert.NoError(s.t, err)
			}
		}, want: "unexpected EOF"},
		"no such archive": {spoil: func(s *site) { s.serve = http.NotFound }, want: "404 Not Found"},
		"no list":         {spoil: func(s *site) { s.sums = "" }, want: "SHA256SUMS: answered 404 Not Found"},
		"not in the list": {spoil: func(s *site) { s.sums = "00  other.zip\n" }, want: "SHA256SUMS: does not list " + archiveName()},
		"no provider":     {entry: "README", spoil: func(*site) {}, want: "has no terraform-provider-aws*"},
		"path in archive": {entry: "../" + providerProgram, spoil: func(*site) {}, want: "want a plain file name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			entry := tt.entry
			if entry == "" {
				entry = providerProgram
			}
			s := newSite(t, entry)
			tt.spoil(s)
			m.hashicorp = s.start()

			_, err := m.finder(Options{}).terraformProvider(context.Background())

			var missing *MissingError
			require.ErrorAs(t, err, &missing)
			require.ErrorContains(t, err, "Terraform AWS provider 5.100.0")
			require.ErrorContains(t, err, "download: direct download: ")
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "terraform init: no terraform on PATH", "the next source was tried")
			assert.Zero(t, m.log.open)
			m.assertNothingMade()
		})
	}
}

func TestCancelledProviderDownloadLeavesNothing(t *testing.T) {
	m := newMachine(t)
	s := newSite(t, providerProgram)
	ctx, cancel := context.WithCancel(context.Background())
	s.serve = func(w http.ResponseWriter, r *http.Request) {
		_, err := w.Write(s.archive[:10])
		assert.NoError(t, err)
		assert.NoError(t, http.NewResponseController(w).Flush())
		cancel()
		<-r.Context().Done()
	}
	m.hashicorp = s.start()

	_, err := m.finder(Options{}).terraformProvider(ctx)

	require.ErrorIs(t, err, context.Canceled)
	m.assertNothingMade()
}

func TestProviderIsNotDownloadedOffline(t *testing.T) {
	m := newMachine(t)
	s := newSite(t, providerProgram)
	m.hashicorp = s.start()

	_, err := m.finder(Options{Offline: true}).terraformProvider(context.Background())

	require.ErrorContains(t, err, "direct download: "+errOffline.Error())
	assert.Empty(t, s.asked)
}

func TestProviderDownloadStaysOnTLS(t *testing.T) {
	s := newSite(t, providerProgram)
	open := s.start()
	secure := httptest.NewTLSServer(http.RedirectHandler(open, http.StatusFound))
	defer secure.Close()
	before := releaseClient.Transport
	defer func() { releaseClient.Transport = before }()
	releaseClient.Transport = secure.Client().Transport

	_, err := openRelease(context.Background(), secure.URL)

	require.ErrorContains(t, err, "want https")
	assert.Empty(t, s.asked)
}

// The bridge is built over a provider that has to be downloaded too.
func TestFindDownloadsProviderForTheBridge(t *testing.T) {
	m := newMachine(t)
	m.releases.unreachable = true
	m.python("python3", "5.2.1", false)
	m.hashicorp = newSite(t, providerProgram).start()

	s, err := m.find(Options{})

	require.NoError(t, err)
	assert.Equal(t, SourceBuilt, s.AWSPlugin.Source)
	assert.True(t, isExecutable(s.TerraformProvider.Path))
	assert.Equal(t, s.TerraformProvider.Path, Env(s)[terraformProviderVariable])
}

func TestFindTerraformProviderBesideTheOfficialPlugin(t *testing.T) {
	m := newMachine(t)
	m.python("python3", "5.2.1", false)
	s, err := m.find(Options{})
	require.NoError(t, err)
	require.False(t, s.TerraformProvider.Found)
	t.Setenv("TF_PLUGIN_CACHE_DIR", filepath.Join(m.software, "mirror"))
	want := m.addMirror()

	got, err := FindTerraformProvider(context.Background(), Options{Root: m.root})

	require.NoError(t, err)
	assert.Equal(t, want, got.Path)
	_, err = FindTerraformProvider(context.Background(), Options{Root: filepath.Join(m.root, "none")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestProviderInUnwritableCache(t *testing.T) {
	m := newMachine(t)
	m.hashicorp = newSite(t, providerProgram).start()
	m.write(filepath.Join(m.root, CacheFolder), "")

	_, err := m.finder(Options{}).terraformProvider(context.Background())

	var unwritable *CacheError
	assert.ErrorAs(t, err, &unwritable)
}
