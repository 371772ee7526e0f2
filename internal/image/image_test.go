package image_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/image"
)

// layout writes an image as buildx does with an SBOM and a provenance: an index
// of the platform's manifest and the attestations'.
type layout struct {
	t   *testing.T
	dir string
}

func newLayout(t *testing.T) *layout {
	l := &layout{t, t.TempDir()}
	require.NoError(t, os.MkdirAll(filepath.Join(l.dir, "blobs", "sha256"), 0o700))
	return l
}

func (l *layout) blob(mediaType, text string) map[string]any {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "blobs", "sha256", sum), []byte(text), 0o600))
	return map[string]any{"mediaType": mediaType, "digest": "sha256:" + sum, "size": len(text)}
}

func (l *layout) manifest(mediaType string, v any) map[string]any {
	raw, err := json.Marshal(v)
	require.NoError(l.t, err)
	return l.blob(mediaType, string(raw))
}

func (l *layout) image(os, arch string, layers ...string) map[string]any {
	var blobs []any
	for _, text := range layers {
		blobs = append(blobs, l.blob("application/vnd.oci.image.layer.v1.tar+gzip", text))
	}
	d := l.manifest("application/vnd.oci.image.manifest.v1+json", map[string]any{
		"schemaVersion": 2, "config": l.blob("application/vnd.oci.image.config.v1+json", "config of "+arch+strings.Join(layers, "")), "layers": blobs,
	})
	d["platform"] = map[string]string{"os": os, "architecture": arch}
	return d
}

func (l *layout) index(images ...map[string]any) map[string]any {
	return l.manifest("application/vnd.oci.image.index.v1+json", map[string]any{"schemaVersion": 2, "manifests": images})
}

func (l *layout) root(images ...map[string]any) string {
	raw, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": images})
	require.NoError(l.t, err)
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "index.json"), raw, 0o600))
	return l.dir
}

func built(t *testing.T) (dir string, platform map[string]any) {
	l := newLayout(t)
	platform = l.image("linux", "arm64", "base layer", "the API", "base layer")
	return l.root(l.index(platform, l.image("unknown", "unknown", "an SBOM", "a provenance"))), platform
}

func TestOpenFindsThePlatformsImage(t *testing.T) {
	t.Parallel()
	dir, platform := built(t)
	l, err := image.Open(dir)
	require.NoError(t, err)
	assert.Equal(t, platform["digest"], l.Image)
	assert.NotEqual(t, l.Index, l.Image)
	assert.Equal(t, "linux/arm64", l.Platform)

	plain := newLayout(t)
	only := plain.image("linux", "arm64", "layer")
	l, err = image.Open(plain.root(only))
	require.NoError(t, err)
	assert.Equal(t, only["digest"], l.Image)
	assert.Equal(t, l.Index, l.Image)
	assert.Equal(t, "linux/arm64", l.Platform)

	delete(only, "platform") // then the image's own configuration says it
	l, err = image.Open(plain.root(only))
	require.NoError(t, err)
	assert.Empty(t, l.Platform, "the configuration of this one is no JSON")
	manifest := map[string]any{"schemaVersion": 2, "config": plain.blob("application/vnd.oci.image.config.v1+json", `{"os":"linux","architecture":"amd64"}`), "layers": []any{}}
	l, err = image.Open(plain.root(plain.manifest("application/vnd.oci.image.manifest.v1+json", manifest)))
	require.NoError(t, err)
	assert.Equal(t, "linux/amd64", l.Platform)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for want, make := range map[string]func(*layout) string{
		"want a folder that `make image` wrote": func(l *layout) string { return l.dir },
		"index.json has 2 images, want one":     func(l *layout) string { return l.root(l.image("linux", "arm64"), l.image("linux", "amd64")) },
		"it is for several platforms":           func(l *layout) string { return l.root(l.index(l.image("linux", "arm64"), l.image("linux", "amd64"))) },
		"its index has no platform's image":     func(l *layout) string { return l.root(l.index(l.image("unknown", "unknown", "SBOM"))) },
		"a digest is \"sha256:../../etc/passwd\"": func(l *layout) string {
			return l.root(map[string]any{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:../../etc/passwd"})
		},
		"is damaged, its digest is": func(l *layout) string {
			dir := l.root(l.index(l.image("linux", "arm64", "the layer")))
			sum := fmt.Sprintf("%x", sha256.Sum256([]byte("the layer")))
			require.NoError(l.t, os.WriteFile(filepath.Join(dir, "blobs", "sha256", sum), []byte("another"), 0o600))
			return dir
		},
		"no such file": func(l *layout) string {
			dir := l.root(l.index(l.image("linux", "arm64", "the layer")))
			require.NoError(l.t, os.Remove(filepath.Join(dir, "blobs", "sha256", fmt.Sprintf("%x", sha256.Sum256([]byte("the layer"))))))
			return dir
		},
	} {
		_, err := image.Open(make(newLayout(t)))
		assert.ErrorContains(t, err, want)
	}
}

// registry answers as ECR does, as far as a push and a scan go: the emulator
// keeps no layers.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
type registry struct {
	sync.Mutex
	t       *testing.T
	layers  map[string]string // by digest
	uploads map[string]string // unfinished, by id
	images  map[string]string // manifests by digest
	tags    map[string]string
	calls   []string
	part    int
	// scans are the answers to come; the last one stays.
	scans []any
}

func newRegistry(t *testing.T) (*registry, *ecr.Client) {
	r := &registry{t: t, layers: map[string]string{}, uploads: map[string]string{}, images: map[string]string{}, tags: map[string]string{}, part: 4}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, ecr.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
}

type fault struct{ code string }

func digestOf(s string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(s))) }

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.Lock()
	defer r.Unlock()
	_, op, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	r.calls = append(r.calls, op)
	var in map[string]any
	assert.NoError(r.t, json.NewDecoder(req.Body).Decode(&in))
	assert.Equal(r.t, "orders-dev", in["repositoryName"])
	out := r.answer(op, in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if f, bad := out.(fault); bad {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]string{"__type": f.code, "message": "refused"}
	}
	assert.NoError(r.t, json.NewEncoder(w).Encode(out))
}

func (r *registry) answer(op string, in map[string]any) any {
	id, _ := in["uploadId"].(string)
	switch op {
	case "BatchCheckLayerAvailability":
		digest := in["layerDigests"].([]any)[0].(string)
		state := "UNAVAILABLE"
		if _, there := r.layers[digest]; there {
			state = "AVAILABLE"
		}
		return map[string]any{"layers": []any{map[string]any{"layerDigest": digest, "layerAvailability": state}}, "failures": []any{}}
	case "InitiateLayerUpload":
		id = fmt.Sprint("upload-", len(r.calls))
		r.uploads[id] = ""
		return map[string]any{"uploadId": id, "partSize": r.part}
	case "UploadLayerPart":
		raw, err := base64.StdEncoding.DecodeString(in["layerPartBlob"].(string))
		assert.NoError(r.t, err)
		if int(in["partFirstByte"].(float64)) != len(r.uploads[id]) || int(in["partLastByte"].(float64)) != len(r.uploads[id])+len(raw)-1 {
			return fault{"InvalidLayerPartException"}
		}
		r.uploads[id] += string(raw)
		return map[string]any{"uploadId": id, "lastByteReceived": in["partLastByte"]}
	case "CompleteLayerUpload":
		digest := in["layerDigests"].([]any)[0].(string)
		if digestOf(r.uploads[id]) != digest {
			return fault{"InvalidLayerException"}
		}
		r.layers[digest] = r.uploads[id]
		return map[string]any{"layerDigest": digest, "uploadId": id}
	case "PutImage":
		return r.putImage(in)
	case "DescribeImageScanFindings":
		next := r.scans[0]
		if len(r.scans) > 1 {
			r.scans = r.scans[1:]
		}
		return next
	}
	return fault{"AccessDeniedException"}
}

// putImage refuses what refers to something that is not there, as ECR does.
func (r *registry) putImage(in map[string]any) any {
	text, tag := in["imageManifest"].(string), ""
	if t, ok := in["imageTag"].(string); ok {
		tag = t
	}
	digest := digestOf(text)
	if in["imageDigest"] != digest {
		return fault{"ImageDigestDoesNotMatchException"}
	}
	var m struct {
		Manifests []struct{ Digest string }
		Config    struct{ Digest string }
		Layers    []struct{ Digest string }
	}
	assert.NoError(r.t, json.Unmarshal([]byte(text), &m))
	for _, child := range m.Manifests {
		if _, there := r.images[child.Digest]; !there {
			return fault{"ReferencedImagesNotFoundException"}
		}
	}
	for _, layer := range append(m.Layers, m.Config) {
		if _, there := r.layers[layer.Digest]; !there && layer.Digest != "" {
			return fault{"LayersNotFoundException"}
		}
	}
	if old, taken := r.tags[tag]; taken && tag != "" && old != digest {
		return fault{"ImageTagAlreadyExistsException"}
	}
	if _, there := r.images[digest]; there && (tag == "" || r.tags[tag] == digest) {
		return fault{"ImageAlreadyExistsException"}
	}
	r.images[digest] = text
	if tag != "" {
		r.tags[tag] = digest
	}
	return map[string]any{"image": map[string]any{"imageId": map[string]string{"imageDigest": digest}}}
}

func TestPush(t *testing.T) {
	t.Parallel()
	dir, platform := built(t)
	l, err := image.Open(dir)
	require.NoError(t, err)
	r, client := newRegistry(t)
	p := &image.Pusher{ECR: client, Repository: "orders-dev"}
	require.NoError(t, p.Push(t.Context(), l, "release-1"))
	assert.Equal(t, map[string]string{"release-1": l.Index}, r.tags, "the index alone has the tag")
	assert.Contains(t, r.images, platform["digest"])
	assert.Len(t, r.images, 3, "index, image, attestations")
	assert.Len(t, r.layers, 6, "two configurations, four layers; one twice in the image")
	assert.Equal(t, "PutImage", r.calls[len(r.calls)-1])

	r.calls = nil
	require.NoError(t, p.Push(t.Context(), l, "release-1"), "a repeated push is no mistake")
	assert.NotContains(t, r.calls, "UploadLayerPart", "what is there is not sent again")
	for _, call := range r.calls {
		assert.Contains(t, []string{"BatchCheckLayerAvailability", "PutImage"}, call)
	}

	other := newLayout(t)
	l2, err := image.Open(other.root(other.index(other.image("linux", "arm64", "another API"))))
	require.NoError(t, err)
	assert.ErrorContains(t, p.Push(t.Context(), l2, "release-1"), "push to orders-dev: the tag release-1 is another image already")
	assert.Equal(t, l.Index, r.tags["release-1"])
}

// A push that was interrupted goes on where it stopped.
func TestPushAgain(t *testing.T) {
	t.Parallel()
	dir, _ := built(t)
	l, err := image.Open(dir)
	require.NoError(t, err)
	r, client := newRegistry(t)
	p := &image.Pusher{ECR: client, Repository: "orders-dev"}
	ctx, cancel := context.WithCancel(t.Context())
	p.Progress = func(string) {
		if len(r.layers) == 2 {
			cancel()
		}
	}
	require.ErrorIs(t, p.Push(ctx, l, "release-1"), context.Canceled)
	assert.Empty(t, r.tags, "nothing that is half there can be deployed")
	require.NoError(t, p.Push(t.Context(), l, "release-1"))
	assert.Len(t, r.layers, 6)
}

func scan(status string, counts map[string]int, names ...string) map[string]any {
	var findings []any
	for _, n := range names {
		findings = append(findings, map[string]string{"name": n, "severity": "CRITICAL"})
	}
	return map[string]any{
		"imageScanStatus":   map[string]string{"status": status, "description": "as ECR says"},
		"imageScanFindings": map[string]any{"findingSeverityCounts": counts, "findings": findings},
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	none, running := fault{"ScanNotFoundException"}, scan("IN_PROGRESS", nil)
	for name, test := range map[string]struct {
		answers []any
		summary string
		verdict string
	}{
		"clean":             {[]any{none, running, scan("COMPLETE", nil)}, "nothing", ""},
		"not critical":      {[]any{scan("COMPLETE", map[string]int{"HIGH": 2, "LOW": 1})}, "2 HIGH, 1 LOW", ""},
		"critical":          {[]any{running, scan("COMPLETE", map[string]int{"CRITICAL": 1}, "CVE-2026-1")}, "1 CRITICAL", "has 1 critical findings: CVE-2026-1"},
		"continuous":        {[]any{scan("ACTIVE", map[string]int{"CRITICAL": 2}, "a", "b")}, "2 CRITICAL", "has 2 critical findings: a, b"},
		"failed":            {[]any{scan("FAILED", nil)}, "nothing", "ended with FAILED (as ECR says): nobody knows"},
		"expired":           {[]any{scan("SCAN_ELIGIBILITY_EXPIRED", nil)}, "nothing", "ended with SCAN_ELIGIBILITY_EXPIRED"},
		"unreadable to ECR": {[]any{scan("UNSUPPORTED_IMAGE", nil)}, "nothing", ""},
	} {
		r, client := newRegistry(t)
		r.scans = test.answers
		s := &image.Scanner{ECR: client, Repository: "orders-dev", Every: time.Millisecond}
		f, err := s.Wait(t.Context(), digestOf("image"))
		require.NoError(t, err, name)
		assert.Equal(t, test.summary, f.Summary(), name)
		assert.Equal(t, name == "unreadable to ECR", f.Warning() != "", name)
		if test.verdict == "" {
			assert.NoError(t, f.Verdict(), name)
		} else {
			assert.ErrorContains(t, f.Verdict(), test.verdict, name)
		}
	}
}

func TestScanThatNeverEnds(t *testing.T) {
	t.Parallel()
	r, client := newRegistry(t)
	r.scans = []any{fault{"ScanNotFoundException"}}
	var told []string
	s := &image.Scanner{ECR: client, Repository: "orders-dev", Every: time.Millisecond, Progress: func(s string) { told = append(told, s) }}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := s.Wait(ctx, digestOf("image"))
	require.ErrorContains(t, err, "scan")
	assert.Len(t, told, 1, "a person is not told twenty times")

	r.scans = []any{fault{"ImageNotFoundException"}}
	_, err = s.Wait(t.Context(), digestOf("image"))
	assert.ErrorContains(t, err, "in orders-dev")
}

func TestTagsAndDigests(t *testing.T) {
	t.Parallel()
	assert.NoError(t, image.CheckTag("release-0123456789ab-1"))
	assert.NoError(t, image.CheckDigest(digestOf("")))
	for _, bad := range []string{"", "-a", "a b", "a/b", "$(id)", strings.Repeat("a", 129)} {
		assert.Error(t, image.CheckTag(bad), bad)
		assert.Error(t, image.CheckDigest(bad), bad)
	}
	assert.ErrorContains(t, image.CheckDigest("latest"), `is "latest", want sha256: and 64 hexadecimal digits`)
}
