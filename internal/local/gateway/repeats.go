package gateway

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// keptAnswers bounds the memory of answers. An SDK sends a call again within
// seconds, so that the newest are enough.
const keptAnswers = 1000

// repeats gives a call that is sent again the answer that it had. An SDK repeats
// a call whose answer was lost, on a connection that broke or on a machine that
// is too busy, and moto, unlike most of AWS, would then say that what the first
// call made exists already.
type repeats struct {
	mu      sync.Mutex
	answers map[string]*answer
	order   []string
}

// answer is what a call got; reply is set when done is closed, and nil if the
// call failed and may be tried again.
type answer struct {
	done  chan struct{}
	reply *reply
}

func newRepeats() *repeats { return &repeats{answers: map[string]*answer{}} }

// claim returns the answer to fill in, and whether it is this caller who does.
func (r *repeats) claim(key string) (*answer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.answers[key]; a != nil {
		return a, false
	}
	a := &answer{done: make(chan struct{})}
	r.answers[key] = a
	r.order = append(r.order, key)
	if len(r.order) > keptAnswers {
		delete(r.answers, r.order[0])
		r.order = r.order[1:]
	}
	return a, true
}

// settle fills an answer in. A failure is forgotten, so that a repetition is a
// new try.
func (r *repeats) settle(key string, a *answer, got *reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if got.status < http.StatusMultipleChoices {
		a.reply = got
	} else if r.answers[key] == a {
		delete(r.answers, key)
	}
	close(a.done)
}

// invocation names a call that changes something, the same at each try; empty
// for a call that may simply be carried out again. The SDKs' headers:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
func invocation(e *exchange) string {
	if e.operation.uploads || readsOnly(e.operation.action) {
		return ""
	}
	id := e.request.Header.Get("Amz-Sdk-Invocation-Id")
	if id == "" {
		return ""
	}
	return e.operation.name() + " " + id
}

func readsOnly(action string) bool {
	for _, prefix := range []string{"Describe", "Get", "List", "Head", "BatchGet", "Lookup", "Search", "Filter"} {
		if strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}

// attempt is which try of a call this is, from 1; 0 if the request does not tell.
func attempt(h http.Header) int {
	for part := range strings.SplitSeq(h.Get("Amz-Sdk-Request"), ";") {
		if n, ok := strings.CutPrefix(strings.TrimSpace(part), "attempt="); ok {
			if n, err := strconv.Atoi(n); err == nil {
				return n
			}
		}
	}
	return 0
}

// once carries a call out unless it was before, and answers it either way.
func (g *Gateway) once(w http.ResponseWriter, e *exchange, key string) {
	a, mine := g.repeats.claim(key)
	for !mine {
		select {
		case <-a.done:
		case <-e.request.Context().Done():
			return
		}
		if a.reply != nil {
			e.record(a.reply.status, "", AnsweredByGateway)
			a.reply.writeTo(w)
			return
		}
		a, mine = g.repeats.claim(key)
	}
	kept := &keeper{header: http.Header{}, status: http.StatusOK}
	// Until the answer is whole, which a proxy that panics never says.
	got := &reply{status: http.StatusBadGateway}
	defer func() { g.repeats.settle(key, a, got) }()
	// What a client leaves behind is carried out all the same, and its answer
	// kept for when the client asks again.
	e.request = e.request.WithContext(context.WithoutCancel(e.request.Context()))
	g.answer(kept, e)
	got = &reply{status: kept.status, header: kept.header, body: kept.body.Bytes()}
	got.send(w)
}

// keeper is a ResponseWriter that keeps the whole answer.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) WriteHeader(status int)      { k.status = status }
func (k *keeper) Write(b []byte) (int, error) { return k.body.Write(b) }
