package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/sample"
)

// committed is a copy of the committed project, in which the dev stack runs on
// x86.
func committed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		raw, err := os.ReadFile(filepath.Join(sample.Dir(t), name))
		require.NoError(t, err)
		text := string(raw)
		if name == "Pulumi.dev.yaml" {
			text = strings.Replace(text, "    port: 8080\n", "    port: 8080\n    architecture: x86_64\n", 1)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestImagePlatform(t *testing.T) {
	dir := committed(t)
	code, out, stderr := in(t, dir, "image", "platform", "--stack", "dev")
	require.Zero(t, code, stderr)
	assert.Equal(t, "linux/amd64\n", out)
	code, out, _ = in(t, dir, "image", "platform", "--stack", "prod")
	require.Zero(t, code)
	assert.Equal(t, "linux/arm64\n", out)

	code, out, stderr = in(t, dir, "image", "platform")
	assert.Equal(t, exitNo, code)
	assert.Empty(t, out)
	assert.Contains(t, stderr, "error: one image is deployed to all stacks, and their tasks run on different platforms: dev on linux/amd64, prod on linux/arm64; want the same evenkeel:service.architecture")
}

// Nothing is sent of an image that the tasks could not run.
func TestImagePushRefusesAnotherPlatform(t *testing.T) {
	dir := committed(t)
	blobs := filepath.Join(dir, "build", "image", "blobs", "sha256")
	require.NoError(t, os.MkdirAll(blobs, 0o700))
	blob := func(text string) string {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
		require.NoError(t, os.WriteFile(filepath.Join(blobs, sum), []byte(text), 0o600))
		return fmt.Sprintf(`"digest":"sha256:%s","size":%d`, sum, len(text))
	}
	config := blob(`{"os":"linux","architecture":"arm64"}`)
	manifest := blob(`{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",` + config + `},"layers":[]}`)
	index := `{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",` + manifest + `}]}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "build", "image", "index.json"), []byte(index), 0o600))
	code, out, stderr := in(t, dir, "image", "push", "--stack", "dev", "--tag", "release-1")
	assert.Equal(t, exitNo, code)
	assert.Empty(t, out)
	assert.Contains(t, stderr, "error: the image in build/image is for linux/arm64, and the tasks of stack dev run on linux/amd64: "+
		"`make image` builds for what the stacks run on, evenkeel:service.architecture of Pulumi.dev.yaml chooses it")
}
