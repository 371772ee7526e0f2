package e2e_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/local/parts"
)

// A mistake ends a command with exit code 2 and one clear error, before
// anything is started.
func TestMistakes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		edit func(p *testProject)
		args []string
		want string
	}{
		"a bad value names file, line, path and what is accepted": {
			edit: func(p *testProject) { p.edit("Pulumi.dev.yaml", "port: 8080", "port: 0") },
			args: []string{"local", "up"}, want: ": evenkeel:service.port: is 0, want 1 to 65535",
		},
		"a stack that does not exist": {
			args: []string{"local", "up", "--stack", "prd"}, want: `stack "prd" has no Pulumi.prd.yaml; there is dev or prod`,
		},
		"a format that does not exist": {
			args: []string{"local", "status", "--format", "yaml"}, want: `--format: is "yaml", want text or json`,
		},
		"a flag that does not exist":       {args: []string{"local", "up", "--stak", "dev"}, want: "unknown flag: --stak"},
		"an argument that is not expected": {args: []string{"graph", "dev"}, want: `takes no argument, got "dev"`},
		"a command that does not exist":    {args: []string{"lokal"}, want: `evenkeel has no command "lokal"; did you mean "local"?`},
		"flags that contradict each other": {args: []string{"local", "down", "--discard", "--keep-emulator"}, want: "--discard and --keep-emulator contradict each other: want one of them"},
		"a value that only Pulumi can decrypt": {
			edit: func(p *testProject) {
				p.edit("Pulumi.dev.yaml", "emails: [oncall@example.com]", "https: [{secure: v1:abc}]")
			},
			args: []string{"graph"}, want: "evenkeel:notifications.page.https[0]: is encrypted, which `pulumi` can read and the evenkeel command cannot",
		},
		"a subcommand that does not exist":  {args: []string{"local", "upp"}, want: `evenkeel local has no command "upp"; did you mean "up"?`},
		"broken YAML names line and column": {edit: func(p *testProject) { p.edit("Pulumi.dev.yaml", "config:", "config: [") }, args: []string{"graph"}, want: "read Pulumi.dev.yaml: ["},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := newProject(t)
			if c.edit != nil {
				c.edit(p)
			}
			a := p.evenkeel(c.args...)
			assert.Equal(t, 2, a.code, a.stderr)
			assert.Contains(t, a.stderr, c.want)
			assert.NotContains(t, a.stderr, "goroutine", "a stack trace is no answer")
			assert.Empty(t, a.stdout)
			assert.NoDirExists(t, filepath.Join(p.dir, ".evenkeel"), "nothing may be started")
		})
	}
}

func TestAStackThatIsNotRunning(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var status struct{ Running bool }
	p.must(&status, "local", "status")
	assert.False(t, status.Running)
	a := p.evenkeel("local", "env")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, "stack dev is not running")
	assert.Zero(t, p.evenkeel("local", "down").code, "down of what is not up is no mistake")
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.evenkeel("local", "doctor")
	assert.Zero(t, a.code, a.stdout)
	assert.Contains(t, a.stdout, "The local engine is ready.")

	cmd := p.command(t.Context(), "local", "doctor")
	cmd.Env = append(cmd.Env, "EVENKEEL_CACHE="+filepath.Join(p.dir, "nothing"))
	out, err := cmd.Output()
	assert.Error(t, err, "an engine that is not ready is no success")
	assert.Contains(t, string(out), "Pulumi CLI "+parts.PulumiVersion+": `local up` tries to get it by itself; any one of these supplies it")
	assert.Contains(t, string(out), "The local engine is not ready yet.")
	assert.NoDirExists(t, filepath.Join(p.dir, "nothing"), "looking changes nothing")
}
