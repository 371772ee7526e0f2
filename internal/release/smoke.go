package release

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// smokeGood is how many good answers in a row are wanted, smokeTries how
	// often at most is asked: a task may still be warming up.
	smokeGood  = 3
	smokeTries = 12
	// smokePause is between two requests, smokeTimeout for one.
	smokePause   = 2 * time.Second
	smokeTimeout = 10 * time.Second
)

// smokeClient trusts a server whose certificate is good for any name. The test
// listener is asked by the load balancer's own name, which no certificate can
// hold; a request carries nothing secret, and its answer decides nothing but
// whether the new tasks get traffic.
func smokeClient() *http.Client {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies all but the name
		VerifyConnection: func(c tls.ConnectionState) error {
			chain := x509.NewCertPool()
			for _, cert := range c.PeerCertificates[1:] {
				chain.AddCert(cert)
			}
			_, err := c.PeerCertificates[0].Verify(x509.VerifyOptions{Intermediates: chain})
			return err
		},
	}}
	// A redirect may lead to the production listener, where the old tasks answer.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: t, CheckRedirect: stay}
}

// smokeTest asks the test listener, behind which only the new tasks are.
func (r *run) smokeTest(ctx context.Context) error {
	if r.Options.NoSmoke != "" {
		r.told.say("no smoke test: %s", r.Options.NoSmoke)
		return nil
	}
	base := cmp.Or(r.Options.TestURL, r.out.TestURL)
	_, err := timed(r, "smoke test", func() (any, error) { return nil, r.smoke(ctx, base) })
	return err
}

// smoke wants several good answers in a row.
func (r *run) smoke(ctx context.Context, base string) error {
	url := strings.TrimSuffix(base, "/") + r.out.SmokePath
	r.told.say("smoke test: %s", url)
	var last error
	for try, good := 0, 0; try < smokeTries; try++ {
		if last = r.ask(ctx, url); last == nil {
			good++
		} else {
			good = 0
			r.told.state("smoke test: %v", last)
		}
		if good == smokeGood {
			r.told.say("smoke test: %d good answers in a row", good)
			return nil
		}
		if err := r.Clock.Sleep(ctx, smokePause); err != nil {
			return err
		}
	}
	if last == nil {
		last = fmt.Errorf("never %d good answers in a row", smokeGood)
	}
	var silent net.Error
	if errors.As(last, &silent) && silent.Timeout() { // what a security group lets nobody else in answers
		return fmt.Errorf("the smoke test of %s failed: %w; if this machine is none of evenkeel:ingress.allowedCidrs, "+
			"release from one that is, or with --no-smoke-test (in the workflows: the variable %s_URL is none)", url, last, strings.ToUpper(r.Options.Stack))
	}
	return fmt.Errorf("the smoke test of %s failed: %w", url, last)
}

func (r *run) ask(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, smokeTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "evenkeel-smoke-test")
	answer, err := r.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 200))
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("status %d, want 2xx: %s", answer.StatusCode, strings.Join(strings.Fields(string(body)), " "))
	}
	return nil
}
