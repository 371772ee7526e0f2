package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"evenkeel/internal/local"
)

func logsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "logs", Short: "Show what the API has logged that `local up --with-api` started",
		Long: "Shows the output of the API that `local up --with-api` started: lines of slog's JSON\n" +
			"handler in columns, anything else as it is. --format json leaves every line as it is.",
		Args: noArgs,
	}
	stack, format := stackFlag(c), formatFlag(c, "text", "json")
	o := local.LogOptions{}
	const some = 100
	c.Flags().IntVar(&o.Lines, "lines", some, "how many of the last lines to show")
	c.Flags().BoolVarP(&o.Follow, "follow", "f", false, "go on with every new line until Ctrl-C")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		if o.Lines < 0 {
			return usagef("--lines: is %d, want 0 or more", o.Lines)
		}
		req, err := request(c, *stack)
		if err != nil {
			return err
		}
		o.Raw, o.Color = f == "json", colored(c.OutOrStdout())
		return local.Logs(c.Context(), req, o, c.OutOrStdout())
	}
	return c
}

// colored says whether w is a terminal whose user has nothing against colors.
// https://no-color.org
func colored(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))
}
