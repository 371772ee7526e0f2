package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The media types that a layout is made of.
// https://github.com/opencontainers/image-spec/blob/main/media-types.md
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
)

// maxManifest is how large a manifest may be, in bytes; registries accept 4 MiB.
const maxManifest = 4 << 20

var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// CheckDigest says what is wrong with an image's digest, or nothing.
func CheckDigest(digest string) error {
	if !digestPattern.MatchString(digest) {
		return fmt.Errorf("is %q, want sha256: and 64 hexadecimal digits", digest)
	}
	return nil
}

// descriptor refers to a blob.
// https://github.com/opencontainers/image-spec/blob/main/descriptor.md
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations"`
	Platform    *struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	} `json:"platform"`
}

// platform is such as "linux/arm64", empty where the descriptor has none.
func (d *descriptor) platform() string {
	if d.Platform == nil {
		return ""
	}
	return d.Platform.OS + "/" + d.Platform.Architecture
}

// manifest is an index or a manifest.
type manifest struct {
	MediaType string       `json:"mediaType"`
	Manifests []descriptor `json:"manifests"`
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
}

// Layout is an image in a folder.
type Layout struct {
	// Index is the digest of the image's index, which is tagged. Image is that of
	// the platform's manifest, which is scanned and deployed. They are the same
	// when the build made no index. Platform is such as "linux/arm64", empty where
	// the image does not say it.
	Index    string `json:"index"`
	Image    string `json:"image"`
	Platform string `json:"platform"`

	dir  string
	root descriptor
}

// Open reads a folder as `docker buildx build --output type=oci,tar=false`
// writes it. It accepts one image for one platform.
func Open(dir string) (*Layout, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		return nil, fmt.Errorf("open the image: %w; want a folder that `make image` wrote", err)
	}
	var list manifest
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("open the image: index.json: %w", err)
	}
	if len(list.Manifests) != 1 {
		return nil, fmt.Errorf("open the image: index.json has %d images, want one", len(list.Manifests))
	}
	l := &Layout{dir: dir, root: list.Manifests[0], Index: list.Manifests[0].Digest}
	if l.root.MediaType == manifestType {
		l.Image, l.Platform = l.Index, l.root.platform()
		if l.Platform == "" {
			l.Platform = l.configured(l.root)
		}
		return l, l.check(l.root)
	}
	index, err := l.manifest(l.root)
	if err != nil {
		return nil, err
	}
	for _, m := range index.Manifests {
		// Attestations have the platform unknown/unknown.
		// https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
		if m.platform() == "" || m.Platform.OS == "unknown" {
			continue
		}
		if l.Image != "" {
			return nil, errors.New("open the image: it is for several platforms, want one: a task definition names one architecture")
		}
		l.Image, l.Platform = m.Digest, m.platform()
	}
	if l.Image == "" {
		return nil, errors.New("open the image: its index has no platform's image")
	}
	return l, l.check(l.root)
}

// configured is the platform that a manifest's configuration names; empty if it
// names none. What cannot be read, check will tell.
// https://github.com/opencontainers/image-spec/blob/main/config.md
func (l *Layout) configured(d descriptor) string {
	m, err := l.manifest(d)
	if err != nil {
		return ""
	}
	raw, err := l.text(m.Config)
	if err != nil {
		return ""
	}
	var config struct{ OS, Architecture string }
	if json.Unmarshal(raw, &config) != nil || config.OS == "" || config.Architecture == "" {
		return ""
	}
	return config.OS + "/" + config.Architecture
}

// check reads every blob once: a damaged image must not be half pushed.
func (l *Layout) check(d descriptor) error {
	if d.MediaType != indexType && d.MediaType != manifestType {
		f, err := l.blob(d)
		if err != nil {
			return err
		}
		defer f.Close()
		sum := sha256.New()
		if _, err := io.Copy(sum, f); err != nil {
			return fmt.Errorf("read %s: %w", d.Digest, err)
		}
		if got := "sha256:" + hex.EncodeToString(sum.Sum(nil)); got != d.Digest {
			return fmt.Errorf("open the image: the blob %s is damaged, its digest is %s", d.Digest, got)
		}
		return nil
	}
	m, err := l.manifest(d)
	if err != nil {
		return err
	}
	for _, child := range m.children() {
		if err := l.check(child); err != nil {
			return err
		}
	}
	return nil
}

// children are what a manifest refers to, each once.
func (m *manifest) children() []descriptor {
	var out []descriptor
	seen := map[string]bool{}
	all := m.Manifests
	if m.Config.Digest != "" {
		all = append([]descriptor{m.Config}, m.Layers...)
	}
	for _, d := range all {
		if !seen[d.Digest] {
			seen[d.Digest] = true
			out = append(out, d)
		}
	}
	return out
}

func (l *Layout) manifest(d descriptor) (*manifest, error) {
	raw, err := l.text(d)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("open the image: manifest %s: %w", d.Digest, err)
	}
	return &m, nil
}

// text reads a manifest, as it is: its digest is of these bytes.
func (l *Layout) text(d descriptor) ([]byte, error) {
	f, err := l.blob(d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("open the image: %w", err)
	}
	sum := sha256.Sum256(raw)
	if got := "sha256:" + hex.EncodeToString(sum[:]); got != d.Digest {
		return nil, fmt.Errorf("open the image: the manifest %s is damaged, its digest is %s", d.Digest, got)
	}
	return raw, nil
}

func (l *Layout) blob(d descriptor) (*os.File, error) {
	// The digest becomes a file name: it must be one.
	if err := CheckDigest(d.Digest); err != nil {
		return nil, fmt.Errorf("open the image: a digest %w", err)
	}
	f, err := os.Open(filepath.Join(l.dir, "blobs", "sha256", strings.TrimPrefix(d.Digest, "sha256:")))
	if err != nil {
		return nil, fmt.Errorf("open the image: %w", err)
	}
	return f, nil
}
