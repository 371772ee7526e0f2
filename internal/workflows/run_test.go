package workflows_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/workflows"
)

func TestEveryTargetIsThere(t *testing.T) {
	t.Parallel()
	all, err := workflows.Read(filepath.Join(root, ".github", "workflows"))
	require.NoError(t, err)
	targets := workflows.Targets(all)
	assert.Contains(t, targets, "release")
	for _, target := range targets {
		assert.NoError(t, make_(t, root, nil, "--dry-run", target), target)
	}
	assert.Error(t, make_(t, root, nil, "--dry-run", "no-such-target"), "the question can be answered with no")
}

func make_(t *testing.T, dir string, env []string, args ...string) error {
	t.Helper()
	cmd := exec.Command("make", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("make %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// place is a checkout in which every program that the targets start only says
// with what it was started.
type place struct {
	t             *testing.T
	dir, log, bin string
}

const fake = `#!/bin/sh
{ printf '%s' "${0##*/}"; for a; do printf ' [%s]' "$a"; done; printf '\n'; } >>"$FAKE_LOG"
`

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	p := &place{t, dir, filepath.Join(dir, "log"), filepath.Join(dir, "fakes")}
	for _, d := range []string{"bin", "fakes", ".ci"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	for _, file := range []string{"Makefile", "pipeline.mk", ".ci/image", ".ci/smoke", ".ci/drift-tickets"} {
		raw, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), raw, 0o755))
	}
	p.fake("bin/evenkeel", "")
	p.fake("bin/pulumi", "")
	p.fake("fakes/go", "")
	return p
}

// fake makes a program that besides does more.
func (p *place) fake(file, more string) {
	require.NoError(p.t, os.WriteFile(filepath.Join(p.dir, file), []byte(fake+more+"\n"), 0o755))
}

func (p *place) make(target string, env ...string) error {
	return make_(p.t, p.dir, append(env, "FAKE_LOG="+p.log, "PATH="+p.bin+":"+os.Getenv("PATH"), "GITHUB_OUTPUT=", "GITHUB_ACTIONS=true"), target)
}

func (p *place) started() string {
	raw, err := os.ReadFile(p.log)
	require.NoError(p.t, err)
	return string(raw)
}

// What a workflow passes on arrives as it is, whatever is in it: neither make
// nor the shell runs any of it.
func TestValuesAreNotRun(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{
		"$(shell touch pwned)", "$$(touch pwned)", "$(touch pwned)", "`touch pwned`", `"; touch pwned; "`, "'; touch pwned; '", "a b", "-rf", "${PATH}",
	} {
		for target, want := range map[string]string{
			"image-push":     "evenkeel [image] [push] [--stack] [E] [--tag] [E] [--image] [E]\n",
			"image-scan":     "evenkeel [image] [scan] [--stack] [E] [--image] [E]\n",
			"release":        "evenkeel [release] [--stack] [E] [--image] [E]\n",
			"release-watch":  "evenkeel [release] [--stack] [E] [--watch]\n",
			"rollback":       "evenkeel [release] [--stack] [E] [--rollback] [--image] [E]\n",
			"cloud-preview":  "evenkeel [preview] [--stack] [E] [--format] [json]\n",
			"drift":          "evenkeel [drift] [--stack] [E] [--format] [markdown]\n",
			"review-comment": "go [run] [./internal/githubapi/cmd/tell] [comment] [--pull-request] [E] [--file] [build/review/review.md]\n",
			"release-notes":  "go [run] [./internal/githubapi/cmd/tell] [release] [--tag] [E] [--commit] [E] [--file] [build/notes.md]\n",
		} {
			p := newPlace(t)
			require.NoError(t, p.make(target, "STACK="+evil, "IMAGE="+evil, "TAG="+evil, "COMMIT="+evil, "PULL_REQUEST="+evil))
			assert.Equal(t, strings.ReplaceAll(want, "[E]", "["+evil+"]"), p.started(), target)
			assert.NoFileExists(t, filepath.Join(p.dir, "pwned"), "%s with %s", target, evil)
		}
	}
}

// Where GitHub's machines are not let in, nobody asks the new tasks.
func TestNobodyIsAsked(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"release", "release-watch", "rollback"} {
		for url, want := range map[string]bool{"none": true, "": false, "https://none.example.com": false} {
			p := newPlace(t)
			require.NoError(t, p.make(target, "STACK=dev", "IMAGE=i", "SMOKE_URL="+url))
			assert.Equal(t, want, strings.Contains(p.started(), "[--no-smoke-test]"), "%s with %q", target, url)
		}
	}
}

// A job has no Go: it runs what another one built. A person always runs what the
// checkout holds.
func TestWhoBuilds(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	require.NoError(t, p.make("image-scan", "STACK=dev", "IMAGE=i"))
	assert.NotContains(t, p.started(), "go [build]")
	cmd := exec.Command("make", "image-scan", "GITHUB_ACTIONS=")
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "FAKE_LOG="+p.log, "PATH="+p.bin+":"+os.Getenv("PATH"), "STACK=dev", "IMAGE=i")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, p.started(), "go [build] [-o] [bin/evenkeel] [./cmd/evenkeel]\nevenkeel [image] [scan]")
}

func TestAFailureOfACommandIsOneOfItsTarget(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"image-push", "image-scan", "release", "release-watch", "rollback", "cloud-preview", "drift"} {
		p := newPlace(t)
		p.fake("bin/evenkeel", "exit 1")
		assert.Error(t, p.make(target, "STACK=dev", "IMAGE=i", "TAG=t"), target)
	}
	p := newPlace(t)
	p.fake("bin/evenkeel", "exit 1")
	require.Error(t, p.make("drift", "STACK=dev"))
	assert.NoFileExists(t, filepath.Join(p.dir, "build/drift/dev.none"))
	require.Error(t, p.make("cloud-preview", "STACK=dev"))
	assert.NoFileExists(t, filepath.Join(p.dir, "build/review/head/dev.preview.json"), "half a preview is none")
}

func TestImage(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.fake("fakes/docker", "")
	p.fake("bin/evenkeel", `[ "$2" = platform ] && echo linux/amd64 || echo sha256:abc`)
	for _, args := range [][]string{{"init", "-q"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "a"}} {
		out, err := exec.Command("git", append([]string{"-C", p.dir}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	output := filepath.Join(p.dir, "output")
	cmd := exec.Command("make", "image")
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "FAKE_LOG="+p.log, "PATH="+p.bin+":"+os.Getenv("PATH"), "GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+output, "GITHUB_RUN_NUMBER=7", "GITHUB_RUN_ATTEMPT=2")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	lines := strings.Split(strings.TrimSpace(p.started()), "\n")
	require.Len(t, lines, 5)
	assert.Equal(t, "evenkeel [image] [platform]", lines[0], "what the stacks run on")
	lines = lines[1:]
	assert.Regexp(t, `^docker \[buildx\] \[create\] \[--name\] \[evenkeel-\d+\] \[--driver\] \[docker-container\] \[--driver-opt\] \[image=moby/buildkit:v[\d.]+@sha256:[0-9a-f]{64}\]$`, lines[0])
	script, err := os.ReadFile(filepath.Join(root, ".ci/image"))
	require.NoError(t, err)
	own := regexp.MustCompile(`(?m)^dockerfile=(\S+)\ncontext=(\S+)$`).FindStringSubmatch(string(script))
	require.Len(t, own, 3, "a team sets these two")
	for _, want := range []string{
		"[--file] [" + own[1] + "] [--platform] [linux/amd64] [--no-cache]", "[--attest] [type=provenance,mode=max]",
		"[--output] [type=oci,tar=false,dest=build/image] [" + own[2] + "]",
	} {
		assert.Contains(t, lines[1], want)
	}
	assert.Regexp(t, `\[type=sbom,generator=\S+@sha256:[0-9a-f]{64}\]`, lines[1])
	assert.Equal(t, "evenkeel [image] [show] [--layout] [build/image]", lines[2])
	assert.Regexp(t, `^docker \[buildx\] \[rm\] \[evenkeel-\d+\]$`, lines[3])
	raw, err := os.ReadFile(output)
	require.NoError(t, err)
	assert.Regexp(t, `^image=sha256:abc\ntag=release-[0-9a-f]{12}-7\.2\n$`, string(raw))

	p.fake("fakes/docker", `[ "$2" != build ]`)
	require.Error(t, p.make("image"))
	assert.Contains(t, p.started()[strings.LastIndex(p.started(), "[build]"):], "[buildx] [rm]", "the builder goes also when the build fails")

	p.fake("bin/evenkeel", "exit 1") // the stacks differ
	before := p.started()
	require.Error(t, p.make("image"))
	assert.Equal(t, "evenkeel [image] [platform]\n", strings.TrimPrefix(p.started(), before), "nothing is built for a guess")
}

func TestSmoke(t *testing.T) {
	t.Parallel()
	var asked []string
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	p := newPlace(t)
	p.fake("bin/pulumi", `case "$3" in url) echo `+server.URL+`;; smokePath) echo /healthz;; *) exit 1;; esac`)
	env := []string{"STACK=dev", "SMOKE_RETRIES=1", "SMOKE_DELAY=0"}
	require.NoError(t, p.make("smoke", env...))
	assert.Equal(t, []string{"/healthz", "/healthz", "/healthz"}, asked)
	assert.Contains(t, p.started(), "pulumi [stack] [output] [url] [--stack] [dev]")
	status = http.StatusServiceUnavailable
	assert.Error(t, p.make("smoke", env...))
	assert.Len(t, asked, 5, "once again, and no more")
	p.fake("bin/pulumi", "exit 1")
	assert.Error(t, p.make("smoke", env...))
	assert.Error(t, p.make("smoke", append(env, "SMOKE_URL="+server.URL)...), "without a path")

	p.fake("bin/pulumi", `[ "$3" = smokePath ] && echo /healthz`)
	asked, status = nil, http.StatusOK
	require.NoError(t, p.make("smoke", append(env, "SMOKE_URL="+server.URL+"/")...))
	assert.Len(t, asked, 3)
	require.NoError(t, p.make("smoke", append(env, "SMOKE_URL=none")...))
	assert.Len(t, asked, 3)
}

// The load balancer's own name is in no certificate; the users' name is in one.
func TestSmokeChecksTheCertificateOfAName(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	p := newPlace(t)
	p.fake("bin/pulumi", `case "$3" in url) echo `+server.URL+`;; *) echo /healthz;; esac`)
	env := []string{"STACK=dev", "SMOKE_RETRIES=0"}
	assert.NoError(t, p.make("smoke", env...))
	assert.Error(t, p.make("smoke", append(env, "SMOKE_URL="+server.URL)...))
}

func TestDriftTickets(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	assert.Error(t, p.make("drift-tickets"), "no text is no good news")
	dir := filepath.Join(p.dir, "build", "drift")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("dev.md", "text")
	write("prod.md", "text")
	write("prod.none", "")
	require.NoError(t, p.make("drift-tickets"))
	const tell = "go [run] [./internal/githubapi/cmd/tell] "
	assert.Equal(t, tell+"[issue] [--file] [build/drift/dev.md] [--title] [Drift: stack dev is not as its program describes it]\n"+
		tell+"[close] [--file] [build/drift/prod.md]\n", p.started())
	write("test.md", "")
	assert.Error(t, p.make("drift-tickets"), "a search that failed is no good news, and no bad news")
	assert.NotContains(t, p.started(), "test.md")
}
