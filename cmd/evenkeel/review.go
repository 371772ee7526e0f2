package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"evenkeel/internal/review"
)

// minLimit leaves room for the titles.
const minLimit = 1000

func reviewCommand() *cobra.Command {
	var base, head string
	var sections []string
	in := review.Input{}
	c := &cobra.Command{
		Use:   "review",
		Short: "Write what a pull request changes in each stack, as a GitHub comment",
		Long: "Writes, in GitHub's Markdown and within a comment's size, what a change means for each\n" +
			"stack: what Pulumi would do, and how the resource graph and the alarm catalogue differ\n" +
			"from the base branch's. It compares two folders with files <stack>.graph.json and\n" +
			"<stack>.alarms.json (`evenkeel graph|alarms --format json`); in --head there may also be\n" +
			"<stack>.preview.json (`evenkeel preview --format json`) or <stack>.preview.txt (`evenkeel\n" +
			"local preview`). `make review` writes them all. Posting the text is not its business:\n" +
			"`make review-comment` does.",
		Args: noArgs,
	}
	c.Flags().StringVar(&base, "base", "", "the `folder` with the base branch's files")
	c.Flags().StringVar(&head, "head", "", "the `folder` with this branch's files")
	c.Flags().StringArrayVar(&sections, "section", nil, "add a section: its `title=file`, a file in Markdown; may be repeated")
	c.Flags().StringVar(&in.Commit, "commit", "", "the `commit` that is looked at, to be named in the text")
	c.Flags().StringVar(&in.Base, "base-commit", "", "the `commit` that it is compared with, to be named in the text")
	c.Flags().IntVar(&in.Limit, "limit", review.Limit, "the text's most bytes; the default is what GitHub accepts as a comment")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if in.Limit < minLimit {
			return usagef("--limit: is %d, want %d or more", in.Limit, minLimit)
		}
		if base == "" || head == "" {
			return usagef("--base and --head: both are required, folders that `make review` writes")
		}
		for _, s := range sections {
			title, file, ok := strings.Cut(s, "=")
			if !ok || title == "" || file == "" {
				return usagef("--section: is %q, want title=file, such as Cost=cost.md", s)
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				return &usageError{fmt.Errorf("--section %s: %w", title, err)}
			}
			in.Sections = append(in.Sections, review.Section{Title: title, Markdown: string(raw)})
		}
		var err error
		if in.Stacks, err = review.Read(base, head); err != nil {
			return &usageError{err}
		}
		text, err := review.Render(in)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(c.OutOrStdout(), text)
		return err
	}
	return c
}
