package local

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

// registry answers PutImage with an error code, or success where it is empty,
// and keeps what it was sent.
func registry(t *testing.T, code string) (endpoint string, sent *map[string]any) {
	t.Helper()
	sent = &map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "AmazonEC2ContainerRegistry_V20150921.PutImage", r.Header.Get("X-Amz-Target"))
		assert.NoError(t, json.NewDecoder(r.Body).Decode(sent))
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if code != "" {
			w.Header().Set("X-Amzn-Errortype", code)
			w.WriteHeader(http.StatusBadRequest)
		}
		_, err := w.Write([]byte("{}"))
		assert.NoError(t, err)
	}))
	t.Cleanup(server.Close)
	return server.URL, sent
}

func deployedWith(t *testing.T, outputs string) *Request {
	t.Helper()
	r := request(t)
	put(t, stateFile(r), `{"version":3,"checkpoint":{"latest":{"resources":[{"urn":"urn:pulumi:dev::evenkeel::pulumi:pulumi:Stack::evenkeel-dev",`+
		`"type":"pulumi:pulumi:Stack","outputs":`+outputs+`}]}}}`)
	return r
}

func TestPushPutsAManifestIntoTheStacksRepository(t *testing.T) {
	r := deployedWith(t, `{"repositoryUrl":"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/orders-dev"}`)
	endpoint, sent := registry(t, "")
	got, err := r.push(t.Context(), endpoint, PushOptions{Tag: "v1", Findings: []string{"CRITICAL", "LOW"}})
	require.NoError(t, err)
	manifest, ok := (*sent)["imageManifest"].(string)
	require.True(t, ok)
	assert.Equal(t, &Pushed{
		Repository: "team/orders-dev", Tag: "v1", Digest: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(manifest))), New: true,
	}, got)
	var document struct {
		Layers      []any
		Annotations map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(manifest), &document))
	assert.Empty(t, document.Layers)
	assert.Equal(t, "CRITICAL,LOW", document.Annotations[gateway.FindingsAnnotation])
	other, err := r.push(t.Context(), endpoint, PushOptions{Tag: "v2"})
	require.NoError(t, err)
	assert.NotEqual(t, got.Digest, other.Digest)
}

func TestPushOfWhatIsThereAlready(t *testing.T) {
	r := deployedWith(t, `{"repositoryUrl":"123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders-dev"}`)
	endpoint, _ := registry(t, "ImageAlreadyExistsException")
	got, err := r.push(t.Context(), endpoint, PushOptions{Tag: "v1"})
	require.NoError(t, err)
	assert.False(t, got.New)
	endpoint, _ = registry(t, "ImageTagAlreadyExistsException")
	_, err = r.push(t.Context(), endpoint, PushOptions{Tag: "v1"})
	require.EqualError(t, err, "push to orders-dev: tag v1 belongs to another image, and tags cannot be moved there: want another --tag")
	endpoint, _ = registry(t, "RepositoryNotFoundException")
	_, err = r.push(t.Context(), endpoint, PushOptions{Tag: "v1"})
	require.ErrorContains(t, err, "push to orders-dev: ")
}

func TestPushNeedsARepository(t *testing.T) {
	for _, r := range []*Request{request(t), deployedWith(t, `{}`)} {
		_, err := r.push(t.Context(), "http://127.0.0.1:1", PushOptions{Tag: "v1"})
		require.EqualError(t, err, "stack dev has no output repositoryUrl: `evenkeel local up --stack dev` makes its repository")
	}
}
