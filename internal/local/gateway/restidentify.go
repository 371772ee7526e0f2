package gateway

import (
	_ "embed"
	"net/url"
	"strings"
	"sync"
)

//go:generate sh -c "go run ./routesgen -models \"$(python3 -c 'import botocore; print(botocore.__path__[0])')/data\" > routes.txt"

//go:embed routes.txt
var routesText string

// route is one operation of a REST service.
type route struct {
	method   string
	segments []string
	query    url.Values
	action   string
}

var routes = sync.OnceValue(func() map[string][]route {
	out := map[string][]route{}
	for line := range strings.Lines(routesText) {
		field := strings.Fields(line)
		if len(field) != 4 {
			continue
		}
		path, query, _ := strings.Cut(field[2], "?")
		// The queries of the table are literals, which always parse.
		values, _ := url.ParseQuery(query)
		out[field[0]] = append(out[field[0]], route{field[1], segmentsOf(path), values, field[3]})
	}
	return out
})

func segmentsOf(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// restAction names the operation whose route fits best, or else gives method
// and path, which still tells a reader what was asked.
func restAction(signing, method, path string, query url.Values) string {
	best, bestScore := method+" "+path, -1
	segments := segmentsOf(path)
	for _, r := range routes()[signing] {
		if r.method != method {
			continue
		}
		if score := r.score(segments, query); score > bestScore {
			best, bestScore = r.action, score
		}
	}
	return best
}

// score counts the literal parts of the route that a request fits, so that
// "/tags/all" wins over "/tags/{arn}". It is -1 when the request does not fit.
func (r route) score(segments []string, query url.Values) int {
	score := 0
	for i, want := range r.segments {
		if i >= len(segments) {
			return -1
		}
		if !strings.HasPrefix(want, "{") {
			if want != segments[i] {
				return -1
			}
			score += 2
			continue
		}
		last := i == len(r.segments)-1
		// Only the last label takes the rest of the path: an ARN in a path is
		// often sent with its slashes as they are.
		if last && len(segments) > len(r.segments) {
			return r.withQuery(score, query)
		}
		score++
	}
	if len(segments) > len(r.segments) {
		return -1
	}
	return r.withQuery(score, query)
}

func (r route) withQuery(score int, query url.Values) int {
	for k, want := range r.query {
		got, ok := query[k]
		if !ok || (want[0] != "" && (len(got) == 0 || got[0] != want[0])) {
			return -1
		}
		score += 2
	}
	return score
}
