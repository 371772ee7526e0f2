package local

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"evenkeel/internal/check"
	"evenkeel/internal/local/emulator"
	"evenkeel/internal/local/gateway"
)

// running finds the stack's emulator, or says how to start it.
func (r *Request) running() (*emulator.Instance, error) {
	i, err := emulator.Find(r.dir())
	var stale *emulator.StaleError
	if err != nil && !errors.As(err, &stale) {
		return nil, err
	}
	if err != nil || i == nil {
		return nil, fmt.Errorf("stack %s is not running: `evenkeel local up --stack %[1]s` brings it up", r.Stack.Name)
	}
	if i.Format < emulator.Format {
		return nil, fmt.Errorf("an older version of this program started the emulator of stack %s, which plays no deployments: "+
			"`evenkeel local down --stack %[1]s --discard` and `evenkeel local up --stack %[1]s` start it afresh", r.Stack.Name)
	}
	return i, nil
}

// Plays is how deployments go on the emulated AWS.
type Plays struct {
	Stack string         `json:"stack"`
	Plays []gateway.Play `json:"plays"`
}

// Play says how deployments of an image go that start from now on; nil only
// asks.
func Play(ctx context.Context, req *Request, p *gateway.Play) (*Plays, error) {
	i, err := req.running()
	if err != nil {
		return nil, err
	}
	if p != nil {
		if err := i.SetPlay(ctx, *p); err != nil {
			return nil, err
		}
	}
	plays, err := i.Plays(ctx)
	if err != nil {
		return nil, err
	}
	return &Plays{req.Stack.Name, plays}, nil
}

// WriteText writes the plays as a table.
func (p *Plays) WriteText(w io.Writer) error {
	out := &printer{tw: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	out.linef("IMAGE\tOUTCOME\tSTEP")
	for _, play := range p.Plays {
		image := play.Image
		if image == "" {
			image = "every other image"
		}
		out.linef("%s\t%s\t%d ms", image, play.Outcome, play.StepMS)
	}
	return out.flush()
}

// WriteJSON writes the plays as JSON.
func (p *Plays) WriteJSON(w io.Writer) error { return writeJSON(w, p) }

// PushOptions say what Push puts into the repository.
type PushOptions struct {
	// Tag is the image's tag, and what makes it differ from others.
	Tag string
	// Findings are the severities that the repository's scan finds, such as
	// "CRITICAL".
	Findings []string
}

// Pushed is an image in the emulated repository.
type Pushed struct {
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	// Digest identifies the image, as in `evenkeel release --image`.
	Digest string `json:"digest"`
	// New says that the image was not there before.
	New bool `json:"new"`
}

// imageTag is what a registry accepts:
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
var imageTag = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// Severities are what a finding can have:
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
func Severities() []string {
	var out []string
	for _, s := range types.FindingSeverity("").Values() {
		out = append(out, string(s))
	}
	slices.Sort(out)
	return out
}

// Validate says what is wrong with the options.
func (o PushOptions) Validate() error {
	var l check.List
	if !imageTag.MatchString(o.Tag) {
		l.Addf("--tag", "is %q, want 1 to 128 letters, digits, dots, dashes and underscores, such as v1", o.Tag)
	}
	for _, finding := range o.Findings {
		if !slices.Contains(Severities(), finding) {
			l.Addf("--finding", "is %q, want %s", finding, check.Or(Severities()))
		}
	}
	return l.Err()
}

// Push puts an image without layers into the stack's emulated repository. One
// that is there already, under the same tag, stays.
func Push(ctx context.Context, req *Request, o PushOptions) (*Pushed, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	i, err := req.running()
	if err != nil {
		return nil, err
	}
	return req.push(ctx, i.URL, o)
}

func (r *Request) push(ctx context.Context, endpoint string, o PushOptions) (*Pushed, error) {
	name, err := r.repository()
	if err != nil {
		return nil, err
	}
	manifest, err := imageManifest(o)
	if err != nil {
		return nil, err
	}
	out := &Pushed{Repository: name, Tag: o.Tag, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(manifest)), New: true}
	_, err = ecr.NewFromConfig(r.awsConfig(endpoint)).PutImage(ctx, &ecr.PutImageInput{
		RepositoryName: &name, ImageTag: &o.Tag, ImageManifest: aws.String(string(manifest)),
		ImageManifestMediaType: aws.String(manifestType), ImageDigest: &out.Digest,
	})
	var exists *types.ImageAlreadyExistsException
	var taken *types.ImageTagAlreadyExistsException
	switch {
	case errors.As(err, &exists):
		out.New = false
	case errors.As(err, &taken):
		return nil, fmt.Errorf("push to %s: tag %s belongs to another image, and tags cannot be moved there: want another --tag", name, o.Tag)
	case err != nil:
		return nil, fmt.Errorf("push to %s: %w", name, err)
	}
	return out, nil
}

const manifestType = "application/vnd.oci.image.manifest.v1+json"

// imageManifest is an OCI manifest without layers, which runs nowhere:
// https://github.com/opencontainers/image-spec/blob/main/manifest.md
func imageManifest(o PushOptions) ([]byte, error) {
	annotations := map[string]string{"org.opencontainers.image.version": o.Tag}
	if len(o.Findings) > 0 {
		annotations[gateway.FindingsAnnotation] = strings.Join(o.Findings, ",")
	}
	return json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "layers": []any{}, "annotations": annotations,
		"config": map[string]any{
			"mediaType": "application/vnd.oci.empty.v1+json", "size": len("{}"), "digest": fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("{}"))),
		},
	})
}

// repository is the name of the stack's repository, from its outputs.
func (r *Request) repository() (string, error) {
	state, err := readState(r)
	if err != nil {
		return "", err
	}
	if state != nil {
		for _, resource := range state.Resources {
			if url, ok := resource.Outputs["repositoryUrl"].(string); ok && resource.Type == "pulumi:pulumi:Stack" {
				// <account>.dkr.ecr.<region>.amazonaws.com/<name>
				_, name, _ := strings.Cut(url, "/")
				return name, nil
			}
		}
	}
	return "", fmt.Errorf("stack %s has no output repositoryUrl: `evenkeel local up --stack %[1]s` makes its repository", r.Stack.Name)
}

// WriteText writes the digest alone, for a script to read.
func (p *Pushed) WriteText(w io.Writer) error {
	_, err := fmt.Fprintln(w, p.Digest)
	return err
}

// WriteJSON writes all of it.
func (p *Pushed) WriteJSON(w io.Writer) error { return writeJSON(w, p) }
