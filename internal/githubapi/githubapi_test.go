package githubapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/githubapi"
)

const marker = "<!-- evenkeel:review -->"

type entry struct {
	ID          int               `json:"id"`
	Number      int               `json:"number"`
	Title       string            `json:"title"`
	Body        string            `json:"body"`
	State       string            `json:"state"`
	URL         string            `json:"html_url"`
	Labels      []string          `json:"-"`
	User        map[string]string `json:"user"`
	PullRequest *struct{}         `json:"pull_request,omitempty"`
}

// github answers as the REST API does, as far as this package asks.
// https://docs.github.com/en/rest/issues/comments
type github struct {
	sync.Mutex
	t                  *testing.T
	comments, issues   []*entry
	releases           map[string]map[string]any
	writes             []string
	fail               []int // statuses to answer first
	retryAfter         string
	commentsOfTheIssue int
}

func start(t *testing.T) (*github, *githubapi.Client) {
	g := &github{t: t, releases: map[string]map[string]any{}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return g, &githubapi.Client{URL: server.URL, Repository: "example/orders", Token: "t0ken", Pause: time.Millisecond}
}

func (g *github) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.Lock()
	defer g.Unlock()
	assert.Equal(g.t, "Bearer t0ken", r.Header.Get("Authorization"))
	assert.Equal(g.t, "application/vnd.github+json", r.Header.Get("Accept"))
	path, ok := strings.CutPrefix(r.URL.Path, "/repos/example/orders")
	assert.True(g.t, ok, r.URL.Path)
	if len(g.fail) > 0 {
		if g.retryAfter != "" {
			w.Header().Set("Retry-After", g.retryAfter)
		}
		w.WriteHeader(g.fail[0])
		g.fail = g.fail[1:]
		_, _ = w.Write([]byte(`{"message":"no","errors":[{"code":"bad"}]}`))
		return
	}
	var in map[string]any
	if r.Method != http.MethodGet {
		assert.NoError(g.t, json.NewDecoder(r.Body).Decode(&in))
		g.writes = append(g.writes, r.Method+" "+path)
	}
	status, out := g.answer(r, path, in)
	w.WriteHeader(status)
	assert.NoError(g.t, json.NewEncoder(w).Encode(out))
}

func (g *github) answer(r *http.Request, path string, in map[string]any) (int, any) {
	switch {
	case r.Method == http.MethodGet && path == "/issues/7/comments":
		return http.StatusOK, page(r, g.comments)
	case r.Method == http.MethodPost && path == "/issues/7/comments":
		return http.StatusCreated, add(&g.comments, "comment", in)
	case r.Method == http.MethodPatch && strings.HasPrefix(path, "/issues/comments/"):
		return http.StatusOK, change(g.comments, path, in)
	case r.Method == http.MethodGet && path == "/issues":
		assert.Equal(g.t, "open", r.URL.Query().Get("state"))
		var open []*entry
		for _, e := range g.issues {
			if e.State != "closed" {
				open = append(open, e)
			}
		}
		return http.StatusOK, page(r, open)
	case r.Method == http.MethodPost && path == "/issues":
		return http.StatusCreated, add(&g.issues, "issue", in)
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/comments"):
		g.commentsOfTheIssue++
		return http.StatusCreated, map[string]any{}
	case r.Method == http.MethodPatch && strings.HasPrefix(path, "/issues/"):
		return http.StatusOK, change(g.issues, path, in)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/releases/tags/"):
		if rel, there := g.releases[strings.TrimPrefix(path, "/releases/tags/")]; there {
			return http.StatusOK, rel
		}
		return http.StatusNotFound, map[string]string{"message": "Not Found"}
	case r.Method == http.MethodPost && path == "/releases":
		in["html_url"] = "https://github.example/release"
		g.releases[in["tag_name"].(string)] = in
		return http.StatusCreated, in
	}
	return http.StatusNotFound, map[string]string{"message": "Not Found"}
}

func page(r *http.Request, all []*entry) []*entry {
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	from := min((n-1)*size, len(all))
	return append([]*entry{}, all[from:min(from+size, len(all))]...)
}

func add(list *[]*entry, kind string, in map[string]any) *entry {
	n := len(*list) + 1
	e := &entry{ID: 1000 + n, Number: n, URL: fmt.Sprintf("https://github.example/%s/%d", kind, n), User: map[string]string{"login": githubapi.Author}}
	apply(e, in)
	*list = append(*list, e)
	return e
}

func change(list []*entry, path string, in map[string]any) any {
	id := path[strings.LastIndex(path, "/")+1:]
	for _, e := range list {
		if id == fmt.Sprint(e.ID) || id == fmt.Sprint(e.Number) {
			apply(e, in)
			return e
		}
	}
	return map[string]string{}
}

func apply(e *entry, in map[string]any) {
	for key, to := range map[string]*string{"body": &e.Body, "title": &e.Title, "state": &e.State} {
		if v, ok := in[key].(string); ok {
			*to = v
		}
	}
}

func TestOneCommentIsUpdated(t *testing.T) {
	t.Parallel()
	g, c := start(t)
	// More than one page, and others that look like it.
	for i := range 150 {
		g.comments = append(g.comments, &entry{ID: i + 1, Body: "text", User: map[string]string{"login": "somebody"}})
	}
	g.comments[3].Body = marker + "\nnot by us"
	g.comments[4] = &entry{ID: 5, Body: "a quote of " + marker, User: map[string]string{"login": githubapi.Author}}

	url, err := c.Comment(t.Context(), 7, marker+"\nfirst")
	require.NoError(t, err)
	assert.Equal(t, "https://github.example/comment/151", url)
	again, err := c.Comment(t.Context(), 7, marker+"\nsecond")
	require.NoError(t, err)
	assert.Equal(t, url, again)
	assert.Len(t, g.comments, 151)
	assert.Equal(t, marker+"\nsecond", g.comments[150].Body)
	assert.Equal(t, marker+"\nnot by us", g.comments[3].Body)
	assert.Len(t, g.writes, 2)
	_, err = c.Comment(t.Context(), 7, marker+"\nsecond")
	require.NoError(t, err)
	assert.Len(t, g.writes, 2, "the same text is no update, and no mail")
	_, err = c.Comment(t.Context(), 7, "<!-- evenkeel:other -->\nother")
	require.NoError(t, err)
	assert.Len(t, g.comments, 152, "another marker is another comment")
}

func TestATicketOpensChangesAndCloses(t *testing.T) {
	t.Parallel()
	g, c := start(t)
	const drift = "<!-- evenkeel:drift:dev -->"
	g.issues = []*entry{{ID: 1001, Number: 1, Body: drift + "\na pull request", PullRequest: &struct{}{}, User: map[string]string{"login": githubapi.Author}}}
	url, err := c.Close(t.Context(), drift+"\nnothing differs")
	require.NoError(t, err)
	assert.Empty(t, url, "there is no ticket to close")
	first, err := c.Open(t.Context(), "Drift", drift+"\none thing", nil)
	require.NoError(t, err)
	second, err := c.Open(t.Context(), "Drift", drift+"\ntwo things", nil)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Len(t, g.issues, 2)
	assert.Equal(t, drift+"\ntwo things", g.issues[1].Body)
	writes := len(g.writes)
	_, err = c.Open(t.Context(), "Drift", drift+"\ntwo things", nil)
	require.NoError(t, err)
	assert.Len(t, g.writes, writes)
	url, err = c.Close(t.Context(), drift+"\nnothing differs")
	require.NoError(t, err)
	assert.Equal(t, first, url)
	assert.Equal(t, "closed", g.issues[1].State)
	assert.Equal(t, 1, g.commentsOfTheIssue)
	_, err = c.Open(t.Context(), "Drift", drift+"\nagain", nil)
	require.NoError(t, err)
	assert.Len(t, g.issues, 3, "a closed ticket stays closed")
}

func TestARelease(t *testing.T) {
	t.Parallel()
	g, c := start(t)
	r := githubapi.Release{Tag: "release-1", Commit: "abc", Text: "text"}
	for range 2 {
		url, err := c.Publish(t.Context(), r)
		require.NoError(t, err)
		assert.Equal(t, "https://github.example/release", url)
	}
	assert.Equal(t, []string{"POST /releases"}, g.writes, "a job that runs twice makes one")
	assert.Equal(t, true, g.releases["release-1"]["generate_release_notes"])
	assert.Equal(t, "abc", g.releases["release-1"]["target_commitish"])
	_, err := c.Publish(t.Context(), githubapi.Release{})
	assert.ErrorContains(t, err, "tag and commit are both required")
}

func TestLoadIsWaitedFor(t *testing.T) {
	t.Parallel()
	g, c := start(t)
	g.fail = []int{http.StatusBadGateway, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	_, err := c.Comment(t.Context(), 7, marker)
	require.NoError(t, err)
	g.fail = []int{http.StatusBadGateway, http.StatusBadGateway, http.StatusBadGateway, http.StatusBadGateway}
	_, err = c.Comment(t.Context(), 7, marker)
	require.ErrorContains(t, err, "GitHub's API: GET /issues/7/comments?page=1&per_page=100: 502 no")
	g.fail, g.retryAfter = []int{http.StatusForbidden}, "1"
	_, err = c.Comment(t.Context(), 7, marker)
	require.NoError(t, err, "a secondary rate limit")
}

func TestARefusalIsTold(t *testing.T) {
	t.Parallel()
	g, c := start(t)
	g.fail = []int{http.StatusForbidden}
	_, err := c.Comment(t.Context(), 7, marker)
	var refused *githubapi.APIError
	require.ErrorAs(t, err, &refused)
	assert.ErrorContains(t, err, `403 no [{"code":"bad"}]; the job may lack a permission`)
	assert.Empty(t, g.fail, "no is no")
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	g, c := start(t)
	_, err := c.Comment(t.Context(), 7, "no marker")
	assert.ErrorContains(t, err, `the text starts with "no marker", want a marker`)
	_, err = c.Comment(t.Context(), 0, marker)
	assert.ErrorContains(t, err, "pull request: is 0, want its number")
	_, err = c.Open(t.Context(), " ", marker, nil)
	assert.ErrorContains(t, err, "title: is empty")
	assert.Empty(t, g.writes)
	for env, says := range map[string]string{"": "GITHUB_REPOSITORY", "a": "want owner/name", "a/b/../c": "want owner/name"} {
		_, err := githubapi.New(func(name string) string {
			return map[string]string{"GITHUB_REPOSITORY": env, "GITHUB_TOKEN": "t"}[name]
		})
		assert.ErrorContains(t, err, says)
	}
	_, err = githubapi.New(func(name string) string { return map[string]string{"GITHUB_REPOSITORY": "a/b"}[name] })
	assert.ErrorContains(t, err, "GITHUB_TOKEN: is empty")
}
