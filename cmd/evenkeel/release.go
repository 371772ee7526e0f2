package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	userstack "evenkeel/internal/backend"
	"evenkeel/internal/deploytime"
	"evenkeel/internal/local"
	"evenkeel/internal/release"
	"evenkeel/stacks"
)

// releaseFlags are how a release was asked for.
type releaseFlags struct {
	image           string
	watch, rollback bool
	local           bool
	noSmoke         bool
	testURL         string
	options         release.Options
}

func releaseCommand() *cobra.Command {
	var f releaseFlags
	c := &cobra.Command{
		Use:   "release",
		Short: "Bring an image to a stack's users, and say what came of it",
		Long: "Checks what could make it fail, updates the stack, follows the deployment and ends with a\n" +
			"verdict: succeeded, rolledBack, stuck or refused. Exit 0 only when the image serves all\n" +
			"traffic. docs/release.md says what is checked and how each strategy goes.\n\n" +
			"  evenkeel release --stack prod --image sha256:<digest>\n" +
			"  evenkeel release --stack prod --watch       follows the deployment that is on its way\n" +
			"  evenkeel release --stack prod --rollback    returns to the last image that was good, or to --image",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	c.Flags().StringVar(&f.image, "image", "", "the `digest` of the image to release, sha256:..., or a whole reference by digest")
	c.Flags().BoolVar(&f.watch, "watch", false, "follow the deployment that another run has begun")
	c.Flags().BoolVar(&f.rollback, "rollback", false, "return to the last image that served all traffic, or to --image")
	c.Flags().BoolVar(&f.local, "local", false, "release on the emulated stack that `evenkeel local up` runs")
	c.Flags().DurationVar(&f.options.Timeout, "timeout", 0, "how long AWS may take; 0: an hour longer than the strategy takes to move all traffic")
	c.Flags().DurationVar(&f.options.Poll, "poll", 5*time.Second, "time between two questions to AWS")
	c.Flags().DurationVar(&f.options.Bake, "bake", release.DefaultBake, "with blueGreen, how long the rollback alarms are waited for once all traffic has moved")
	c.Flags().BoolVar(&f.options.NoSettle, "no-settle", false, "after a rollback leave Pulumi's state naming the image that failed")
	c.Flags().BoolVar(&f.options.DespiteAlarms, "despite-alarms", false, "release while a rollback alarm rings; no alarm then takes the new version back")
	c.Flags().BoolVar(&f.noSmoke, "no-smoke-test", false, "let CodeDeploy move the traffic without asking the new tasks first")
	c.Flags().StringVar(&f.testURL, "test-url", "", "where to ask the new tasks, instead of the test listener's own `URL`")
	c.RunE = func(c *cobra.Command, _ []string) error {
		as, err := format()
		if err != nil {
			return err
		}
		if err := f.check(c); err != nil {
			return err
		}
		f.options.Stack = *stack
		report, err := f.run(c.Context(), c, *stack)
		if err != nil {
			return err
		}
		if err := summarize(os.Getenv("GITHUB_STEP_SUMMARY"), report); err != nil {
			return err
		}
		write := report.WriteText
		if as == "json" {
			write = report.WriteJSON
		}
		if err := write(c.OutOrStdout()); err != nil {
			return err
		}
		if !report.OK() {
			return fmt.Errorf("release of %s: %s", *stack, report.Verdict)
		}
		return nil
	}
	return c
}

func (f *releaseFlags) check(c *cobra.Command) error {
	image := c.Flags().Changed("image")
	switch {
	case !image && !f.watch && !f.rollback, f.watch && (image || f.rollback):
		return usagef("want --image, --rollback, both, or --watch alone; `%s --help` says what each does", c.CommandPath())
	case image && !release.Digest.MatchString(f.image):
		return usagef("--image: is %q, want a digest, sha256: and 64 hexadecimal digits, which a tag is not: "+
			"`aws ecr describe-images --repository-name <repository> --image-ids imageTag=<tag> --query imageDetails[0].imageDigest --output text` prints it", f.image)
	case f.options.Timeout < 0:
		return usagef("--timeout: is %s, want more than 0, such as 60m, or 0 for the default", f.options.Timeout)
	case f.options.Bake <= 0:
		return usagef("--bake: is %s, want more than 0, such as 6m", f.options.Bake)
	case f.options.Poll < 100*time.Millisecond:
		return usagef("--poll: is %s, want 100ms or more", f.options.Poll)
	}
	return nil
}

func (f *releaseFlags) run(ctx context.Context, c *cobra.Command, stack string) (*release.Report, error) {
	r := release.Releaser{Progress: c.ErrOrStderr(), Options: f.options}
	r.Options.TestURL = f.testURL
	if f.noSmoke {
		r.Options.NoSmoke = "as asked by --no-smoke-test"
	}
	open := f.onAWS
	if f.local {
		open = f.emulated
	}
	if err := f.configured(&r.Options, stack); err != nil {
		return nil, err
	}
	done, err := open(c, stack, &r)
	if err != nil {
		return nil, err
	}
	defer done()
	switch {
	case f.watch:
		return r.Watch(ctx)
	case f.rollback && f.image != "":
		return r.RollbackTo(ctx, f.image)
	case f.rollback:
		return r.Rollback(ctx)
	}
	return r.Release(ctx, f.image)
}

// configured completes the options by what the stack's configuration says.
func (f *releaseFlags) configured(o *release.Options, stack string) error {
	s, err := choose(stack)
	if err != nil {
		return err
	}
	o.Pinned = s.stack.Config[stacks.Namespace+":image"]
	if o.Timeout == 0 {
		v, err := deployment(stack)
		if err != nil {
			return err
		}
		o.Timeout = v.Patience()
	}
	return nil
}

// deployment is what the stack sets about its deployments.
func deployment(stack string) (deploytime.Values, error) {
	s, err := choose(stack)
	if err != nil {
		return deploytime.Values{}, err
	}
	g, err := s.graph(withImage(s.stack.Config))
	if err != nil {
		return deploytime.Values{}, err
	}
	return deploytime.Of(g)
}

// onAWS releases by the user's own backend and credentials.
func (f *releaseFlags) onAWS(c *cobra.Command, stack string, r *release.Releaser) (func(), error) {
	s, err := choose(stack)
	if err != nil {
		return nil, err
	}
	d, err := userstack.Open(c.Context(), userstack.Options{
		Project: s.project, Stack: s.stack, Program: stacks.Program, Progress: c.ErrOrStderr(),
	})
	if err != nil {
		return nil, err
	}
	r.Deployer = d
	r.Connect = func(ctx context.Context, region string) (release.Clients, error) {
		config, err := userstack.AWS(ctx, region)
		return release.NewClients(config), err
	}
	return func() {}, nil
}

// emulated releases on the emulated stack. Its load balancer's name leads
// nowhere, so the API that runs next to it plays the new tasks.
func (f *releaseFlags) emulated(c *cobra.Command, stack string, r *release.Releaser) (func(), error) {
	req, err := request(c, stack)
	if err != nil {
		return nil, err
	}
	d, done, err := local.NewDeployer(req)
	if err != nil {
		return nil, err
	}
	r.Deployer = d
	r.Connect = func(context.Context, string) (release.Clients, error) {
		config, err := d.AWS()
		return release.NewClients(config), err
	}
	r.Options.Command = "evenkeel release --local --stack " + stack
	if !c.Flags().Changed("poll") { // steps take parts of a second there
		r.Options.Poll = 200 * time.Millisecond
	}
	if !c.Flags().Changed("bake") {
		r.Options.Bake = 5 * time.Second
	}
	if r.Options.TestURL == "" {
		if r.Options.TestURL, err = d.APIURL(); err != nil {
			done()
			return nil, err
		}
	}
	if r.Options.TestURL == "" && r.Options.NoSmoke == "" {
		r.Options.NoSmoke = "`evenkeel local up --with-api` runs the API that would be asked"
	}
	return done, nil
}

// summarize adds the report to the summary of a GitHub job.
func summarize(file string, r *release.Report) (err error) {
	if file == "" {
		return nil
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return r.WriteMarkdown(io.Writer(out))
}
