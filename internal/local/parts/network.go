package parts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// reachLimit is how long a host may take to answer before a download from it
// is not even tried.
const reachLimit = 4 * time.Second

var errOffline = errors.New("skipped: downloads are switched off (EVENKEEL_OFFLINE)")

// network remembers which hosts answered within one run, so that a machine
// without internet access waits once.
type network struct {
	offline bool
	client  *http.Client
	mu      sync.Mutex
	known   map[string]error
}

func newNetwork(offline bool) *network {
	return &network{offline: offline, client: &http.Client{Timeout: reachLimit}, known: map[string]error{}}
}

// reach returns nil when one of the addresses answers, whatever the answer.
// It goes through the proxy of the environment, as a download does.
func (n *network) reach(ctx context.Context, urls ...string) error {
	if n.offline {
		return errOffline
	}
	results := make(chan error, len(urls))
	for _, u := range urls {
		go func() { results <- n.ask(ctx, u) }()
	}
	var errs []string
	for range urls {
		err := <-results
		if err == nil {
			return nil
		}
		errs = append(errs, err.Error())
	}
	return errors.New(strings.Join(errs, "; "))
}

func (n *network) ask(ctx context.Context, url string) error {
	n.mu.Lock()
	err, asked := n.known[url]
	n.mu.Unlock()
	if asked {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	resp, err := n.client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	} else {
		err = fmt.Errorf("no answer from %s: %w", req.URL.Host, errors.Unwrap(err))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[url] = err
	return err
}
