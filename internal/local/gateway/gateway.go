package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"evenkeel/internal/local/gateway/play"
)

// Options says what a gateway stands in front of.
type Options struct {
	// Upstream is moto's address, such as http://127.0.0.1:5000.
	Upstream *url.URL
	// CallsFile is where calls are appended as JSON lines; emptied at the start.
	// Empty keeps the record in memory only.
	CallsFile string
	// MotoLog is the file that moto's output goes to, from which failures are
	// explained. Empty does without.
	MotoLog string
	// AccountID is the emulated account, 12 digits.
	AccountID string
	// Identity is what the health endpoint tells.
	Identity Identity
	// Token is what POST /_evenkeel/shutdown wants as bearer token. Empty
	// refuses every shutdown.
	Token string
	// OnShutdown is called once, in a goroutine, when a shutdown was accepted.
	OnShutdown func()
	// Now is the clock by which deployments are played; time.Now unless it is set.
	Now func() time.Time
}

// Gateway is an http.Handler. Make it with New and close it with Close.
type Gateway struct {
	options  Options
	proxy    *httputil.ReverseProxy
	calls    *recorder
	log      motoLog
	repeats  *repeats
	shutdown sync.Once

	// mu guards memory, and is held while a completion runs.
	mu     sync.Mutex
	memory *memory
}

// New makes a gateway. It fails when the options are incomplete or the file
// of calls cannot be written.
func New(o Options) (*Gateway, error) {
	if o.Upstream == nil {
		return nil, errors.New("gateway: Upstream is not set, want the address of moto")
	}
	calls, err := newRecorder(o.CallsFile)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g := &Gateway{options: o, calls: calls, log: motoLog{o.MotoLog}, repeats: newRepeats()}
	if o.Now == nil {
		o.Now = time.Now
	}
	moto := newUpstream(o.Upstream)
	g.memory = newMemory(o.AccountID, moto, play.NewWorld(o.Now, moto, g.complain))
	g.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(o.Upstream)
			// Moto builds URLs that it returns from the host it was asked for.
			r.Out.Host = r.In.Host
			// The proxy drops parameters that it cannot parse; S3 keys may hold them.
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			r.Out.Header.Del("Expect")
		},
		ModifyResponse: func(r *http.Response) error { return exchangeOf(r.Request).modify(r) },
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			exchangeOf(r).unanswered(w, err)
		},
		Transport: &http.Transport{
			DisableCompression: true,
			// Moto closes every connection; reusing one would race with that.
			DisableKeepAlives: true,
		},
		FlushInterval: -1,
	}
	return g, nil
}

// Calls returns the recorded calls with a sequence above since; the newest
// 10,000 at least, all of them as long as there are fewer.
func (g *Gateway) Calls(since int) []Call { return g.calls.since(since) }

// Refused returns every call that was refused.
func (g *Gateway) Refused() []Call { return g.calls.refusals() }

// Close closes the file of calls. Calls answered later are only kept in memory.
func (g *Gateway) Close() error { return g.calls.close() }

// ServeHTTP answers the control endpoints below /_evenkeel/ itself and treats
// everything else as an AWS call.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r.URL.Path) {
		g.control(w, r)
		return
	}
	e, err := g.newExchange(r)
	if err != nil {
		// The client broke off while sending, so nothing was called.
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if key := invocation(e); key != "" {
		g.once(w, e, key)
		return
	}
	g.answer(w, e)
}

// answer carries a call out, in a world that has come as far as the clock.
func (g *Gateway) answer(w http.ResponseWriter, e *exchange) {
	g.advance()
	if early := e.early(); early != nil {
		e.finish(early)
		fromJSONProtocol(e.operation, early)
		early.writeTo(w)
		return
	}
	g.proxy.ServeHTTP(w, e.request.WithContext(context.WithValue(e.request.Context(), exchangeKey{}, e)))
}

func (g *Gateway) advance() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.memory.world.Advance()
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange {
	e, _ := r.Context().Value(exchangeKey{}).(*exchange)
	return e
}

// newExchange reads and names a request. The content of an uploaded object is
// left to stream.
func (g *Gateway) newExchange(r *http.Request) (*exchange, error) {
	e := &exchange{gateway: g, request: r, started: time.Now(), operation: identify(r, nil)}
	e.path, e.method = maskPath(r.URL), r.Method
	if !e.operation.uploads {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
		plain := plainBody(r.Header, raw)
		e.operation = identify(r, plain)
		e.body = plain
		e.parameters = decodeParameters(e.operation, r, plain)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		if len(raw) > 0 {
			r.TransferEncoding = nil
		}
	}
	e.completion = find(e.operation)
	e.toJSONProtocol()
	return e, nil
}
