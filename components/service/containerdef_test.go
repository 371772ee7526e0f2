package service_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/service"
	"evenkeel/internal/pulumitest"
)

func definitionText(t *testing.T, args *service.Args) string {
	t.Helper()
	return pulumitest.Text(t, pulumitest.Find(t, run(t, args), taskType, "api-task"), "containerDefinitions")
}

func definition(t *testing.T, args *service.Args) map[string]any {
	t.Helper()
	var out []map[string]any
	require.NoError(t, json.Unmarshal([]byte(definitionText(t, args)), &out))
	require.Len(t, out, 1)
	return out[0]
}

func TestContainerDefinitionGoldens(t *testing.T) {
	pulumitest.GoldenJSON(t, "testdata/container.minimal.json", definitionText(t, valid()))
	pulumitest.GoldenJSON(t, "testdata/container.full.json", definitionText(t, full()))
}

// No argument weakens any of these, so they are asserted for both extremes.
func TestHardening(t *testing.T) {
	for name, args := range map[string]*service.Args{"minimal": valid(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			d := definition(t, args)
			assert.Equal(t, true, d["readonlyRootFilesystem"], "read-only root file system")
			assert.Regexp(t, `^[1-9][0-9]*:[0-9]+$`, d["user"], "a numeric user that is not root")
			linux := d["linuxParameters"].(map[string]any)
			assert.Equal(t, map[string]any{"add": []any{}, "drop": []any{"ALL"}}, linux["capabilities"], "no capability")
			assert.Equal(t, true, linux["initProcessEnabled"], "an init process")
			assert.NotContains(t, linux, "tmpfs", "Fargate has none")
			assert.NotContains(t, d, "privileged")
			assert.Regexp(t, `@sha256:[0-9a-f]{64}$`, d["image"], "by digest")
			log := d["logConfiguration"].(map[string]any)
			assert.Equal(t, "awslogs", log["logDriver"])
			assert.Equal(t, "non-blocking", log["options"].(map[string]any)["mode"], "logging cannot stop the service")
			assert.Equal(t, "25m", log["options"].(map[string]any)["max-buffer-size"])
			assert.NotContains(t, log["options"], "awslogs-create-group", "a group that nobody declared has no retention")
		})
	}
}

func TestDefaults(t *testing.T) {
	d := definition(t, valid())
	assert.Equal(t, "65532:65532", d["user"])
	assert.Equal(t, 45.0, d["stopTimeout"])
	assert.Equal(t, "orders-dev", d["name"], "the service name defaults to Name")
	for _, absent := range []string{"command", "healthCheck", "secrets"} {
		assert.NotContains(t, d, absent)
	}
}

func TestWritablePaths(t *testing.T) {
	mount := func(volume, path string) any {
		return map[string]any{"sourceVolume": volume, "containerPath": path, "readOnly": false}
	}
	withExec := valid()
	withExec.Exec = true
	assert.Equal(t, []any{mount("tmp", "/tmp")}, definition(t, valid())["mountPoints"])
	assert.Equal(t, []any{
		mount("tmp", "/tmp"),
		mount("exec-agent", "/managed-agents"),
		mount("exec-state", "/var/lib/amazon/ssm"),
		mount("exec-logs", "/var/log/amazon/ssm"),
	}, definition(t, withExec)["mountPoints"])

	var volumes []any
	for _, v := range inputs(t, run(t, withExec), taskType, "api-task")["volumes"].([]any) {
		volumes = append(volumes, v.(map[string]any)["name"])
	}
	for _, m := range definition(t, withExec)["mountPoints"].([]any) {
		assert.Contains(t, volumes, m.(map[string]any)["sourceVolume"], "every mount needs its volume")
	}
}

// AWS returns definitions in this form; any other one replaces every task at
// the next update.
func TestCanonicalForm(t *testing.T) {
	text := definitionText(t, full())
	var generic any
	require.NoError(t, json.Unmarshal([]byte(text), &generic))
	var sorted bytes.Buffer
	enc := json.NewEncoder(&sorted)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(generic))
	assert.Equal(t, sorted.String(), text+"\n", "compact, with every object's fields sorted")

	d := definition(t, full())
	names := func(list any) (out []string) {
		for _, e := range list.([]any) {
			out = append(out, e.(map[string]any)["name"].(string))
		}
		return out
	}
	assert.Equal(t, []string{"LOG_LEVEL", "MOTTO", "ZONE"}, names(d["environment"]))
	assert.Equal(t, []string{"DATABASE_URL", "MAIL_PASSWORD", "MAIL_USER"}, names(d["secrets"]))
	assert.Equal(t, []any{map[string]any{"containerPort": 9000.0, "hostPort": 9000.0, "protocol": "tcp"}}, d["portMappings"])

	minimal := definition(t, valid())
	for _, list := range []string{"environment", "systemControls", "volumesFrom"} {
		assert.Equal(t, []any{}, minimal[list], "%s: empty, not missing", list)
	}
}

func TestHealthCheckCommandForms(t *testing.T) {
	cases := map[string]struct{ give, want []any }{
		"a command":          {[]any{"/api", "health"}, []any{"CMD", "/api", "health"}},
		"already with CMD":   {[]any{"CMD", "/api"}, []any{"CMD", "/api"}},
		"for the shell":      {[]any{"CMD-SHELL", "wget -q localhost"}, []any{"CMD-SHELL", "wget -q localhost"}},
		"CMD as an argument": {[]any{"/api", "CMD"}, []any{"CMD", "/api", "CMD"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := valid()
			for _, s := range tc.give {
				a.HealthCheckCommand = append(a.HealthCheckCommand, s.(string))
			}
			assert.Equal(t, map[string]any{
				"command": tc.want, "interval": 10.0, "timeout": 5.0, "retries": 3.0, "startPeriod": 15.0,
			}, definition(t, a)["healthCheck"])
		})
	}
}

// These values are Inputs, so they are checked when they are known.
func TestValuesThatOnlyAnUpdateKnows(t *testing.T) {
	cases := map[string]struct {
		change func(*service.Args)
		want   string
	}{
		"an image by tag": {
			func(a *service.Args) { a.Image = pulumi.String("repo/orders:latest") },
			`Image: is "repo/orders:latest", want a reference by digest`,
		},
		"a digest without a repository": {
			func(a *service.Args) { a.Image = pulumi.String("@" + digest) },
			`Image: is "@sha256:`,
		},
		"a parameter instead of a secret": {
			func(a *service.Args) {
				a.Secrets = map[string]pulumi.StringInput{"A": pulumi.String("arn:aws:ssm:eu-west-1:111122223333:parameter/a:b")}
			},
			`Secrets["A"]: is "arn:aws:ssm:eu-west-1:111122223333:parameter/a:b", want the ARN of a secret in Secrets Manager`,
		},
		"half an ARN": {
			func(a *service.Args) {
				a.Secrets = map[string]pulumi.StringInput{"A": pulumi.String("arn:aws:secretsmanager:eu-west-1")}
			},
			`want the ARN of a secret in Secrets Manager`,
		},
		"a wildcard": {
			func(a *service.Args) {
				a.Secrets = map[string]pulumi.StringInput{"A": pulumi.String(secretARN[:len(secretARN)-6] + "*")}
			},
			"a wildcard would open others",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := valid()
			tc.change(a)
			_, err := pulumitest.Run(t, program(a))
			assert.ErrorContains(t, err, tc.want)
		})
	}
}
