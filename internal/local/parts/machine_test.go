package parts

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// machine is a computer of its own: an empty home, a PATH with a few tools
// only, a project with tiny modules in the place of the heavy ones.
type machine struct {
	t    *testing.T
	root string
	// bin is the only folder on PATH.
	bin string
	// software stands for /opt and the other software roots.
	software string
	// hashicorp is the address of a site for HashiCorp's releases; without it
	// there is none.
	hashicorp string
	releases  *releases
	log       *log
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{
		t: t, root: filepath.Join(dir, "project"), bin: filepath.Join(dir, "bin"),
		software: filepath.Join(dir, "opt"), releases: &releases{}, log: &log{},
	}
	// The Go caches are kept: the tiny modules would otherwise compile the
	// standard library again.
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOROOT").Output()
	require.NoError(t, err)
	caches := strings.Fields(string(out))
	t.Setenv("GOCACHE", caches[0])
	t.Setenv("GOMODCACHE", caches[1])
	m.write(filepath.Join(m.bin, ".keep"), "")
	for _, tool := range []string{"sh", "cp", "mkdir", "cat", "sleep", "dirname", "env"} {
		path, err := exec.LookPath(tool)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(m.bin, tool)))
	}
	require.NoError(t, os.Symlink(filepath.Join(caches[2], "bin", "go"), filepath.Join(m.bin, "go")))
	t.Setenv("PATH", m.bin)
	t.Setenv("HOME", filepath.Join(dir, "home"))
	t.Setenv("XDG_DATA_DIRS", filepath.Join(dir, "share"))
	for _, name := range []string{
		"XDG_DATA_HOME", "TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG", "TF_PLUGIN_CACHE_DIR",
		"EVENKEEL_MOTO", "EVENKEEL_OFFLINE", "EVENKEEL_CACHE", "GOFLAGS", "GOROOT",
	} {
		t.Setenv(name, "")
	}
	m.write(filepath.Join(m.root, "go.mod"), "module project\n")
	m.addModules()
	return m
}

// addModules makes modules with the import paths of the real ones: a CLI that
// knows its version only, and a plugin that does nothing.
func (m *machine) addModules() {
	dir := filepath.Join(m.root, "internal", "local")
	m.write(filepath.Join(dir, "pulumicli", "go.mod"), `module evenkeel/pulumicli

go 1.25

require github.com/pulumi/pulumi/pkg/v3 v3.250.0

replace github.com/pulumi/pulumi/pkg/v3 => ./fake
`)
	m.write(filepath.Join(dir, "pulumicli", "fake", "go.mod"), "module github.com/pulumi/pulumi/pkg/v3\n\ngo 1.25\n")
	m.write(filepath.Join(dir, "pulumicli", "fake", "cmd", "pulumi", "main.go"), "package main\n\nimport \"os\"\n\nfunc main() { os.Stdout.WriteString(`v3.250.0`) }\n")
	m.write(filepath.Join(dir, "bridge", "go.mod"), "module evenkeel/bridge\n\ngo 1.25\n")
	m.write(filepath.Join(dir, "bridge", "cmd", "pulumi-resource-aws", "main.go"), "package main\n\nfunc main() {}\n")
}

func (m *machine) write(path, content string) {
	m.t.Helper()
	require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(m.t, os.WriteFile(path, []byte(content), 0o644))
}

// script puts a shell script on PATH.
func (m *machine) script(name, body string) string {
	m.t.Helper()
	path := filepath.Join(m.bin, name)
	m.write(path, "#!/bin/sh\n"+body+"\n")
	require.NoError(m.t, os.Chmod(path, 0o755))
	return path
}

func (m *machine) addMirror() string {
	m.t.Helper()
	p := awsProvider
	path := filepath.Join(m.software, "mirror", p.Host, p.Namespace, p.Type, p.Version, p.OS+"_"+p.Arch, "terraform-provider-aws_v5.100.0_x5")
	m.write(path, "provider")
	require.NoError(m.t, os.Chmod(path, 0o755))
	return path
}

// python puts an interpreter on PATH that can be asked for moto, makes virtual
// environments, and installs moto with pip when index is true.
func (m *machine) python(name, moto string, index bool) string {
	m.t.Helper()
	pip := `echo "no matching distribution" >&2; exit 1`
	if index {
		pip = `echo 5.2.1 >"$here/moto"`
	}
	return m.script(name, `here=$(dirname "$0")
moto=`+moto+`
test -f "$here/moto" && moto=$(cat "$here/moto")
case "$1 $2" in
"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip") `+pip+` ;;
"-c "*) echo "{\"executable\": \"$0\", \"version\": \"$moto\", \"server\": true}" ;;
esac`)
}

// finder looks on this machine only. The official hosts answer unless the
// machine is offline.
func (m *machine) finder(opts Options) *finder {
	m.t.Helper()
	opts.Root, opts.Progress = m.root, m.log
	f, err := newFinder(opts)
	require.NoError(m.t, err)
	f.softwareRoots = []string{m.software}
	f.download = m.releases
	f.net.known[releasesHost] = errors.New("no answer from " + releasesHost)
	if m.hashicorp != "" {
		f.releases = m.hashicorp
	}
	for _, host := range []string{pulumiHost, githubHost, registryHost} {
		f.net.known[host] = nil
		if m.releases.unreachable {
			f.net.known[host] = errors.New("no answer from " + host)
		}
	}
	return f
}

func (m *machine) find(opts Options) (*Set, error) {
	return m.finder(opts).find(context.Background())
}

// releases stands for the official download sites.
type releases struct {
	unreachable bool
	// refuse makes each download fail half way.
	refuse error
	calls  []string
}

func (r *releases) pulumi(_ context.Context, dir string) error {
	r.calls = append(r.calls, "pulumi")
	return r.put(filepath.Join(dir, "bin", "pulumi"), "#!/bin/sh\necho v3.250.0\n")
}

func (r *releases) plugin(_ context.Context, _, home, name, version string) error {
	r.calls = append(r.calls, name+" "+version)
	return r.put(filepath.Join(home, "plugins", "resource-"+name+"-v"+version, "pulumi-resource-"+name), "official")
}

func (r *releases) put(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if r.refuse != nil {
		return errors.Join(r.refuse, os.WriteFile(path, []byte("#!/bin/"), 0o755))
	}
	return os.WriteFile(path, []byte(content), 0o755)
}

// log keeps what a Progress was told.
type log struct {
	mu    sync.Mutex
	steps []string
	open  int
}

func (l *log) Step(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.steps = append(l.steps, name)
	l.open++
}

func (l *log) Done(string, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
}
