package release_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/release"
)

func sample() *release.Report {
	return &release.Report{
		Stack: "prod", Verdict: release.RolledBack, Image: newDigest, Revision: "orders-prod:8", Strategy: "canary",
		Cause:   "3 tasks stopped: Essential container in task exited (container orders, exit code 1)\nECS went back to orders-prod:7 | <b>",
		Serving: release.Serving{Image: oldDigest, Revision: "orders-prod:9"}, Runbook: "https://example.com/runbooks/deployment-failed.md",
		Next: "look at the cause; the stack is as it was before", Seconds: 374.2,
		Steps: []release.Step{{Name: "preflight", Seconds: 1.5}, {Name: "update", Seconds: 62}, {Name: "deployment", Seconds: 300}},
	}
}

func TestReportFormats(t *testing.T) {
	var text, asJSON, markdown strings.Builder
	require.NoError(t, sample().WriteText(&text))
	require.NoError(t, sample().WriteJSON(&asJSON))
	require.NoError(t, sample().WriteMarkdown(&markdown))
	golden.Equal(t, "testdata/report.txt", text.String())
	golden.Equal(t, "testdata/report.json", asJSON.String())
	golden.Equal(t, "testdata/report.md", markdown.String())
	assert.NotContains(t, markdown.String(), "<b>", "text from AWS stays text")
}

func TestOnlyADigestNamesAnImage(t *testing.T) {
	for image, want := range map[string]bool{
		newDigest: true, registry + "@" + newDigest: true, "ghcr.io/example/orders@" + newDigest: true,
		"v1": false, registry + ":v1": false, "sha256:12": false, newDigest + "0": false, "": false, "latest@" + newDigest: false,
	} {
		assert.Equal(t, want, release.Digest.MatchString(image), image)
	}
}
