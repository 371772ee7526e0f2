// Command tell tells GitHub what a job found; see package githubapi.
//
//	tell comment --pull-request N --file FILE
//	tell issue   --title TITLE --file FILE [--label L]
//	tell close   --file FILE
//	tell release --tag TAG --commit SHA [--file FILE]
//
// GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_API_URL are taken from the
// environment. The result, a URL, is on stdout. Exit code 1: GitHub refused; 2:
// the question was wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"evenkeel/internal/githubapi"
)

const usage = "usage: tell comment --pull-request N --file FILE\n" +
	"       tell issue   --title TITLE --file FILE [--label LABEL]\n" +
	"       tell close   --file FILE\n" +
	"       tell release --tag TAG --commit SHA [--file FILE]\n"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

type options struct {
	file, title, label, tag, commit string
	pullRequest                     int
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	url, err := tell(ctx, args, getenv, stderr)
	var refused *githubapi.APIError
	switch {
	case errors.As(err, &refused):
		fmt.Fprintln(stderr, "error:", err)
		return 1
	case err != nil:
		fmt.Fprintln(stderr, "error:", err)
		return 2
	}
	if url != "" {
		fmt.Fprintln(stdout, url)
	}
	return 0
}

var errUsage = errors.New("want one of comment, issue, close and release, with its flags")

func tell(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) (string, error) {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return "", errUsage
	}
	var o options
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.file, "file", "", "the text, a file in Markdown")
	f.StringVar(&o.title, "title", "", "the issue's title")
	f.StringVar(&o.label, "label", "", "a new issue's label")
	f.StringVar(&o.tag, "tag", "", "the release's tag")
	f.StringVar(&o.commit, "commit", "", "the release's commit")
	f.IntVar(&o.pullRequest, "pull-request", 0, "the pull request's number")
	if err := f.Parse(args[1:]); err != nil {
		return "", err
	}
	if f.NArg() > 0 {
		return "", fmt.Errorf("%q is no flag: %w", f.Arg(0), errUsage)
	}
	text := ""
	if o.file != "" || args[0] != "release" {
		raw, err := os.ReadFile(o.file)
		if err != nil {
			return "", fmt.Errorf("--file: %w", err)
		}
		text = string(raw)
	}
	c, err := githubapi.New(getenv)
	if err != nil {
		return "", err
	}
	switch args[0] {
	case "comment":
		return c.Comment(ctx, o.pullRequest, text)
	case "issue":
		var labels []string
		if o.label != "" {
			labels = []string{o.label}
		}
		return c.Open(ctx, o.title, text, labels)
	case "close":
		return c.Close(ctx, text)
	case "release":
		return c.Publish(ctx, githubapi.Release{Tag: o.tag, Commit: o.commit, Text: text})
	}
	fmt.Fprint(stderr, usage)
	return "", fmt.Errorf("%q: %w", args[0], errUsage)
}
