package e2e_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/iampolicy/recorded"
	"evenkeel/internal/policydoc"
)

// The pipeline's commands on the account that TestBootstrap has made: the user's
// own backend, an S3 bucket, and the user's own credentials.

// operate runs a command and holds its calls to the policies of a role.
func (b *bootstrapped) operate(t *testing.T, role iampolicy.Role, args ...string) answer {
	t.Helper()
	return b.held(t, role, func() answer { return b.p.evenkeel(args...) })
}

// held is operate for anything that calls AWS.
func (b *bootstrapped) held(t *testing.T, role iampolicy.Role, run func() answer) answer {
	t.Helper()
	since := b.now(t)
	a := run()
	calls, err := b.emulator.Calls(context.Background(), since)
	require.NoError(t, err)
	require.NotEmpty(t, calls, "%s%s", a.stdout, a.stderr)
	s := b.stack(t)
	for _, c := range calls {
		b.called = append(b.called, recorded.Entry{Role: role, Call: c})
	}
	for _, who := range []iampolicy.Role{role, iampolicy.Boundary} {
		documents := b.policies(t, who)
		denied, err := recorded.Denied(s, func(r iampolicy.Request) bool { return iampolicy.Allowed(documents, r) }, calls)
		require.NoError(t, err)
		assert.Empty(t, denied, "%s may not", who)
	}
	return a
}

func (b *bootstrapped) stack(t *testing.T) recorded.Stack {
	t.Helper()
	return recorded.Stack{Name: "dev", Service: "orders", Region: "eu-west-1", Account: "123456789012", Aliases: b.aliases(t)}
}

// record writes the recording of the account's own backend: the state's key has
// another id each time.
func (b *bootstrapped) record(t *testing.T) {
	s := b.stack(t)
	_, id, _ := strings.Cut(s.Aliases["alias/evenkeel-state"], ":key/")
	require.NotEmpty(t, id)
	keep(t, "backend", s, b.called, id, "12345678-1234-1234-1234-123456789012")
}

func (b *bootstrapped) policies(t *testing.T, role iampolicy.Role) []policydoc.Document {
	t.Helper()
	a := b.p.evenkeel("policy", "--stack", "dev", "--role", string(role))
	require.Zero(t, a.code, a.stderr)
	out, err := recorded.ParseDocuments([]byte(a.stdout))
	require.NoError(t, err)
	return out
}

// aliases are the account's, with the ARNs of their keys.
func (b *bootstrapped) aliases(t *testing.T) map[string]string {
	t.Helper()
	list, err := kms.NewFromConfig(awsConfig(b.emulator.URL)).ListAliases(context.Background(), &kms.ListAliasesInput{})
	require.NoError(t, err)
	out := map[string]string{}
	for _, a := range list.Aliases {
		if a.TargetKeyId != nil {
			out[aws.ToString(a.AliasName)] = "arn:aws:kms:eu-west-1:123456789012:key/" + *a.TargetKeyId
		}
	}
	return out
}

// push puts an image without layers into the repository, and returns its digest.
func (b *bootstrapped) push(t *testing.T, tag string) string {
	t.Helper()
	image, err := ecr.NewFromConfig(awsConfig(b.emulator.URL)).PutImage(context.Background(), &ecr.PutImageInput{
		RepositoryName: aws.String("orders-dev"), ImageTag: aws.String(tag),
		ImageManifest: aws.String(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[],"annotations":{"tag":"` + tag + `"},` +
			`"config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}`),
	})
	require.NoError(t, err)
	return aws.ToString(image.Image.ImageId.ImageDigest)
}

// released brings a first image to users through the user's own backend.
func (b *bootstrapped) released(t *testing.T) {
	ctx, cfg := context.Background(), awsConfig(b.emulator.URL)
	_, err := secretsmanager.NewFromConfig(cfg).PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String("orders-dev/database-url"), SecretString: aws.String("postgres://example"),
	})
	require.NoError(t, err)
	digest := b.push(t, "release-1")

	lost := b.p.evenkeel("release", "--stack", "dev", "--image", digest)
	assert.Equal(t, 1, lost.code)
	assert.Contains(t, lost.stderr, "set PULUMI_BACKEND_URL, or `pulumi login`")
	require.NotEmpty(t, b.report.Backend)
	b.p.env = append(b.p.env, "PULUMI_BACKEND_URL="+b.report.Backend)

	before := b.text(t)
	a := b.operate(t, iampolicy.Deploy, "release", "--stack", "dev", "--image", digest, "--poll", "300ms", "--format", "json")
	require.Zero(t, a.code, a.stderr)
	var v verdict
	require.NoError(t, json.Unmarshal([]byte(a.stdout), &v))
	assert.Equal(t, "succeeded", v.Verdict)
	assert.Equal(t, digest, v.Serving.Image)
	assert.Equal(t, before, b.text(t), "a release changes no file of the user's")
	b.first = digest
}

// drifted finds what somebody has changed by hand, and nothing before.
func (b *bootstrapped) drifted(t *testing.T) {
	a := b.operate(t, iampolicy.Preview, "preview", "--stack", "dev")
	require.Zero(t, a.code, a.stderr)
	assert.Contains(t, a.stdout, "is as it is deployed")
	a = b.operate(t, iampolicy.Preview, "drift", "--stack", "dev")
	require.Zero(t, a.code, "%s%s", a.stdout, a.stderr)

	_, err := cloudwatchlogs.NewFromConfig(awsConfig(b.emulator.URL)).PutRetentionPolicy(context.Background(), &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: aws.String("/ecs/orders-dev"), RetentionInDays: aws.Int32(1),
	})
	require.NoError(t, err)
	a = b.operate(t, iampolicy.Preview, "drift", "--stack", "dev", "--format", "markdown")
	assert.Equal(t, 1, a.code)
	assert.Contains(t, a.stdout, "orders-logs")
	assert.Contains(t, a.stderr, "what is deployed is not what the program describes")
}
