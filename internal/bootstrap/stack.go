package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/goccy/go-yaml"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"evenkeel/internal/local/parts"
)

// secretsSettings is what Pulumi writes to a stack's file about its secrets.
type secretsSettings struct {
	Provider     string `yaml:"secretsprovider"`
	EncryptedKey string `yaml:"encryptedkey"`
	Salt         string `yaml:"encryptionsalt"`
}

// stack finds or makes the stack in the bucket, with its secrets under the key,
// and goes on to its first update.
func (r *run) stack(ctx context.Context) error {
	settings, err := r.secretsSettings()
	if err != nil {
		return err
	}
	if r.Check {
		return r.checkStack(ctx, settings)
	}
	if err := r.refuseOtherSecrets(settings); err != nil {
		return err
	}
	ws, err := r.workspace(ctx)
	if err != nil {
		return err
	}
	s, made, err := r.upsert(ctx, ws, settings)
	if err != nil {
		return err
	}
	notes, err := r.repairSecrets(ctx, s, made)
	if err != nil {
		return err
	}
	r.done("stack", r.Stack.Name+" in "+r.report.Backend, r.status(made, notes), append(notes, r.otherBackend()...)...)
	if err := r.configure(ctx, s); err != nil {
		return err
	}
	return r.update(ctx, s)
}

func (r *run) secretsSettings() (secretsSettings, error) {
	var out secretsSettings
	raw, err := os.ReadFile(filepath.Join(r.Project.Root, r.Stack.File))
	if err == nil {
		err = yaml.Unmarshal(raw, &out)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, fmt.Errorf("read %s: %w", r.Stack.File, err)
	}
	return out, nil
}

// refuseOtherSecrets refuses a file whose values another provider has
// encrypted: with the new one nobody could read them.
func (r *run) refuseOtherSecrets(s secretsSettings) error {
	had := s.Provider
	if had == "" && s.Salt != "" {
		had = "passphrase"
	}
	if had == "" || had == r.report.SecretsProvider {
		return nil
	}
	if len(r.Stack.Encrypted) == 0 && s.Provider == "" {
		return nil // a salt that encrypts nothing
	}
	return fmt.Errorf("%s: secretsprovider is %q, want %q. If the stack is in another backend, move it: "+
		"`pulumi stack change-secrets-provider '%[3]s' --stack %[4]s`, `pulumi stack export`, and `pulumi stack import` here. "+
		"If it was never deployed, remove secretsprovider, encryptedkey, encryptionsalt and the encrypted values from the file",
		r.Stack.File, had, r.report.SecretsProvider, r.Stack.Name)
}

// workspace is the project, with the bucket as its backend. The user's own login
// stays as it is: dev and prod are often in different accounts, and a login or a
// `backend:` in Pulumi.yaml would be for both.
func (r *run) workspace(ctx context.Context) (auto.Workspace, error) {
	command, err := parts.UserPulumi(r.Project.Root)
	if err != nil {
		return nil, err
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(r.Project.Root), auto.Program(r.Program), auto.Pulumi(command),
		auto.SecretsProvider(r.report.SecretsProvider), auto.EnvVars(map[string]string{"PULUMI_BACKEND_URL": r.report.Backend}))
	if err != nil {
		return nil, fmt.Errorf("open the project: %w", err)
	}
	return ws, nil
}

func (r *run) upsert(ctx context.Context, ws auto.Workspace, settings secretsSettings) (s auto.Stack, made bool, err error) {
	r.begin("opening stack %s in %s", r.Stack.Name, r.report.Backend)
	s, err = auto.SelectStack(ctx, r.Stack.Name, ws)
	if auto.IsSelectStack404Error(err) {
		s, err = auto.NewStack(ctx, r.Stack.Name, ws)
		made = true
	}
	if made && err != nil && settings.EncryptedKey != "" && strings.Contains(err.Error(), "create secrets manager") {
		return s, false, r.otherKey(err)
	}
	if err != nil {
		return s, false, fmt.Errorf("open stack %s in %s: %s", r.Stack.Name, r.report.Backend, complaint(err))
	}
	return s, made, nil
}

// otherKey words a failure to read the data key of a stack that is not there
// yet: the file is older than the key, or comes from another account.
func (r *run) otherKey(err error) error {
	remove := append([]string{"secretsprovider", "encryptedkey"}, r.Stack.Encrypted...)
	return fmt.Errorf("%s: encryptedkey cannot be decrypted by %s: another key has made it, such as one of another account or one that is deleted, "+
		"or the permission kms:Decrypt is missing. Stack %s is not in %s, so if it is not elsewhere either, remove %s from the file and run again (%s)",
		r.Stack.File, r.report.SecretsProvider, r.Stack.Name, r.report.Backend, strings.Join(remove, ", "), complaint(err))
}

// repairSecrets gives a stack's file back what it lost, or tells to commit it.
func (r *run) repairSecrets(ctx context.Context, s auto.Stack, made bool) ([]string, error) {
	now, err := r.secretsSettings()
	if err != nil {
		return nil, err
	}
	if !made && now.EncryptedKey != "" && now.Provider == r.report.SecretsProvider {
		return nil, nil
	}
	if !made {
		if err := s.ChangeSecretsProvider(ctx, r.report.SecretsProvider, &auto.ChangeSecretsProviderOptions{}); err != nil {
			return nil, fmt.Errorf("give stack %s its secrets provider %s: %s", r.Stack.Name, r.report.SecretsProvider, complaint(err))
		}
	}
	return []string{fmt.Sprintf("secretsprovider and encryptedkey are in %s now: commit it", r.Stack.File)}, nil
}

// otherBackend tells when the environment names another backend: commands that
// the user runs by hand go there.
func (r *run) otherBackend() []string {
	if other := os.Getenv("PULUMI_BACKEND_URL"); other != "" && other != r.report.Backend {
		return []string{"PULUMI_BACKEND_URL is " + other + " in your environment, which is another backend"}
	}
	return nil
}

// configure tells the stack where its state is, without which the roles of the
// pipeline have no rights to it, and to take GitHub's identity provider if the
// account has it. It does nothing without a repository, because then there are no
// roles.
func (r *run) configure(ctx context.Context, s auto.Stack) error {
	values, notes, err := r.unconfigured(ctx, &s)
	if err != nil || len(values) == 0 {
		return err
	}
	var set []string
	for _, v := range values {
		if err := s.SetConfigWithOptions(ctx, v[0], auto.ConfigValue{Value: v[1]}, &auto.ConfigOptions{Path: true}); err != nil {
			return fmt.Errorf("set %s: %s", v[0], complaint(err))
		}
		set = append(set, v[0]+" is "+v[1]+" now")
	}
	r.done("configuration", r.Stack.File, Mended, slices.Concat(set, notes, []string{"commit it"})...)
	return nil
}

// unconfigured are the keys, with their values, that the file lacks, and what to
// know of them. The stack is nil where it is not known yet.
func (r *run) unconfigured(ctx context.Context, s *auto.Stack) (out [][2]string, notes []string, err error) {
	if !r.GitHub.named() {
		return nil, nil, nil
	}
	if r.Bucket == "" {
		out = append(out, [2]string{"evenkeel:pipeline.stateBucket", r.bucketName()})
	}
	if r.KeyARN == "" {
		out = append(out, [2]string{"evenkeel:pipeline.stateKeyArn", r.keyARN})
	}
	provider, notes, err := r.adopted(ctx, s)
	if provider != "" {
		out = append(out, [2]string{providerKey, provider})
	}
	return out, notes, err
}

// checkStack looks for the stack's state in the bucket, where Pulumi keeps it,
// without asking Pulumi: whose first look at a bucket writes to it.
func (r *run) checkStack(ctx context.Context, settings secretsSettings) error {
	there, err := r.stateThere(ctx)
	if err != nil {
		return err
	}
	var notes []string
	if settings.Provider != r.report.SecretsProvider || settings.EncryptedKey == "" {
		notes = append(notes, fmt.Sprintf("secretsprovider and encryptedkey for %s are not in %s", r.report.SecretsProvider, r.Stack.File))
	}
	at := r.Stack.Name + " in " + r.report.Backend
	if !there {
		r.done("stack", at, Missing, append([]string{"would be made"}, notes...)...)
		r.done("update", r.Stack.Name, Missing, "the stack was never updated")
		return nil
	}
	if r.keyARN == "" {
		r.done("stack", at, Differs, append([]string{"it cannot be read: the key of its secrets is missing"}, notes...)...)
		return nil
	}
	r.done("stack", at, r.status(false, notes), append(notes, r.otherBackend()...)...)
	ws, err := r.workspace(ctx)
	if err != nil {
		return err
	}
	s, err := auto.SelectStack(ctx, r.Stack.Name, ws)
	if err != nil {
		return fmt.Errorf("open stack %s in %s: %s", r.Stack.Name, r.report.Backend, complaint(err))
	}
	values, about, err := r.unconfigured(ctx, &s)
	if err != nil {
		return err
	}
	if len(values) > 0 {
		var notes []string
		for _, v := range values {
			notes = append(notes, v[0]+" would be set to "+v[1])
		}
		r.done("configuration", r.Stack.File, Missing, append(notes, about...)...)
	}
	return r.checkUpdate(ctx, s)
}

// stateThere tells whether the bucket holds the stack's state. Pulumi's "project
// store" has one object a stack, compressed or not.
func (r *run) stateThere(ctx context.Context) (bool, error) {
	for _, s := range r.report.Steps {
		if s.Name == "bucket" && s.Status == Missing {
			return false, nil
		}
	}
	key := fmt.Sprintf(".pulumi/stacks/%s/%s.json", r.Project.Name, r.Stack.Name)
	out, err := r.aws.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: aws.String(r.bucketName()), Prefix: aws.String(key), ExpectedBucketOwner: aws.String(r.report.Account),
	})
	if err != nil {
		return false, err
	}
	for _, o := range out.Contents {
		if k := aws.ToString(o.Key); k == key || k == key+".gz" {
			return true, nil
		}
	}
	return false, nil
}

// complaint is what the CLI says on its standard error, without the rest of the
// Automation API's report.
func complaint(err error) string {
	_, stderr, found := strings.Cut(err.Error(), "\nstderr: ")
	if stderr = strings.TrimSpace(stderr); !found || stderr == "" {
		return err.Error()
	}
	return strings.TrimPrefix(stderr, "error: ")
}
