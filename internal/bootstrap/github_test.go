package bootstrap_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bootstrap"
	"evenkeel/internal/golden"
)

func settings(t *testing.T, g bootstrap.GitHub) *bootstrap.Settings {
	t.Helper()
	o := options(t)
	o.GitHub, o.Stack.Name = g, "prod"
	return bootstrap.SettingsOf(o, "s3://"+bucket+"?region=eu-west-1&awssdk=v2", map[string]any{
		"previewRoleArn": "arn:aws:iam::123456789012:role/orders-prod-preview",
		"pushRoleArn":    "arn:aws:iam::123456789012:role/orders-prod-push",
		"deployRoleArn":  "arn:aws:iam::123456789012:role/orders-prod-deploy",
	})
}

// The commands are run by a shell, with a gh that writes down its arguments and
// answers with a team's number.
func TestCommands(t *testing.T) {
	s := settings(t, bootstrap.GitHub{Owner: "example", Repository: "orders", Environment: "prod", Branch: "main", Approval: true, Reviewers: "oncall"})
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "gh"), []byte("#!/bin/sh\n"+
		"case \"$2\" in orgs/*) echo \"$*\" >> \"$OUT.team\"; echo 42; exit;; esac\n"+
		"for word; do printf '[%s]' \"$word\" >> \"$OUT\"; done; echo >> \"$OUT\"\n"), 0o700))
	out := filepath.Join(dir, "out")
	for _, c := range s.Commands {
		cmd := exec.Command("/bin/sh", "-euc", c)
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "OUT="+out)
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", c, text)
	}
	raw, err := os.ReadFile(out)
	require.NoError(t, err)
	golden.Equal(t, "testdata/gh.txt", string(raw))
	team, err := os.ReadFile(out + ".team")
	require.NoError(t, err)
	assert.Equal(t, "api orgs/example/teams/oncall --jq .id\n", string(team))
}

func TestSettingsWithoutARepository(t *testing.T) {
	s := settings(t, bootstrap.GitHub{Environment: "dev", Branch: "main"})
	all := strings.Join(s.Commands, "\n")
	assert.Contains(t, all, "'repos/{owner}/{repo}/environments/dev'", "gh fills in the folder's own repository")
	assert.NotContains(t, all, "--repo")
	assert.NotContains(t, all, "reviewers")
}

// The variables are those that the workflows read.
func TestVariablesAreThoseOfTheWorkflows(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	require.NoError(t, err)
	read := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`vars\.(PROD_[A-Z_]+)`).FindAllStringSubmatch(string(raw), -1) {
			read[m[1]] = true
		}
	}
	require.NotEmpty(t, read)
	for _, v := range settings(t, bootstrap.GitHub{Environment: "prod", Branch: "main"}).Variables {
		assert.True(t, read[v.Name], v.Name)
		delete(read, v.Name)
	}
	delete(read, "PROD_URL") // a team's own name for the API, which only the team knows
	assert.Empty(t, read)
}

func TestReport(t *testing.T) {
	r := &bootstrap.Report{
		Stack: "prod", Account: account, Region: region,
		Steps: []bootstrap.Step{
			{Name: "account", Resource: account, Status: bootstrap.There, Notes: []string{}},
			{Name: "bucket", Resource: bucket, Status: bootstrap.Mended, Notes: []string{"versioning put right"}},
		},
		GitHub: settings(t, bootstrap.GitHub{Owner: "example", Repository: "orders", Environment: "prod", Branch: "main", Approval: true}),
		Next:   []string{"commit Pulumi.prod.yaml"},
	}
	var text, raw bytes.Buffer
	require.NoError(t, r.WriteText(&text))
	golden.Equal(t, "testdata/report.txt", text.String())
	require.NoError(t, r.WriteJSON(&raw))
	var back bootstrap.Report
	require.NoError(t, json.Unmarshal(raw.Bytes(), &back))
	assert.Equal(t, r.GitHub.Variables, back.GitHub.Variables)
}

func TestPolicies(t *testing.T) {
	b, err := bootstrap.BucketPolicy(bucket, account).JSON()
	require.NoError(t, err)
	golden.Equal(t, "testdata/bucket-policy.json", b+"\n")
	k, err := bootstrap.KeyPolicy(account, region).JSON()
	require.NoError(t, err)
	golden.Equal(t, "testdata/key-policy.json", k+"\n")
}

func TestMerged(t *testing.T) {
	want := bootstrap.BucketPolicy(bucket, account)
	text, err := want.JSON()
	require.NoError(t, err)
	for name, test := range map[string]struct {
		there   string
		differs bool
	}{
		"nothing":                   {"", true},
		"the same":                  {text, false},
		"the same as AWS writes it": {strings.NewReplacer(`["s3:*"]`, `"s3:*"`, `["false"]`, `"false"`, `{"AWS":["*"]}`, `{"AWS":"*"}`).Replace(text), false},
		"another order":             {strings.Replace(text, `["arn:aws:s3:::`+bucket+`","arn:aws:s3:::`+bucket+`/*"]`, `["arn:aws:s3:::`+bucket+`/*","arn:aws:s3:::`+bucket+`"]`, 1), false},
		"another account":           {strings.Replace(text, account, "222222222222", 1), true},
		"a weaker effect":           {strings.Replace(text, `"Deny"`, `"Allow"`, 1), true},
		"another version":           {strings.Replace(text, "2012-10-17", "2008-10-17", 1), true},
	} {
		_, differs, err := bootstrap.Merged(test.there, want)
		require.NoError(t, err, name)
		assert.Equal(t, test.differs, differs, name)
	}
	_, _, err = bootstrap.Merged("no JSON", want)
	require.ErrorContains(t, err, "read the policy that is there")
}

// The docs list the permissions, and nothing else as one.
func TestDocsListThePermissions(t *testing.T) {
	raw, err := os.ReadFile("../../docs/bootstrap.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(raw), "<!-- permissions -->")
	require.True(t, found)
	list, _, found := strings.Cut(after, "<!-- /permissions -->")
	require.True(t, found)
	listed := regexp.MustCompile(`\b(?:iam|s3|kms|sts):[A-Za-z]+`).FindAllString(list, -1)
	assert.ElementsMatch(t, bootstrap.Actions(), listed)
}
