// Package health is the container's health check: the binary asks the server
// that runs beside it, so that the image needs no shell and no curl.
package health

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Path is where the server says whether it is alive.
const Path = "/healthz"

// Less than the five seconds that the platform gives the command.
const patience = 3 * time.Second

// Check asks the server at host:port. It returns nil if that is alive.
func Check(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+Path, nil)
	if err != nil {
		return fmt.Errorf("check %s: %w", address, err)
	}
	req.Header.Set("User-Agent", "api-health")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("check %s: %w", address, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("check %s: %s answers %s", address, Path, res.Status)
	}
	return nil
}
