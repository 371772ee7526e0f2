package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/spf13/cobra"

	"evenkeel/internal/backend"
	"evenkeel/internal/image"
	"evenkeel/internal/project"
	"evenkeel/stacks"
)

func imageCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "image",
		Short: "A built image: its digest, into a stack's repository, what the scan finds",
		Args:  knownCommand, RunE: showHelp,
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(imageShowCommand(), imagePlatformCommand(), imagePushCommand(), imageScanCommand())
	return c
}

// layoutFlag adds --layout, a folder with an image.
func layoutFlag(c *cobra.Command) *string {
	return c.Flags().String("layout", "build/image", "the `folder` with the image, as `make image` writes it")
}

func imageShowCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "show", Short: "Print the digest of a built image that `release` deploys, offline", Args: noArgs,
	}
	layout, format := layoutFlag(c), formatFlag(c, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		l, err := image.Open(*layout)
		if err != nil {
			return &usageError{err}
		}
		if f == "json" {
			return writeJSON(c.OutOrStdout(), l)
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), l.Image)
		return err
	}
	return c
}

func imagePlatformCommand() *cobra.Command {
	var only []string
	c := &cobra.Command{
		Use:   "platform",
		Short: "Print what to build an image for, such as linux/arm64, offline; all stacks must agree",
		Args:  noArgs,
	}
	c.Flags().StringSliceVar(&only, "stack", nil, "the `stacks` that the image is for, with commas; empty: all")
	format := formatFlag(c, "text", "json")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		p, err := project.Find(".")
		if err != nil {
			return &usageError{err}
		}
		if len(only) == 0 {
			if only, err = p.Stacks(); err != nil {
				return err
			}
		}
		if len(only) == 0 {
			return usagef("no stack: want a Pulumi.<stack>.yaml")
		}
		of := map[string]string{}
		for _, stack := range only {
			if of[stack], err = platformOf(stack); err != nil {
				return err
			}
		}
		platform, err := image.Agreed(of)
		if err != nil {
			return err
		}
		if f == "json" {
			return writeJSON(c.OutOrStdout(), map[string]any{"platform": platform, "stacks": of})
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), platform)
		return err
	}
	return c
}

// platformOf is what a stack's tasks run on, by its definition.
func platformOf(stack string) (string, error) {
	s, err := choose(stack)
	if err != nil {
		return "", err
	}
	g, err := s.graph(s.stack.Config)
	if err != nil {
		return "", err
	}
	platform, err := image.Platform(g)
	if err != nil {
		return "", fmt.Errorf("stack %s: %w", stack, err)
	}
	return platform, nil
}

// fits refuses an image that the stack's tasks could not run.
func fits(l *image.Layout, folder, stack string) error {
	want, err := platformOf(stack)
	if err != nil || l.Platform == "" || l.Platform == want {
		return err
	}
	return fmt.Errorf("the image in %s is for %s, and the tasks of stack %s run on %s: `make image` builds for what the stacks run on, "+
		"evenkeel:service.architecture of Pulumi.%[3]s.yaml chooses it", folder, l.Platform, stack, want)
}

func imagePushCommand() *cobra.Command {
	var want, tag string
	c := &cobra.Command{
		Use:   "push",
		Short: "Push a built image, with its SBOM and provenance, to a stack's repository",
		Long: "Pushes an image from a folder to a stack's ECR repository, without Docker: the same bytes, so\n" +
			"the same digest, in every stack's. It needs the rights of the role \"push\". An interrupted\n" +
			"push can be repeated; what is there already is not sent again.",
		Args: noArgs,
	}
	stack, layout, format := stackFlag(c), layoutFlag(c), formatFlag(c, "text", "json")
	c.Flags().StringVar(&tag, "tag", "", "the image's tag; release- at its start keeps it from being expired")
	c.Flags().StringVar(&want, "image", "", "refuse an image that has another `digest`; empty accepts any")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		if err := image.CheckTag(tag); err != nil {
			return usagef("--tag: %w", err)
		}
		l, err := image.Open(*layout)
		if err != nil {
			return &usageError{err}
		}
		if want != "" && want != l.Image {
			return fmt.Errorf("--image: %s is not the image in %s, which is %s", want, *layout, l.Image)
		}
		if err := fits(l, *layout, *stack); err != nil {
			return err
		}
		client, repository, err := repositoryOf(c.Context(), *stack)
		if err != nil {
			return err
		}
		p := &image.Pusher{ECR: client, Repository: repository, Progress: tell(c.ErrOrStderr())}
		if err := p.Push(c.Context(), l, tag); err != nil {
			return err
		}
		if f == "json" {
			return writeJSON(c.OutOrStdout(), map[string]string{
				"repository": repository, "tag": tag, "index": l.Index, "image": l.Image, "platform": l.Platform,
			})
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s is in %s, tagged %s.\n", l.Image, repository, tag)
		return err
	}
	return c
}

// scanTimeout is longer than a scan took that anybody has reported, minutes.
const scanTimeout = 15 * time.Minute

func imageScanCommand() *cobra.Command {
	var digest string
	var timeout time.Duration
	c := &cobra.Command{
		Use:   "scan",
		Short: "Wait for the scan of an image in a stack's repository; exit 1 on critical findings",
		Args:  noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	c.Flags().StringVar(&digest, "image", "", "the image's `digest`, sha256:...")
	c.Flags().DurationVar(&timeout, "timeout", scanTimeout, "how long to wait for the scan")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		if err := image.CheckDigest(digest); err != nil {
			return usagef("--image: %w", err)
		}
		if timeout <= 0 {
			return usagef("--timeout: is %s, want more than nothing, such as 15m", timeout)
		}
		client, repository, err := repositoryOf(c.Context(), *stack)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(c.Context(), timeout)
		defer cancel()
		s := &image.Scanner{ECR: client, Repository: repository, Progress: tell(c.ErrOrStderr())}
		found, err := s.Wait(ctx, digest)
		if err != nil {
			return err
		}
		if f == "json" {
			err = writeJSON(c.OutOrStdout(), found)
		} else {
			_, err = fmt.Fprintf(c.OutOrStdout(), "The scan of %s in %s found %s (%s).\n", digest, repository, found.Summary(), found.Status)
		}
		if err != nil {
			return err
		}
		if w := found.Warning(); w != "" {
			fmt.Fprintln(c.ErrOrStderr(), "warning:", w)
		}
		return found.Verdict()
	}
	return c
}

// repositoryOf is a stack's ECR repository, by its definition.
func repositoryOf(ctx context.Context, stack string) (*ecr.Client, string, error) {
	s, err := choose(stack)
	if err != nil {
		return nil, "", err
	}
	g, err := s.graph(s.stack.Config)
	if err != nil {
		return nil, "", err
	}
	name, err := image.Repository(g)
	if err != nil {
		return nil, "", fmt.Errorf("stack %s: %w", stack, err)
	}
	cfg, err := stacks.Decode(stack, s.stack.Config)
	if err != nil {
		return nil, "", err
	}
	aws, err := backend.AWS(ctx, cfg.AWS.Region)
	if err != nil {
		return nil, "", err
	}
	return ecr.NewFromConfig(aws), name, nil
}

// tell writes progress, a line each.
func tell(w io.Writer) func(string) {
	return func(s string) { fmt.Fprintln(w, s) }
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
