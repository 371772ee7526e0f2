package main

import (
	"context"

	"github.com/spf13/cobra"

	"evenkeel/internal/local"
)

func pushCommand() *cobra.Command {
	var o local.PushOptions
	c := operation("push", "Put an image without layers into a stack's emulated repository, and print its digest",
		func(ctx context.Context, req *local.Request) (writer, writer, error) {
			if err := o.Validate(); err != nil {
				return nil, nil, &usageError{err}
			}
			p, err := local.Push(ctx, req, o)
			if err != nil {
				return nil, nil, err
			}
			return p.WriteText, p.WriteJSON, nil
		})
	c.Flags().StringVar(&o.Tag, "tag", "", "the image's tag, such as v1; another tag makes another image")
	c.Flags().StringArrayVar(&o.Findings, "finding", nil, "let the repository's scan find something of this `severity`, such as CRITICAL; repeat it for more")
	return c
}
