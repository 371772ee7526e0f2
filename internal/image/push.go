package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// defaultPart is the size of an upload's part, in bytes, unless ECR names one.
// It accepts 5 MiB and more, the last part may be smaller.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html
const defaultPart = 10 << 20

// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html
var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// CheckTag says what is wrong with a tag, or nothing.
func CheckTag(tag string) error {
	if !tagPattern.MatchString(tag) {
		return fmt.Errorf("is %q, want 1 to 128 letters, digits, dots, underscores and hyphens, the first one a letter, a digit or an underscore", tag)
	}
	return nil
}

// Pusher pushes to one repository.
type Pusher struct {
	// ECR is the client, Repository the repository's name.
	ECR        *ecr.Client
	Repository string
	// Progress hears of each blob that is uploaded. May be nil.
	Progress func(string)
}

// Push uploads what the repository lacks, and then the manifests, the tagged
// index last: an interrupted push leaves nothing that could be deployed, and
// can be repeated.
func (p *Pusher) Push(ctx context.Context, l *Layout, tag string) error {
	if err := p.put(ctx, l, l.root, tag); err != nil {
		return fmt.Errorf("push to %s: %w", p.Repository, err)
	}
	return nil
}

func (p *Pusher) put(ctx context.Context, l *Layout, d descriptor, tag string) error {
	m, err := l.manifest(d)
	if err != nil {
		return err
	}
	for _, child := range m.children() {
		if child.MediaType == indexType || child.MediaType == manifestType {
			err = p.put(ctx, l, child, "")
		} else {
			err = p.upload(ctx, l, child)
		}
		if err != nil {
			return err
		}
	}
	text, err := l.text(d)
	if err != nil {
		return err
	}
	in := &ecr.PutImageInput{
		RepositoryName: &p.Repository, ImageManifest: aws.String(string(text)),
		ImageManifestMediaType: aws.String(d.MediaType), ImageDigest: aws.String(d.Digest),
	}
	if tag != "" {
		in.ImageTag = aws.String(tag)
	}
	_, err = p.ECR.PutImage(ctx, in)
	var there *types.ImageAlreadyExistsException
	var taken *types.ImageTagAlreadyExistsException
	switch {
	case errors.As(err, &there):
		return nil
	case errors.As(err, &taken):
		return fmt.Errorf("the tag %s is another image already, and tags are immutable: build again, under a new tag", tag)
	case err != nil:
		return fmt.Errorf("put the manifest %s: %w", d.Digest, err)
	}
	return nil
}

// upload brings one blob into the repository, unless it is there.
func (p *Pusher) upload(ctx context.Context, l *Layout, d descriptor) error {
	have, err := p.ECR.BatchCheckLayerAvailability(ctx, &ecr.BatchCheckLayerAvailabilityInput{
		RepositoryName: &p.Repository, LayerDigests: []string{d.Digest},
	})
	if err != nil {
		return fmt.Errorf("ask for the layer %s: %w", d.Digest, err)
	}
	for _, layer := range have.Layers {
		if layer.LayerAvailability == types.LayerAvailabilityAvailable {
			return nil
		}
	}
	if p.Progress != nil {
		p.Progress(fmt.Sprintf("uploading %s, %.1f MB", d.Digest, float64(d.Size)/1e6))
	}
	begun, err := p.ECR.InitiateLayerUpload(ctx, &ecr.InitiateLayerUploadInput{RepositoryName: &p.Repository})
	if err != nil {
		return fmt.Errorf("begin the layer %s: %w", d.Digest, err)
	}
	part := aws.ToInt64(begun.PartSize)
	if part <= 0 {
		part = defaultPart
	}
	if err := p.parts(ctx, l, d, begun.UploadId, part); err != nil {
		return err
	}
	_, err = p.ECR.CompleteLayerUpload(ctx, &ecr.CompleteLayerUploadInput{
		RepositoryName: &p.Repository, UploadId: begun.UploadId, LayerDigests: []string{d.Digest},
	})
	var there *types.LayerAlreadyExistsException
	if err != nil && !errors.As(err, &there) {
		return fmt.Errorf("complete the layer %s: %w", d.Digest, err)
	}
	return nil
}

func (p *Pusher) parts(ctx context.Context, l *Layout, d descriptor, id *string, size int64) error {
	f, err := l.blob(d)
	if err != nil {
		return err
	}
	defer f.Close()
	for first := int64(0); ; {
		part, err := io.ReadAll(io.LimitReader(f, size))
		if err != nil {
			return fmt.Errorf("read %s: %w", d.Digest, err)
		}
		if len(part) == 0 {
			return nil
		}
		last := first + int64(len(part)) - 1
		_, err = p.ECR.UploadLayerPart(ctx, &ecr.UploadLayerPartInput{
			RepositoryName: &p.Repository, UploadId: id, LayerPartBlob: part,
			PartFirstByte: aws.Int64(first), PartLastByte: aws.Int64(last),
		})
		if err != nil {
			return fmt.Errorf("upload the bytes %d to %d of %s: %w", first, last, d.Digest, err)
		}
		first = last + 1
	}
}
