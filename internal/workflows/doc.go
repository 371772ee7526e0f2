// Package workflows holds the GitHub workflows of this repository to rules that
// actionlint does not know: what they may be started by, what their jobs may do,
// whose code they run, and that every step is a make target. docs/pipeline.md
// says why. The rules follow zizmor and the OpenSSF Scorecard.
// https://docs.zizmor.sh/audits/
// https://github.com/ossf/scorecard/blob/main/docs/checks.md
package workflows
