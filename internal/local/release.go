package local

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Deployer updates an emulated stack for a release; see package release.
type Deployer struct{ req *Request }

// NewDeployer keeps every other command from the stack until done is called.
// The stack must be running.
func NewDeployer(req *Request) (d *Deployer, done func(), err error) {
	done, err = req.claim("release")
	if err != nil {
		return nil, nil, err
	}
	if _, err := req.running(); err != nil {
		done()
		return nil, nil, err
	}
	return &Deployer{req}, done, nil
}

// Outputs are those of the last update.
func (d *Deployer) Outputs(context.Context) (map[string]any, error) {
	state, err := readState(d.req)
	if err != nil || state == nil {
		return nil, err
	}
	for _, r := range state.Resources {
		if r.Type == "pulumi:pulumi:Stack" {
			return r.Outputs, nil
		}
	}
	return nil, nil
}

// Update deploys the stack with an image.
func (d *Deployer) Update(ctx context.Context, image string) (map[string]any, error) {
	req, stack := *d.req, *d.req.Stack
	stack.Config = maps.Clone(stack.Config)
	stack.Config[req.Project.Name+":image"] = image
	req.Stack = &stack
	opening := time.Now()
	s, err := open(ctx, &req)
	if err != nil {
		return nil, err
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	if s.started {
		return nil, errors.Join(errEmulatorGone, s.closeIfStarted())
	}
	result, err := s.deploy(ctx, opening)
	if err != nil {
		return nil, err
	}
	return result.Outputs, nil
}

// AWS is how clients reach the emulated account.
func (d *Deployer) AWS() (aws.Config, error) {
	i, err := d.req.running()
	if err != nil {
		return aws.Config{}, err
	}
	return d.req.awsConfig(i.URL), nil
}

// APIURL is where the stack's API answers as a process of this machine; empty
// when it does not run.
func (d *Deployer) APIURL() (string, error) {
	api, err := d.req.lookAtAPI()
	if err != nil {
		return "", err
	}
	return api.URL, nil
}
