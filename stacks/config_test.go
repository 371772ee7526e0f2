package stacks_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/project"
	"evenkeel/internal/sample"
	"evenkeel/stacks"
)

// load reads Pulumi.<stack>.yaml in dir.
func load(t *testing.T, dir, stack string) *project.Stack {
	t.Helper()
	p, err := project.Find(dir)
	require.NoError(t, err)
	s, err := p.Stack(stack)
	require.NoError(t, err)
	return s
}

// decodeText decodes a configuration file's text as that of the stack "bad".
func decodeText(t *testing.T, text string) (*stacks.Config, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: evenkeel\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.bad.yaml"), []byte(text), 0o600))
	s := load(t, dir, "bad")
	cfg, err := stacks.Decode("bad", s.Config)
	if err != nil {
		return nil, stacks.Explain(s.File, err, s.Line)
	}
	return cfg, nil
}

// Each file in testdata/bad is a configuration with one mistake, and starts
// with the one error that the user reads.
func TestBadConfigurations(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 20)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			want, text, found := strings.Cut(string(raw), "\n")
			if !strings.HasPrefix(want, "# ") {
				want, text, found = "# (none)", string(raw), true
			}
			require.True(t, found)
			_, err = decodeText(t, text)
			require.Error(t, err)
			head, got, _ := strings.Cut(err.Error(), "\n  ")
			assert.Equal(t, "Pulumi.bad.yaml has 1 problem:", head, "one mistake must give one error: %v", err)
			if golden.Updating() {
				require.NoError(t, os.WriteFile(file, []byte("# "+got+"\n"+text), 0o600))
				return
			}
			assert.Equal(t, strings.TrimPrefix(want, "# "), got)
		})
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, err := decodeText(t, `config:
  evenkeel:environment: production
  evenkeel:service:
    name: Orders
    port: 0
    cpu: "256"
    prot: 1
    environment:
      DB_PASSWORD: x
`)
	require.Error(t, err)
	assert.Equal(t, `Pulumi.bad.yaml has 11 problems:
  evenkeel:aws.accountIds: is required in production, so that a wrong login cannot deploy to another account
  evenkeel:aws.region: is required, for example "eu-west-1"
  evenkeel:ingress.certificateArn: is required in production; to serve plain HTTP on purpose set evenkeel:ingress.allowPlainHttp: true
  evenkeel:notifications.page: has nobody, want an address under emails or an endpoint under https: in production an outage must reach somebody
  evenkeel:owner.costCenter: is required: it becomes a tag of every resource
  evenkeel:owner.repository: is required: it becomes a tag of every resource
  evenkeel:owner.team: is required: it becomes a tag of every resource
  Pulumi.bad.yaml:6: evenkeel:service.cpu: is the text "256", want a whole number without quotes
  Pulumi.bad.yaml:9: evenkeel:service.environment["DB_PASSWORD"]: looks like a secret, which everybody who may read the task definition would see: want it under evenkeel:service.secrets, its value in Secrets Manager
  Pulumi.bad.yaml:4: evenkeel:service.name: is "Orders", want 2 to 22 of a-z, 0-9 and single "-" that start with a letter, such as "orders"
  Pulumi.bad.yaml:5: evenkeel:service.port: is 0, want 1 to 65535`, err.Error())
}

func TestCommittedConfigurationsAreGood(t *testing.T) {
	for _, name := range []string{"dev", "prod"} {
		_, err := stacks.Decode(name, load(t, sample.Dir(t), name).Config)
		assert.NoError(t, err, name)
	}
}

func TestDefaultsDependOnTheEnvironment(t *testing.T) {
	dev, prod := stacks.Defaults(stacks.Development), stacks.Defaults(stacks.Production)
	assert.Equal(t, stacks.NATNone, dev.Network.NAT)
	assert.Equal(t, stacks.NATPerZone, prod.Network.NAT)
	assert.False(t, dev.Ingress.DeletionProtection)
	assert.True(t, prod.Ingress.DeletionProtection)
	assert.Zero(t, dev.Ingress.AccessLogDays)
	assert.NotZero(t, prod.Ingress.AccessLogDays)
	assert.Greater(t, prod.Autoscaling.MinimumTasks, 1, "production must survive the loss of a task")
}

func TestUnsetKeepsDefaultsAndSetReplacesThem(t *testing.T) {
	cfg, err := decodeText(t, `config:
  evenkeel:environment: development
  evenkeel:aws: {region: eu-west-1}
  evenkeel:owner: {team: a, costCenter: b, repository: github.com/example/orders}
  evenkeel:service: {name: orders, cpu: 1024, memoryMiB: 2048}
  evenkeel:ingress: {allowedCidrs: [10.0.0.0/8], healthCheck: {path: /up}}
`)
	require.NoError(t, err)
	assert.Equal(t, 1024, cfg.Service.CPU)
	assert.Equal(t, 8080, cfg.Service.Port)
	assert.Equal(t, []string{"10.0.0.0/8"}, cfg.Ingress.AllowedCIDRs, "a list replaces the default, it does not add to it")
	assert.Equal(t, "/up", cfg.Ingress.HealthCheck.Path)
	assert.Equal(t, 10, cfg.Ingress.HealthCheck.IntervalSeconds)
}

// A field without a name would be decoded by Go's own rules, which ignore case.
func TestEveryFieldHasItsYAMLName(t *testing.T) {
	var visit func(typ reflect.Type, path string)
	visit = func(typ reflect.Type, path string) {
		for _, f := range reflect.VisibleFields(typ) {
			name := f.Tag.Get("json")
			assert.NotEmpty(t, name, "%s.%s", path, f.Name)
			assert.True(t, strings.ToLower(name[:1]) == name[:1], "%s.%s: names start in lower case", path, f.Name)
			if f.Type.Kind() == reflect.Struct {
				visit(f.Type, path+"."+name)
			}
		}
	}
	visit(reflect.TypeFor[stacks.Config](), "evenkeel")
}
