package e2e_test

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bootstrap"
	"evenkeel/internal/iampolicy/recorded"
	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/gateway"
	"evenkeel/internal/local/parts"
)

const stateBucket = "evenkeel-state-123456789012-eu-west-1"

// TestBootstrap takes an empty account to a stack that is up, with Pulumi's own
// S3 backend and KMS secrets: the commands run as on AWS, pointed at the
// emulator by AWS_ENDPOINT_URL alone.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	b := newBootstrapped(t)

	for _, step := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"a check of an empty account changes nothing", b.emptyCheck},
		{"the state, without an update", b.skipUp},
		{"what the file lost comes back", b.lostKey},
		{"a file of another backend is refused", b.otherSecrets},
		{"the account's identity provider is adopted", b.adopted},
		{"without a terminal nothing is updated", b.noTerminal},
		{"nor while another update runs", b.locked},
		{"up", b.up},
		{"a second run changes nothing", b.again},
		{"a check finds all of it", b.fullCheck},
		{"another checkout finds the stack", b.otherCheckout},
		{"a data key that another key has made is refused", b.goneKey},
		{"a release through the user's own backend", b.released},
		{"the pipeline's make targets", b.targets},
		{"drift is found", b.drifted},
		{"what the pipeline's roles called", b.record},
	} {
		if !t.Run(step.name, step.run) {
			return // the next ones go on from here
		}
	}
}

// bootstrapped is the state of TestBootstrap.
type bootstrapped struct {
	p        *testProject
	emulator *emulator.Instance
	file     string
	report   bootstrap.Report
	// called is what the pipeline's commands called, with the role that they were
	// held to.
	called []recorded.Entry
	// first is the first image's digest.
	first string
}

func newBootstrapped(t *testing.T) *bootstrapped {
	p := newProject(t)
	p.edit("Pulumi.dev.yaml", "    # accountIds: [\"111122223333\"]   # refuse any other account", "    accountIds: [\"123456789012\"]")
	p.edit("Pulumi.dev.yaml", "  evenkeel:secrets:", `  evenkeel:network: {mode: default} # the awsx plugin is not everywhere
  evenkeel:pipeline:
    github: {owner: example, ownerId: "9919", repository: orders, repositoryId: "1296269"} # ours
  evenkeel:secrets:`)
	set, err := parts.Find(context.Background(), parts.Options{Root: p.dir, Offline: true})
	require.NoError(t, err)
	i, err := emulator.Start(context.Background(), emulator.Options{
		Executable: binary, Dir: filepath.Join(p.dir, "emulator"), Stack: "dev", MotoCommand: set.Moto.Command, AccountID: "123456789012",
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		assert.NoError(t, i.Stop(ctx))
	})
	env := parts.Env(set) // the plugins, and credentials that are worth nothing
	env["AWS_ENDPOINT_URL"], env["AWS_PROFILE"], env["PULUMI_BACKEND_URL"] = i.URL, "", ""
	env["PULUMI_CONFIG_PASSPHRASE"] = ""
	// The tests of other stacks share the plugins, not the workspaces.
	home := filepath.Join(p.dir, "pulumi-home")
	require.NoError(t, os.Mkdir(home, 0o700))
	require.NoError(t, os.Symlink(filepath.Join(env["PULUMI_HOME"], "plugins"), filepath.Join(home, "plugins")))
	env["PULUMI_HOME"] = home
	for k, v := range env {
		p.env = append(p.env, k+"="+v)
	}
	return &bootstrapped{p: p, emulator: i, file: filepath.Join(p.dir, "Pulumi.dev.yaml")}
}

// run carries it out and decodes its report.
func (b *bootstrapped) run(t *testing.T, args ...string) map[string]bootstrap.Status {
	t.Helper()
	b.report = bootstrap.Report{}
	b.p.t = t
	b.p.must(&b.report, append([]string{"bootstrap"}, args...)...)
	out := map[string]bootstrap.Status{}
	for _, s := range b.report.Steps {
		out[s.Name] = s.Status
	}
	return out
}

// writes are the calls since then that change something.
func (b *bootstrapped) writes(t *testing.T, since int) []string {
	t.Helper()
	calls, err := b.emulator.Calls(context.Background(), since)
	require.NoError(t, err)
	var out []string
	for _, c := range calls {
		read := slices.ContainsFunc([]string{"Get", "List", "Describe", "Head"}, func(p string) bool { return strings.HasPrefix(c.Action, p) })
		if !read {
			out = append(out, c.Name())
		}
	}
	return out
}

func (b *bootstrapped) now(t *testing.T) int {
	t.Helper()
	calls, err := b.emulator.Calls(context.Background(), 0)
	require.NoError(t, err)
	if len(calls) == 0 {
		return 0
	}
	return calls[len(calls)-1].Sequence
}

func (b *bootstrapped) text(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(b.file)
	require.NoError(t, err)
	return string(raw)
}

func (b *bootstrapped) emptyCheck(t *testing.T) {
	before := b.text(t)
	a := b.p.evenkeel("bootstrap", "--check")
	assert.Equal(t, 1, a.code)
	assert.Regexp(t, `(?m)^bucket +missing +`+stateBucket, a.stdout)
	assert.Contains(t, a.stderr, "error: bootstrap of dev: something is missing, or not as it should be")
	assert.Empty(t, b.writes(t, 0))
	assert.Equal(t, before, b.text(t))
}

func (b *bootstrapped) skipUp(t *testing.T) {
	got := b.run(t, "--skip-up")
	assert.Equal(t, map[string]bootstrap.Status{
		"account": bootstrap.There, "key": bootstrap.Made, "bucket": bootstrap.Made, "stack": bootstrap.Made,
		"configuration": bootstrap.Mended, "update": bootstrap.Skipped,
	}, got)
	text := b.text(t)
	assert.Contains(t, text, "secretsprovider: awskms://alias/evenkeel-state?region=eu-west-1\n")
	assert.Contains(t, text, "\nencryptedkey: ")
	assert.Contains(t, text, "stateBucket: "+stateBucket)
	assert.Contains(t, text, "evenkeel:owner: # becomes tags of every resource", "comments stay")
	assert.Contains(t, text, "# ours")
	raw, err := os.ReadFile(filepath.Join(b.p.dir, "Pulumi.yaml"))
	require.NoError(t, err)
	assert.NotContains(t, string(raw), "backend")

	cfg := awsConfig(b.emulator.URL)
	objects, err := s3.NewFromConfig(cfg).ListObjectsV2(context.Background(), &s3.ListObjectsV2Input{Bucket: aws.String(stateBucket)})
	require.NoError(t, err)
	var keys []string
	for _, o := range objects.Contents {
		keys = append(keys, aws.ToString(o.Key))
	}
	assert.Contains(t, keys, ".pulumi/stacks/evenkeel/dev.json")
	list, err := kms.NewFromConfig(cfg).ListKeys(context.Background(), &kms.ListKeysInput{})
	require.NoError(t, err)
	assert.Len(t, list.Keys, 1)
}

// lostKey forgets what Pulumi wrote to the file, as a checkout does in which
// nobody has committed it.
func (b *bootstrapped) lostKey(t *testing.T) {
	whole := b.text(t)
	var kept []string
	for _, line := range strings.Split(whole, "\n") {
		if !strings.HasPrefix(line, "secretsprovider:") && !strings.HasPrefix(line, "encryptedkey:") {
			kept = append(kept, line)
		}
	}
	require.NoError(t, os.WriteFile(b.file, []byte(strings.Join(kept, "\n")), 0o600))
	a := b.p.evenkeel("bootstrap", "--check")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stdout, "are not in Pulumi.dev.yaml")
	got := b.run(t, "--skip-up")
	assert.Equal(t, bootstrap.Mended, got["stack"])
	assert.Contains(t, b.text(t), "\nencryptedkey: ")
	assert.Equal(t, bootstrap.There, b.run(t, "--skip-up")["stack"])
}

func (b *bootstrapped) otherSecrets(t *testing.T) {
	whole := b.text(t)
	defer func() { require.NoError(t, os.WriteFile(b.file, []byte(whole), 0o600)) }()
	other := strings.Replace(whole, "awskms://alias/evenkeel-state?region=eu-west-1", "awskms://alias/theirs?region=eu-west-1", 1)
	require.NoError(t, os.WriteFile(b.file, []byte(other), 0o600))
	since := b.now(t)
	a := b.p.evenkeel("bootstrap", "--skip-up")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, `Pulumi.dev.yaml: secretsprovider is "awskms://alias/theirs?region=eu-west-1", want "awskms://alias/evenkeel-state?region=eu-west-1"`)
	assert.Empty(t, b.writes(t, since))
	assert.Equal(t, other, b.text(t))
}

// adopted has an account in which another stack or somebody else has made GitHub's
// identity provider, of which there can be one only.
func (b *bootstrapped) adopted(t *testing.T) {
	const provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	ctx, client := context.Background(), iam.NewFromConfig(awsConfig(b.emulator.URL))
	create := func(audience string) {
		_, err := client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
			Url: aws.String("https://token.actions.githubusercontent.com"), ClientIDList: []string{audience},
		})
		require.NoError(t, err)
	}
	remove := func() {
		_, err := client.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(provider)})
		require.NoError(t, err)
	}
	whole := b.text(t)
	create("https://github.com/example")
	defer func() {
		require.NoError(t, os.WriteFile(b.file, []byte(whole), 0o600))
		remove()
	}()
	a := b.p.evenkeel("bootstrap", "--skip-up")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, "want sts.amazonaws.com among them")
	assert.Equal(t, whole, b.text(t))

	remove() // moto cannot add an audience
	create("sts.amazonaws.com")
	a = b.p.evenkeel("bootstrap", "--check")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stdout, "evenkeel:pipeline.oidcProviderArn would be set to "+provider)
	assert.Equal(t, whole, b.text(t))
	assert.Equal(t, bootstrap.Mended, b.run(t, "--skip-up")["configuration"])
	assert.Contains(t, b.text(t), "oidcProviderArn: "+provider)
	assert.NotContains(t, b.run(t, "--skip-up"), "configuration", "there is nothing left to set")
	a = b.p.evenkeel("bootstrap") // has nobody to ask, and only previews
	assert.Contains(t, a.stderr, "pipeline-deploy")
	assert.NotContains(t, a.stderr, "pipeline-provider", "the stack makes none")
}

func (b *bootstrapped) noTerminal(t *testing.T) {
	a := b.p.evenkeel("bootstrap")
	assert.Equal(t, 1, a.code, a.stderr)
	assert.Regexp(t, `update +missing +dev\n +- would create \d+\n +- nothing was updated: there is no terminal to ask at`, a.stdout)
	clusters, err := ecs.NewFromConfig(awsConfig(b.emulator.URL)).ListClusters(context.Background(), &ecs.ListClustersInput{})
	require.NoError(t, err)
	assert.Empty(t, clusters.ClusterArns)
}

// locked has the lock of an update that was killed.
func (b *bootstrapped) locked(t *testing.T) {
	client := s3.NewFromConfig(awsConfig(b.emulator.URL))
	name, key := aws.String(stateBucket), aws.String(".pulumi/locks/organization/evenkeel/dev/killed.json")
	_, err := client.PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: name, Key: key, Body: strings.NewReader(`{"pid":1,"username":"u","hostname":"h","timestamp":"2026-01-01T00:00:00Z"}`),
	})
	require.NoError(t, err)
	a := b.p.evenkeel("bootstrap", "--yes")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, "stack dev: another update holds its lock. If that one was killed, `pulumi cancel --stack dev` lifts the lock")
	_, err = client.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: name, Key: key})
	require.NoError(t, err)
}

func (b *bootstrapped) up(t *testing.T) {
	got := b.run(t, "--yes")
	assert.Equal(t, bootstrap.Made, got["update"])
	assert.Equal(t, bootstrap.There, got["stack"])
	assert.True(t, b.report.Complete)
	values := map[string]string{}
	for _, v := range b.report.GitHub.Variables {
		values[v.Name] = v.Value
	}
	assert.Equal(t, b.report.Backend, values["DEV_PULUMI_BACKEND_URL"])
	assert.Equal(t, "eu-west-1", values["DEV_AWS_REGION"])
	for _, role := range []string{"PREVIEW", "PUSH", "DEPLOY"} {
		arn := values["DEV_"+role+"_ROLE_ARN"]
		_, name, found := strings.Cut(arn, ":role/")
		require.True(t, found, "%s: %q", role, arn)
		_, err := iam.NewFromConfig(awsConfig(b.emulator.URL)).GetRole(context.Background(), &iam.GetRoleInput{RoleName: aws.String(name[strings.LastIndex(name, "/")+1:])})
		require.NoError(t, err, "%s names a role", role)
	}
	refused, err := b.emulator.Refused(context.Background())
	require.NoError(t, err)
	assert.Empty(t, refused)
}

func (b *bootstrapped) again(t *testing.T) {
	since, before := b.now(t), b.text(t)
	got := b.run(t, "--yes")
	for name, status := range got {
		assert.Equal(t, bootstrap.There, status, name)
	}
	assert.True(t, b.report.Complete)
	assert.Equal(t, before, b.text(t))
	for _, call := range b.writes(t, since) {
		// Pulumi's lock of a preview, and its own decryption of the data key.
		assert.Contains(t, []string{"s3:PutObject", "s3:DeleteObject", "kms:Decrypt"}, call)
	}
}

func (b *bootstrapped) fullCheck(t *testing.T) {
	since := b.now(t)
	got := b.run(t, "--check")
	for name, status := range got {
		assert.Equal(t, bootstrap.There, status, name)
	}
	for _, call := range b.writes(t, since) {
		assert.Equal(t, "kms:Decrypt", call)
	}
	var encrypted bool
	calls, err := b.emulator.Calls(context.Background(), 0)
	require.NoError(t, err)
	for _, c := range calls {
		encrypted = encrypted || c.Name() == "kms:Encrypt" && keyOf(c) == "alias/evenkeel-state"
	}
	assert.True(t, encrypted, "the data key of the secrets is encrypted by the key")
}

// keyOf is the key that a recorded call of KMS names.
func keyOf(c gateway.Call) string {
	parameters, _ := c.Parameters.(map[string]any)
	id, _ := parameters["KeyId"].(string)
	return id
}

// otherCheckout has the committed files and nothing else.
func (b *bootstrapped) otherCheckout(t *testing.T) {
	other := newProject(t)
	b.p.copyTo(other, "Pulumi.dev.yaml")
	other.env = b.p.env
	var report bootstrap.Report
	other.must(&report, "bootstrap", "--check")
	assert.True(t, report.Complete)
}

// goneKey is a new stack whose file has the data key of another account, where
// the key's alias is the same.
func (b *bootstrapped) goneKey(t *testing.T) {
	_, sealed, found := strings.Cut(b.text(t), "\nencryptedkey: ")
	require.True(t, found)
	sealed, _, _ = strings.Cut(sealed, "\n")
	// Moto's ciphertext begins with the key's id, which is 48 letters of base64.
	other := base64.StdEncoding.EncodeToString([]byte("00000000-0000-0000-0000-000000000000"))
	text := strings.Replace(b.text(t), sealed, other+sealed[len(other):], 1)
	file := filepath.Join(b.p.dir, "Pulumi.qa.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	defer func() { require.NoError(t, os.Remove(file)) }()
	a := b.p.evenkeel("bootstrap", "--stack", "qa", "--skip-up")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stderr, "Pulumi.qa.yaml: encryptedkey cannot be decrypted by awskms://alias/evenkeel-state?region=eu-west-1")
	assert.Contains(t, a.stderr, "remove secretsprovider, encryptedkey from the file and run again")
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, text, string(raw))
}
