package githubapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// markerOf is the marker with which a text begins.
func markerOf(text string) (string, error) {
	first, _, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(first, "<!-- evenkeel:") || !strings.HasSuffix(first, " -->") {
		return "", fmt.Errorf("the text starts with %.40q, want a marker such as <!-- evenkeel:review -->, by which the next run finds it", first)
	}
	return first, nil
}

// Comment updates the comment of a pull request that begins with the text's
// marker, or makes it. It returns the comment's URL.
func (c *Client) Comment(ctx context.Context, pullRequest int, text string) (string, error) {
	marker, err := markerOf(text)
	if err != nil {
		return "", err
	}
	if pullRequest < 1 {
		return "", fmt.Errorf("pull request: is %d, want its number", pullRequest)
	}
	list := fmt.Sprintf("/issues/%d/comments", pullRequest)
	old, err := c.find(ctx, list, url.Values{}, marker)
	if err != nil {
		return "", err
	}
	var done item
	body := map[string]string{"body": text}
	switch {
	case old == nil:
		err = c.call(ctx, http.MethodPost, list, body, &done)
	case old.Body == text:
		return old.URL, nil
	default:
		err = c.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/comments/%d", old.ID), body, &done)
	}
	return done.URL, err
}

// Open makes sure that an issue with the text's marker is open and has this
// title and text. It returns the URL.
func (c *Client) Open(ctx context.Context, title, text string, labels []string) (string, error) {
	marker, err := markerOf(text)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(title) == "" {
		return "", errors.New("title: is empty, want the issue's title")
	}
	old, err := c.find(ctx, "/issues", open(), marker)
	if err != nil {
		return "", err
	}
	var done item
	if old == nil {
		err = c.call(ctx, http.MethodPost, "/issues", map[string]any{"title": title, "body": text, "labels": labels}, &done)
		return done.URL, err
	}
	if old.Body == text && old.Title == title {
		return old.URL, nil
	}
	err = c.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/%d", old.Number), map[string]any{"title": title, "body": text}, &done)
	return done.URL, err
}

// Close closes the open issue with the text's marker, if there is one, and says
// why in a comment: the text without its marker. It returns the URL,
// empty when there was none.
func (c *Client) Close(ctx context.Context, text string) (string, error) {
	marker, err := markerOf(text)
	if err != nil {
		return "", err
	}
	old, err := c.find(ctx, "/issues", open(), marker)
	if err != nil || old == nil {
		return "", err
	}
	why := strings.TrimSpace(strings.TrimPrefix(text, marker))
	if why != "" {
		if err := c.call(ctx, http.MethodPost, fmt.Sprintf("/issues/%d/comments", old.Number), map[string]string{"body": why}, nil); err != nil {
			return "", err
		}
	}
	err = c.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/%d", old.Number),
		map[string]string{"state": "closed", "state_reason": "completed"}, nil)
	return old.URL, err
}

func open() url.Values { return url.Values{"state": {"open"}, "creator": {Author}} }

// Release is what was released.
type Release struct {
	// Tag is the Git tag, which GitHub makes at Commit when there is none.
	Tag, Commit string
	// Text comes before the list of merged pull requests that GitHub writes.
	Text string
}

// Publish makes a release, with notes of what was merged since the last one. A
// tag that has a release already keeps it as it is: a job can run
// twice. It returns the release's URL.
func (c *Client) Publish(ctx context.Context, r Release) (string, error) {
	if r.Tag == "" || r.Commit == "" {
		return "", errors.New("release: tag and commit are both required")
	}
	var old item
	err := c.call(ctx, http.MethodGet, "/releases/tags/"+url.PathEscape(r.Tag), nil, &old)
	var missing *APIError
	switch {
	case err == nil:
		return old.URL, nil
	case !errors.As(err, &missing) || missing.Status != http.StatusNotFound:
		return "", err
	}
	var done item
	err = c.call(ctx, http.MethodPost, "/releases", map[string]any{
		"tag_name": r.Tag, "target_commitish": r.Commit, "name": r.Tag, "body": r.Text, "generate_release_notes": true,
	}, &done)
	return done.URL, err
}
