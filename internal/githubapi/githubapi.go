// Package githubapi tells GitHub what the pipeline found: one comment on a pull
// request, one issue for a finding that lasts, one release. Each is found again
// by a marker in its text and updated, so that a hundred runs leave one.
//
// It is the standard library alone: it is built, in seconds, in jobs that may
// write to the repository and do nothing else.
package githubapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	// maxPages ends the search for a comment or an issue: 100 a page are the most
	// that the API gives, and nobody reads 3,000.
	// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
	perPage, maxPages = 100, 30
	// maxBody is how much of an answer is read, in bytes.
	maxBody = 16 << 20
	// A call is tried again after a server error or when GitHub asks to wait.
	attempts = 4
	timeout  = 30 * time.Second
)

// Author is who comments with a job's own token. Only its comments and issues
// are updated: anybody can write a marker.
const Author = "github-actions[bot]"

// Client calls the REST API for one repository.
type Client struct {
	// URL is the API's, for example https://api.github.com (GITHUB_API_URL).
	URL string
	// Repository is "owner/name" (GITHUB_REPOSITORY).
	Repository string
	// Token is the job's (GITHUB_TOKEN).
	Token string
	// Pause is how long to wait before the second attempt; each further one waits
	// twice as long. Zero means one second.
	Pause time.Duration
	// HTTP is the client to use. Nil means one with a timeout.
	HTTP *http.Client
}

var repositoryPattern = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$`)

// New makes a client from a job's environment.
func New(getenv func(string) string) (*Client, error) {
	c := &Client{URL: getenv("GITHUB_API_URL"), Repository: getenv("GITHUB_REPOSITORY"), Token: getenv("GITHUB_TOKEN")}
	if c.URL == "" {
		c.URL = "https://api.github.com"
	}
	if !repositoryPattern.MatchString(c.Repository) {
		return nil, fmt.Errorf("GITHUB_REPOSITORY: is %q, want owner/name", c.Repository)
	}
	if c.Token == "" {
		return nil, errors.New("GITHUB_TOKEN: is empty, want the job's token: env: {GITHUB_TOKEN: ${{ github.token }}}")
	}
	return c, nil
}

// APIError is an answer that is no success.
type APIError struct {
	// Method and Path are the request's, Status and Message the answer's.
	Method, Path, Message string
	Status                int
}

func (e *APIError) Error() string {
	hint := ""
	if e.Status == http.StatusForbidden || e.Status == http.StatusNotFound {
		hint = "; the job may lack a permission: docs/pipeline.md lists them"
	}
	return fmt.Sprintf("GitHub's API: %s %s: %d %s%s", e.Method, e.Path, e.Status, e.Message, hint)
}

// call makes one request below the repository and decodes the answer.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("encode a request to GitHub: %w", err)
		}
	}
	pause := c.Pause
	if pause == 0 {
		pause = time.Second
	}
	for attempt := 1; ; attempt++ {
		again, err := c.once(ctx, method, path, body, out)
		if err == nil || !again || attempt == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// once says besides whether the same call could succeed later.
func (c *Client) once(ctx context.Context, method, path string, body []byte, out any) (again bool, err error) {
	full := strings.TrimSuffix(c.URL, "/") + "/repos/" + c.Repository + path
	req, err := http.NewRequestWithContext(ctx, method, full, bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("GitHub's API: %w", err)
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	req.Header.Set("User-Agent", "evenkeel")
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: timeout}
	}
	resp, err := client.Do(req)
	if err != nil {
		// A new comment may have been made all the same: only what can be repeated
		// without harm is.
		return method != http.MethodPost, fmt.Errorf("GitHub's API: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return false, fmt.Errorf("GitHub's API: %s %s: %w", method, path, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return later(resp), &APIError{Method: method, Path: path, Status: resp.StatusCode, Message: message(raw)}
	}
	if out == nil || len(raw) == 0 {
		return false, nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return false, fmt.Errorf("GitHub's API: %s %s: %w", method, path, err)
	}
	return false, nil
}

// later tells whether an error is one of load, on which GitHub did nothing.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func later(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusForbidden:
		return resp.Header.Get("Retry-After") != ""
	}
	return false
}

func message(raw []byte) string {
	var body struct {
		Message string
		Errors  json.RawMessage
	}
	if json.Unmarshal(raw, &body) != nil || body.Message == "" {
		return ""
	}
	if len(body.Errors) > 0 {
		return body.Message + " " + string(body.Errors)
	}
	return body.Message
}

// item is a comment or an issue.
type item struct {
	ID     int64  `json:"id"`
	Number int    `json:"number"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	URL    string `json:"html_url"`
	User   struct {
		Login string `json:"login"`
	} `json:"user"`
	PullRequest *struct{} `json:"pull_request"`
}

// find looks through a list for our own item whose text starts with the marker.
func (c *Client) find(ctx context.Context, path string, query url.Values, marker string) (*item, error) {
	for page := 1; page <= maxPages; page++ {
		query.Set("per_page", fmt.Sprint(perPage))
		query.Set("page", fmt.Sprint(page))
		var list []item
		if err := c.call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &list); err != nil {
			return nil, err
		}
		for _, it := range list {
			if it.User.Login == Author && it.PullRequest == nil && strings.HasPrefix(it.Body, marker) {
				return &it, nil
			}
		}
		if len(list) < perPage {
			break
		}
	}
	return nil, nil //nolint:nilnil // not there is an answer, and no mistake
}
