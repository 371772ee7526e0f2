package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/iampolicy"
	"evenkeel/internal/sample"
)

func TestPoliciesPage(t *testing.T) {
	root := sample.Dir(t)
	code, page, stderr := in(t, root, "policy", "--stack", "prod", "--format", "markdown")
	require.Zero(t, code, stderr)
	golden.Equal(t, filepath.Join(root, "..", "..", "docs", "policies.md"), page)
}

func TestPolicyPrintsADocument(t *testing.T) {
	root := sample.Dir(t)
	for _, stack := range []string{"dev", "prod"} {
		for _, role := range iampolicy.Roles() {
			code, stdout, stderr := in(t, root, "policy", "--stack", stack, "--role", string(role))
			require.Zero(t, code, stderr)
			var v any
			require.NoError(t, json.Unmarshal([]byte(stdout), &v))
			_, list := v.([]any)
			assert.Equal(t, role == iampolicy.Deploy, list, "%s of %s", role, stack)
		}
	}
}

func TestPolicyRefusesAnUnknownRole(t *testing.T) {
	root := sample.Dir(t)
	code, _, stderr := in(t, root, "policy", "--role", "admin")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, `--role: is "admin", want preview, push, deploy or boundary`)
}
