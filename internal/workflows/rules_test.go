package workflows_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/workflows"
)

const root = "../.."

func TestTheWorkflowsKeepTheRules(t *testing.T) {
	t.Parallel()
	all, err := workflows.Read(filepath.Join(root, ".github", "workflows"))
	require.NoError(t, err)
	var names []string
	for _, w := range all {
		names = append(names, w.Name)
	}
	assert.Subset(t, names, []string{"ci.yml", "deploy.yml", "drift.yml", "pulumi.yml", "rollback.yml"}, "a team may add its own")
	for _, p := range workflows.Check(all) {
		t.Error(p)
	}
}

// good keeps every rule. Each fixture is good with one text replaced.
const good = `name: good
on:
  pull_request:
  push:
    branches: [main]
permissions: {}
concurrency:
  group: good-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # check out
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e # v7.0.0
        with:
          cache: false
      - uses: actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5
        if: github.event_name == 'push'
      - run: make test
      - uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0
        with:
          name: report
          overwrite: true
  comment:
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      pull-requests: write # the comment
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
          ref: ${{ github.event.pull_request.base.sha }}
      - run: make review-comment
`

const called = `name: called
on:
  workflow_call:
permissions: {}
jobs:
  change:
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    environment: ${{ inputs.environment }}
    concurrency:
      group: deploy-${{ inputs.stack }}
      cancel-in-progress: false
    permissions:
      contents: read # check out
      id-token: write # the role
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3
        with:
          role-to-assume: ${{ inputs.role }}
      - run: make release
`

const caller = `name: caller
on: push
permissions: {}
jobs:
  dev:
    permissions:
      contents: read # check out
      id-token: write # the role
    uses: ./.github/workflows/called.yml
    with:
      action: release
      environment: dev
`

func parse(t *testing.T, texts map[string]string) []*workflows.Workflow {
	t.Helper()
	var all []*workflows.Workflow
	for _, name := range []string{"good.yml", "called.yml", "caller.yml"} {
		w, err := workflows.Parse(name, texts[name])
		require.NoError(t, err)
		all = append(all, w)
	}
	return all
}

func TestTheFixturesAreGoodBefore(t *testing.T) {
	t.Parallel()
	assert.Empty(t, workflows.Check(parse(t, map[string]string{"good.yml": good, "called.yml": called, "caller.yml": caller})))
}

// Each rule can fail: the text is replaced everywhere in the three fixtures.
func TestEachRuleCanFail(t *testing.T) {
	t.Parallel()
	const (
		checkoutLine = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
		testRun      = "      - run: make test"
	)
	for _, f := range []struct{ rule, old, new, says string }{
		{"events", "  pull_request:\n", "  pull_request_target:\n", "pull_request_target is not accepted"},
		{"events", "  pull_request:\n", "  workflow_run:\n", "workflow_run is not accepted"},
		{"events", "  pull_request:\n", "  issue_comment:\n", "issue_comment is not accepted"},
		{"permissions", "permissions: {}", "permissions: read-all", "is read-all at the top"},
		{"permissions", "permissions: {}", "permissions: {contents: read}", "at the top, want {}"},
		{"permissions", "permissions: {}\n", "", "is <nil> at the top"},
		{"permissions", "    permissions:\n      contents: read # check out\n    steps", "    steps", "has none"},
		{"permissions", "contents: read # check out\n    steps", "contents: read\n    steps", "has no comment"},
		{"permissions", "contents: read # check out\n    steps", "actions: write # caches\n    steps", "actions: write is not accepted"},
		{"permissions", "contents: read # check out\n    steps", "packages: read # images\n    steps", "packages: read is not accepted"},
		{"permissions", "pull-requests: write # the comment", "pull-requests: write # the comment\n      id-token: write # AWS", "want two jobs"},
		{"permissions", "contents: read # check out\n    steps", "contents: read # check out\n      id-token: write # AWS\n    steps", "go together"},
		{"permissions", "      id-token: write # the role\n    steps", "    steps", "go together"},
		{"permissions", "      id-token: write # the role\n    uses", "    uses", "whose jobs need id-token: write"},
		{"permissions", "          ref: ${{ github.event.pull_request.base.sha }}\n", "          ref: ${{ github.event.pull_request.base.sha }}\n      - uses: actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5\n", "in a job that may write to GitHub"},
		{"env", "jobs:", "env:\n  A: b\njobs:", "env: is set at the top"},
		{"secrets", "- run: make test", "- run: make test\n        env:\n          KEY: ${{ secrets.KEY }}", "secrets are used"},
		{"secrets", "    with:\n      action", "    secrets: inherit\n    with:\n      action", "secrets are used"},
		{"secrets", "role-to-assume: ${{ inputs.role }}", "aws-access-key-id: ${{ vars.ID }}", "has no role, or has keys"},
		{"contexts", "- run: make test", "- run: make test\n        env:\n          T: ${{ github.event.pull_request.title }}", "github.event.pull_request.title is not accepted"},
		{"contexts", "- run: make test", "- run: make test\n        env:\n          T: ${{ github.head_ref }}", "github.head_ref is not accepted"},
		{"contexts", "- run: make test", "- run: make test\n        env:\n          T: ${{ github.event.issue.body }}", "github.event.issue.body is not accepted"},
		{"contexts", "- run: make test", "- run: make test\n        env:\n          T: ${{ github['head_ref'] }}", "is not accepted"},
		{"pins", checkoutLine, "actions/checkout@v7 # v7.0.1", "want action@ and the commit"},
		{"pins", checkoutLine, "actions/checkout@3d3c42e # v7.0.1", "want action@ and the commit"},
		{"pins", " # v7.0.1", "", "want the version that the commit is"},
		{"pins", " # v7.0.1", " # v7", "want the version that the commit is"},
		{"pins", checkoutLine, "docker://alpine@sha256:0", "want action@ and the commit"},
		{"pins", "./.github/workflows/called.yml", "example/other/.github/workflows/called.yml@main", "want a workflow of this repository"},
		{"pins", "workflows/called.yml", "workflows/missing.yml", "which is not there"},
		{"actions", checkoutLine, "example/action@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "example/action is not accepted"},
		{"artifacts", "          overwrite: true\n", "", "overwrite: is <nil>, want true"},
		{"artifacts", "overwrite: true", "overwrite: false", "overwrite: is false, want true"},
		{"checkout", "persist-credentials: false", "persist-credentials: true", "persist-credentials: is true"},
		{"checkout", "        with:\n          persist-credentials: false\n      - uses: actions/setup", "      - uses: actions/setup", "persist-credentials: is <nil>"},
		{"checkout", "          ref: ${{ github.event.pull_request.base.sha }}\n", "", "checks out the pull request in a job that may write"},
		{"runs", "make test", "make test && curl example.com", "want one make target"},
		{"runs", "make test", "make ${{ github.ref }}", "want one make target"},
		{"runs", "make test", "|\n          make test\n          make lint", "want one make target"},
		{"runs", "- run: make test", "- run: make test\n        shell: python", "has a shell"},
		{"runs", "- run: make test", "- run: make test\n        continue-on-error: true", "has a shell"},
		{"runs", testRun, "      - name: nothing", "does nothing"},
		{"runners", "ubuntu-24.04", "ubuntu-latest", "is ubuntu-latest"},
		{"runners", "ubuntu-24.04", "[self-hosted, linux]", "self-hosted"},
		{"runners", "    timeout-minutes: 60\n", "    timeout-minutes: 60\n    container: alpine\n", "has a container"},
		{"timeouts", "    timeout-minutes: 10\n", "", "timeout-minutes: is 0"},
		{"timeouts", "timeout-minutes: 60", "timeout-minutes: 360", "timeout-minutes: is 360"},
		{"concurrency", "cancel-in-progress: false", "cancel-in-progress: true", "changes a stack, want false"},
		{"concurrency", "cancel-in-progress: false", "cancel-in-progress: ${{ github.event_name == 'pull_request' }}", "changes a stack, want false"},
		{"concurrency", "      cancel-in-progress: false\n", "", "is not set"},
		{"concurrency", "    concurrency:\n      group: deploy-${{ inputs.stack }}\n      cancel-in-progress: false\n", "", "has an environment and no concurrency"},
		{"concurrency", "${{ github.event_name == 'pull_request' }}", "true", "true for pull requests only"},
		{"concurrency", "on: push\n", "on: push\nconcurrency:\n  group: a\n  cancel-in-progress: true\n", "the job dev changes a stack"},
		{"environments", "    environment: ${{ inputs.environment }}\n", "", "outside of an environment"},
		{"environments", "      environment: dev\n", "", "without an environment"},
		{"forks", "    if: github.event.pull_request.head.repo.full_name == github.repository\n", "", "a fork's pull request must not have"},
		{"caches", "          cache: false\n", "          cache: true\n", "a cache of its own"},
		{"caches", "        with:\n          cache: false\n", "", "a cache of its own"},
		{"caches", "        if: github.event_name == 'push'\n", "", "a pull request would fill the cache"},
		{"caches", "      - run: make release", "      - uses: actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5\n      - run: make release", "in a workflow that is no test"},
	} {
		texts := map[string]string{}
		changed := 0
		for name, text := range map[string]string{"good.yml": good, "called.yml": called, "caller.yml": caller} {
			changed += strings.Count(text, f.old)
			texts[name] = strings.ReplaceAll(text, f.old, f.new)
		}
		require.NotZero(t, changed, "%s: %q is in no fixture", f.rule, f.old)
		problems := workflows.Check(parse(t, texts))
		assert.True(t, slices.ContainsFunc(problems, func(p workflows.Problem) bool {
			return p.Rule == f.rule && strings.Contains(p.Text, f.says)
		}), "%s: %q in place of %q: %v", f.rule, f.new, f.old, problems)
	}
}

func TestParseSaysWhere(t *testing.T) {
	t.Parallel()
	_, err := workflows.Parse("bad.yml", "jobs: [\n")
	assert.ErrorContains(t, err, "bad.yml: [1:")
	_, err = workflows.Read("missing")
	assert.ErrorContains(t, err, "read the workflows")
}

// Every go.mod and Dockerfile is looked after, and nothing is taken the day it
// appears.
func TestDependabot(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(root, ".github", "dependabot.yml"))
	require.NoError(t, err)
	var file struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directory   string
			Directories []string
			Cooldown    struct {
				Days int `yaml:"default-days"`
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(raw, &file))
	watched := map[string][]string{}
	for _, u := range file.Updates {
		assert.GreaterOrEqual(t, u.Cooldown.Days, 7, u.Ecosystem)
		dirs := u.Directories
		if u.Directory != "" {
			dirs = append(dirs, u.Directory)
		}
		watched[u.Ecosystem] = append(watched[u.Ecosystem], dirs...)
	}
	assert.Equal(t, []string{"/"}, watched["github-actions"])
	for ecosystem, file := range map[string]string{"gomod": "go.mod", "docker": "Dockerfile"} {
		var there []string
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && slices.Contains([]string{".git", ".evenkeel", "build", "testdata", "bin"}, d.Name()) {
				return fs.SkipDir
			}
			if d.Name() == file {
				rel, _ := filepath.Rel(root, filepath.Dir(path))
				there = append(there, filepath.ToSlash(filepath.Clean("/"+rel)))
			}
			return nil
		}))
		slices.Sort(watched[ecosystem])
		slices.Sort(there)
		assert.Equal(t, there, watched[ecosystem], fmt.Sprint("folders with a ", file))
	}
}
