package parts

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
)

// sumsLimit bounds the list of checksums; it has about 20 lines of 120 bytes.
const sumsLimit = 1 << 20

// releaseFile is a file of the provider's release.
func releaseFile(suffix string) string {
	return "terraform-provider-aws_" + TerraformAWSVersion + "_" + suffix
}

// downloadProvider fetches the release's archive for this machine, and unpacks
// it in the cache once its checksum is the one in the release's own list. Both
// come by TLS from HashiCorp's site.
func (f *finder) downloadProvider(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("direct download: %w", err)
		}
	}()
	if err := f.net.reach(ctx, f.releases); err != nil {
		return err
	}
	dir, remove, err := f.cache.scratch("release")
	if err != nil {
		return err
	}
	defer remove()
	name := releaseFile(awsProvider.OS + "_" + awsProvider.Arch + ".zip")
	if err := f.fetchRelease(ctx, name, dir); err != nil {
		return err
	}
	return f.unpackProvider(filepath.Join(dir, name))
}

// fetchRelease downloads a file of the release to dir and checks it.
func (f *finder) fetchRelease(ctx context.Context, name, dir string) (err error) {
	step := "downloading the " + terraformName + " " + TerraformAWSVersion + " from " + f.releases + ", about 150 MB"
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "downloaded")) }()
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	want, err := f.releaseSum(ctx, name)
	if err != nil {
		return err
	}
	got, err := f.saveRelease(ctx, name, filepath.Join(dir, name))
	if err != nil {
		return f.cache.trouble(err)
	}
	if got != want {
		return fmt.Errorf("%s: has SHA-256 %s, want %s as in %s", f.releaseURL(name), got, want, releaseFile("SHA256SUMS"))
	}
	return nil
}

func (f *finder) releaseURL(file string) string {
	return f.releases + "/terraform-provider-aws/" + TerraformAWSVersion + "/" + file
}

// releaseSum reads the checksum of a file in the release's list, which has
// lines of a checksum in hex, two spaces and a name.
func (f *finder) releaseSum(ctx context.Context, name string) (string, error) {
	list := f.releaseURL(releaseFile("SHA256SUMS"))
	body, err := openRelease(ctx, list)
	if err != nil {
		return "", err
	}
	defer body.Close()
	lines := bufio.NewScanner(io.LimitReader(body, sumsLimit))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 2 && fields[1] == name {
			return strings.ToLower(fields[0]), nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("%s: %w", list, err)
	}
	return "", fmt.Errorf("%s: does not list %s", list, name)
}

// saveRelease writes a file of the release and returns its SHA-256 in hex.
func (f *finder) saveRelease(ctx context.Context, name, to string) (string, error) {
	body, err := openRelease(ctx, f.releaseURL(name))
	if err != nil {
		return "", err
	}
	defer body.Close()
	sum := sha256.New()
	if err := writeFile(to, io.TeeReader(body, sum), 0o600); err != nil {
		return "", fmt.Errorf("%s: %w", f.releaseURL(name), err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// releaseClient does not leave TLS for a redirect: the checksum proves nothing
// when it came over an open connection. The proxy of the environment is used.
var releaseClient = &http.Client{CheckRedirect: func(to *http.Request, via []*http.Request) error {
	switch {
	case via[0].URL.Scheme == "https" && to.URL.Scheme != "https":
		return fmt.Errorf("redirected to %s, want https", to.URL)
	case len(via) >= 10:
		return errors.New("redirected 10 times")
	}
	return nil
}}

func openRelease(ctx context.Context, url string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", url, err)
	}
	answer, err := releaseClient.Do(req)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%s: answered %s", url, answer.Status)
	}
	return answer.Body, nil
}
