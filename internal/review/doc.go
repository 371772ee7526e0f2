// Package review writes what a pull request changes in each stack as one text
// in GitHub's Markdown: what Pulumi would do, how the resource graph and the
// alarm catalogue differ from the base branch's, and sections that other
// commands wrote. It only reads files and computes: asking AWS is the preview's
// business, and internal/githubapi posts the text.
package review
