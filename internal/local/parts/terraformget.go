package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"evenkeel/internal/local/parts/tfmirror"
)

func (f *finder) providerDir() string {
	p := awsProvider
	return filepath.Join(f.providerCache(), p.Host, p.Namespace, p.Type, p.Version, p.OS+"_"+p.Arch)
}

func (f *finder) unpackProvider(archive string) (err error) {
	step := "unpacking the " + terraformName + " " + TerraformAWSVersion
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "unpacked")) }()
	dir, remove, err := f.cache.scratch("provider")
	if err != nil {
		return err
	}
	defer remove()
	target := filepath.Join(dir, "target")
	if err := os.Mkdir(target, 0o755); err != nil {
		return f.cache.trouble(err)
	}
	if err := unzip(archive, target); err != nil {
		return f.cache.trouble(err)
	}
	if programs, _ := filepath.Glob(filepath.Join(target, "terraform-provider-aws*")); len(programs) == 0 {
		return fmt.Errorf("unpack %s: has no terraform-provider-aws*", archive)
	}
	return f.cache.place(target, f.providerDir())
}

const providerConfig = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "` + TerraformAWSVersion + `"
    }
  }
}
`

// terraformInit lets terraform install the provider by the user's own
// Terraform configuration, which may name a network mirror.
func (f *finder) terraformInit(ctx context.Context) (err error) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		return errors.New("terraform init: no terraform on PATH")
	}
	if f.net.offline {
		return errOffline
	}
	cfg, _ := tfmirror.ReadConfig(tfmirror.ConfigFile(os.Getenv), os.Getenv)
	if !cfg.NetworkMirror {
		if err := f.net.reach(ctx, registryHost); err != nil {
			return fmt.Errorf("terraform init: %w", err)
		}
	}
	const step = "downloading the " + terraformName + " " + TerraformAWSVersion + " with terraform init, about 150 MB"
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "downloaded")) }()
	dir, remove, err := f.cache.scratch("terraform")
	if err != nil {
		return err
	}
	defer remove()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(providerConfig), 0o644); err != nil {
		return f.cache.trouble(err)
	}
	_, err = command{
		argv:  []string{terraform, "init", "-backend=false", "-input=false", "-no-color"},
		dir:   dir,
		env:   childEnviron(terraformVariables, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"),
		limit: initLimit,
	}.run(ctx)
	if err != nil {
		return f.cache.trouble(err)
	}
	return f.takeProvider(filepath.Join(dir, ".terraform", "providers"))
}

// takeProvider moves what terraform installed to the cache. Where it is a
// link to a plugin cache or mirror of the user, it is copied.
func (f *finder) takeProvider(installed string) error {
	got, err := awsProvider.In(installed)
	if err != nil {
		return fmt.Errorf("terraform init: %w", err)
	}
	dir, remove, err := f.cache.scratch("provider")
	if err != nil {
		return err
	}
	defer remove()
	target := filepath.Join(dir, "target")
	if err := os.Mkdir(target, 0o755); err != nil {
		return f.cache.trouble(err)
	}
	program := filepath.Base(got.Executable)
	if err := linkOrCopy(got.Executable, filepath.Join(target, program)); err != nil {
		return f.cache.trouble(err)
	}
	return f.cache.place(target, f.providerDir())
}
