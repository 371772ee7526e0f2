package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
)

func TestBootstrapRefuses(t *testing.T) {
	root := sample.Dir(t)
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "",
	} {
		t.Setenv(name, value)
	}
	for _, test := range []struct {
		code int
		says string
		args []string
	}{
		{exitUsage, "--check changes nothing: leave out --yes and --skip-up", []string{"--check", "--yes"}},
		{exitUsage, "--yes and --skip-up: want one of them", []string{"--skip-up", "--yes"}},
		{exitUsage, `--format: is "xml"`, []string{"--format", "xml"}},
		{exitUsage, `stack "qa" has no Pulumi.qa.yaml`, []string{"--stack", "qa"}},
		{exitNo, "no AWS credentials: set AWS_PROFILE", []string{"--check"}},
	} {
		code, out, stderr := in(t, root, append([]string{"bootstrap"}, test.args...)...)
		assert.Equal(t, test.code, code, test.says)
		assert.Empty(t, out)
		assert.Contains(t, stderr, test.says)
	}
}

func TestAsk(t *testing.T) {
	for answer, want := range map[string]bool{"yes\n": true, "Y\n": true, "yes": true, "no\n": false, "\n": false, "": false, "yesterday\n": false} {
		var out bytes.Buffer
		got, err := ask(t.Context(), strings.NewReader(answer), &out, "Update?")
		require.NoError(t, err)
		assert.Equal(t, want, got, "%q", answer)
		assert.Equal(t, "Update? [yes/no] ", out.String())
	}
}

// A terminal that nobody types at must not keep the command from ending.
func TestAskInterrupted(t *testing.T) {
	silent, write := io.Pipe()
	defer write.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := ask(ctx, silent, io.Discard, "Update?")
	require.ErrorIs(t, err, context.Canceled)
}
