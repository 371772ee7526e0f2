package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
)

// binary is the command under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv("EVENKEEL_E2E") == "" {
		fmt.Println("end-to-end tests are skipped: EVENKEEL_E2E=1, or `make e2e`, runs them")
		os.Exit(0)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "evenkeel-e2e-")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "evenkeel")
	build := exec.Command("go", "build", "-o", binary, "evenkeel/cmd/evenkeel")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("build the command: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// root is the checkout.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	require.NoError(t, err)
	return dir
}

// testProject is a project of its own, so that tests neither meet each other
// nor a stack that the developer has running. It shares the checkout's parts
// of the local engine, which take minutes to build.
type testProject struct {
	t   *testing.T
	dir string
	// tmp is its folder for temporary files. Every process that a command starts
	// has it, or the stack's own, in its environment, which tells those processes
	// from all others.
	tmp string
	// program is the command's file, env what its environment has besides.
	program string
	env     []string
	// cell is where commands run, nil for here.
	cell *cell
}

func newProject(t *testing.T) *testProject {
	t.Helper()
	// Sockets are made in them, whose paths must be short: t.TempDir's are not.
	base, err := os.MkdirTemp("", "ek-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(base)) })
	p := &testProject{t: t, dir: filepath.Join(base, "project"), tmp: filepath.Join(base, "tmp"), program: binary}
	require.NoError(t, os.Mkdir(p.dir, 0o700))
	require.NoError(t, os.Mkdir(p.tmp, 0o700))
	for name, from := range map[string]string{
		"Pulumi.yaml": sample.Dir(t), "Pulumi.dev.yaml": sample.Dir(t), "Pulumi.prod.yaml": sample.Dir(t), "go.mod": root(t), "go.sum": root(t),
	} {
		raw, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(p.dir, name), raw, 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join(root(t), "internal"), filepath.Join(p.dir, "internal")))
	return p
}

// path is where a file of the project is to be seen from here: the disks of a
// cell are in it only.
func (p *testProject) path(file string) string {
	if p.cell != nil {
		return filepath.Join("/proc", p.cell.pid, "root", p.dir, file)
	}
	return filepath.Join(p.dir, file)
}

// edit replaces old, which must be there, by new in a file of the project.
func (p *testProject) edit(file, old, new string) {
	p.t.Helper()
	path := filepath.Join(p.dir, file)
	raw, err := os.ReadFile(path)
	require.NoError(p.t, err)
	require.Contains(p.t, string(raw), old)
	require.NoError(p.t, os.WriteFile(path, []byte(strings.Replace(string(raw), old, new, 1)), 0o600))
}

// copyTo copies a file to another project.
func (p *testProject) copyTo(other *testProject, file string) {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.dir, file))
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(filepath.Join(other.dir, file), raw, 0o600))
}

// sharedCache has the engine's parts, for all tests.
func sharedCache(t *testing.T) string {
	t.Helper()
	if cache := os.Getenv("EVENKEEL_CACHE"); cache != "" {
		return cache
	}
	return filepath.Join(root(t), ".evenkeel")
}

// answer is what a command printed and how it ended.
type answer struct {
	stdout, stderr string
	code           int
	took           time.Duration
}

// command prepares the command in the project.
func (p *testProject) command(ctx context.Context, args ...string) *exec.Cmd {
	cache := sharedCache(p.t)
	argv := append([]string{p.program}, args...)
	if p.cell != nil {
		argv = p.cell.enter(p.dir, argv)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = p.dir
	// A user's settings that must not matter: each would break the run.
	cmd.Env = append(os.Environ(), "EVENKEEL_CACHE="+cache, "TMPDIR="+p.tmp,
		"AWS_PROFILE=nobody", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "PULUMI_BACKEND_URL=file:///nowhere", "PULUMI_CONFIG_PASSPHRASE=theirs")
	cmd.Env = append(cmd.Env, p.env...)
	return cmd
}

// evenkeel runs the command in the project.
func (p *testProject) evenkeel(args ...string) answer {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	cmd := p.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	err := cmd.Run()
	a := answer{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), time.Since(begin)}
	if a.code < 0 {
		require.NoError(p.t, err, a.stderr)
	}
	p.t.Logf("evenkeel %s: exit %d in %.1f s", strings.Join(args, " "), a.code, a.took.Seconds())
	return a
}

// must runs the command, which has to succeed, and decodes its JSON.
func (p *testProject) must(into any, args ...string) {
	p.t.Helper()
	a := p.evenkeel(append(args, "--format", "json")...)
	require.Zero(p.t, a.code, "%s%s", a.stdout, a.stderr)
	require.NoError(p.t, json.Unmarshal([]byte(a.stdout), into), a.stdout)
}

// result is the JSON of up, preview and down.
type result struct {
	Changes     map[string]int
	Outputs     map[string]any
	Endpoint    string
	Adaptations []struct{ Path, What, Why string }
	Refused     []string
}

// onlySame asserts that nothing but "same" was counted.
func (r result) onlySame(t *testing.T) {
	t.Helper()
	require.Len(t, r.Changes, 1, "%v", r.Changes)
	require.NotZero(t, r.Changes["same"], "%v", r.Changes)
}

// awsConfig is a client configuration for an emulated stack.
func awsConfig(endpoint string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// leftovers lists the processes that were started for an emulated stack: their
// environment names its endpoint.
func leftovers(t *testing.T, endpoint string) []string {
	t.Helper()
	return processesWith(t, "AWS_ENDPOINT_URL="+endpoint)
}

// processesWith lists the processes whose environment has the variable.
func processesWith(t *testing.T, variable string) []string {
	t.Helper()
	var out []string
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	require.NotEmpty(t, files, "processes are read from /proc: this test needs Linux")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(raw, []byte(variable+"\x00")) {
			continue // gone meanwhile, another user's, or nothing of ours
		}
		cmdline, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		out = append(out, filepath.Base(filepath.Dir(file))+" "+strings.ReplaceAll(string(cmdline), "\x00", " "))
	}
	return out
}

// alive tells whether a process runs. One that has ended, but whose parent has
// not asked how, does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}
