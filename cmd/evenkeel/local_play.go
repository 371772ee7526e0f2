package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"evenkeel/internal/local"
	"evenkeel/internal/local/gateway"
	"evenkeel/internal/local/gateway/play"
)

func playCommand() *cobra.Command {
	var image, outcome string
	var step time.Duration
	c := operation("play", "Say how deployments go on a stack's emulated AWS, or show it",
		func(ctx context.Context, req *local.Request) (writer, writer, error) {
			var set *gateway.Play
			if outcome != "" {
				set = &gateway.Play{Image: image, Outcome: gateway.Outcome(outcome), StepMS: int(step.Milliseconds())}
				if err := set.Validate(); err != nil {
					return nil, nil, &usageError{err}
				}
			}
			p, err := local.Play(ctx, req, set)
			if err != nil {
				return nil, nil, err
			}
			return p.WriteText, p.WriteJSON, nil
		})
	c.Long = "Says how deployments of an image go that start from now on, on emulated AWS, which runs\n" +
		"nothing. Without --outcome it shows what was said before. The outcomes:\n\n" +
		"  healthy    tasks start and pass their checks\n" +
		"  crash      the container exits with 1 as soon as it runs\n" +
		"  unhealthy  tasks run and fail the load balancer's health checks\n" +
		"  alarm      tasks are healthy, and the first rollback alarm rings\n" +
		"  stuck      tasks stay pending: there is no capacity\n\n" +
		"A step is how long a task takes from one status to the next; what AWS counts in minutes\n" +
		"takes a step a minute. It proves nothing about AWS: docs/emulator.md says what is played."
	c.Flags().StringVar(&image, "image", "", "the `digest` of the image; empty for every image without a play of its own")
	c.Flags().StringVar(&outcome, "outcome", "", "how it goes: "+strings.Join(play.Outcomes(), ", "))
	c.Flags().DurationVar(&step, "step", 300*time.Millisecond, "how long a step takes, 1ms to 1m")
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if outcome == "" && (c.Flags().Changed("image") || c.Flags().Changed("step")) {
			return usagef("--outcome: is not set, want %s", strings.Join(play.Outcomes(), ", "))
		}
		if step < time.Millisecond || step > time.Minute {
			return usagef("--step: is %s, want 1ms to 1m", step)
		}
		return run(c, args)
	}
	return c
}
