package image

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Findings is what the repository's scan says of an image.
type Findings struct {
	// Image is the digest, Repository where it is.
	Repository string `json:"repository"`
	Image      string `json:"image"`
	// Status is ECR's: COMPLETE, ACTIVE (continuous scanning), FAILED …
	Status string `json:"status"`
	// Why is what ECR says of a status.
	Why string `json:"why,omitempty"`
	// Counts counts findings by severity.
	Counts map[string]int `json:"counts"`
	// Critical names the critical findings, at most ten.
	Critical []string `json:"critical"`
}

// Verdict is nil when the image may be deployed.
func (f *Findings) Verdict() error {
	switch n := f.Counts[string(types.FindingSeverityCritical)]; {
	case !slices.Contains(scanned, types.ScanStatus(f.Status)):
		return fmt.Errorf("the scan of %s ended with %s (%s): nobody knows what is in the image", f.Image, f.Status, f.Why)
	case n > 0:
		return fmt.Errorf("the scan of %s has %d critical findings: %s", f.Image, n, strings.Join(f.Critical, ", "))
	}
	return nil
}

// Summary is "2 HIGH, 1 LOW", or "nothing".
func (f *Findings) Summary() string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(f.Counts)) {
		if f.Counts[s] > 0 {
			out = append(out, fmt.Sprintf("%d %s", f.Counts[s], s))
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// scanned are the states in which there is nothing more to wait for: ACTIVE is
// that of continuous scanning, and an image that ECR cannot read stays so.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html
var scanned = []types.ScanStatus{types.ScanStatusComplete, types.ScanStatusActive, types.ScanStatusUnsupportedImage}

// Warning is what a person must know of findings that let the image pass, or
// nothing.
func (f *Findings) Warning() string {
	if f.Status != string(types.ScanStatusUnsupportedImage) {
		return ""
	}
	return "ECR's basic scanning cannot read this image, as it cannot read images without a package manager: " +
		"nobody has looked for vulnerabilities; enhanced scanning reads more"
}

// Scanner asks one repository.
type Scanner struct {
	ECR        *ecr.Client
	Repository string
	// Every is how often to ask. Zero means five seconds.
	Every time.Duration
	// Progress hears of waiting. May be nil.
	Progress func(string)
}

const (
	askEvery = 5 * time.Second
	// tellEvery is how often a person hears that a scan still runs.
	tellEvery = 15 * time.Second
	// A finding more says no more.
	maxNamed = 10
)

// Wait returns the findings once the scan that the push started has ended, or
// an error when the context's time is up before.
func (s *Scanner) Wait(ctx context.Context, digest string) (*Findings, error) {
	every := s.Every
	if every == 0 {
		every = askEvery
	}
	var told time.Time
	for begin := time.Now(); ; {
		f, err := s.look(ctx, digest)
		var none *types.ScanNotFoundException
		pending := errors.As(err, &none)
		if err != nil && !pending {
			return nil, fmt.Errorf("ask for the scan of %s in %s: %w", digest, s.Repository, err)
		}
		status := "no scan yet"
		if !pending {
			if f.Status != string(types.ScanStatusInProgress) && f.Status != string(types.ScanStatusPending) {
				return f, nil
			}
			status = f.Status
		}
		if time.Since(told) > tellEvery && s.Progress != nil {
			s.Progress(fmt.Sprintf("waiting for the scan of %s: %s, after %.0f s", digest, status, time.Since(begin).Seconds()))
			told = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the scan of %s did not end in %.0f s, last: %s; is scanning on push switched on for %s?",
				digest, time.Since(begin).Seconds(), status, s.Repository)
		case <-time.After(every):
		}
	}
}

func (s *Scanner) look(ctx context.Context, digest string) (*Findings, error) {
	out := &Findings{Repository: s.Repository, Image: digest, Counts: map[string]int{}, Critical: []string{}}
	pages := ecr.NewDescribeImageScanFindingsPaginator(s.ECR, &ecr.DescribeImageScanFindingsInput{
		RepositoryName: &s.Repository, ImageId: &types.ImageIdentifier{ImageDigest: aws.String(digest)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		if page.ImageScanStatus != nil {
			out.Status, out.Why = string(page.ImageScanStatus.Status), aws.ToString(page.ImageScanStatus.Description)
		}
		out.add(page.ImageScanFindings)
	}
	return out, nil
}

func (f *Findings) add(page *types.ImageScanFindings) {
	if page == nil {
		return
	}
	for severity, n := range page.FindingSeverityCounts {
		f.Counts[severity] = int(n) // of the image, not of the page
	}
	for _, x := range page.Findings {
		if x.Severity == types.FindingSeverityCritical && len(f.Critical) < maxNamed {
			f.Critical = append(f.Critical, aws.ToString(x.Name))
		}
	}
	for _, x := range page.EnhancedFindings {
		if aws.ToString(x.Severity) == string(types.FindingSeverityCritical) && len(f.Critical) < maxNamed {
			f.Critical = append(f.Critical, aws.ToString(x.Title))
		}
	}
}
