package gateway

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is one call on its way.
type exchange struct {
	gateway    *Gateway
	request    *http.Request
	operation  operation
	completion *Completion

	started      time.Time
	method, path string
	// body is the request's content, decompressed; nil for an upload.
	body       []byte
	parameters any
	// logged is where moto's log ended before the request was sent.
	logged int64
}

// input returns the request's parameters as an object; empty if it has none.
func (e *exchange) input() object {
	m, _ := e.parameters.(map[string]any)
	return m
}

// setBody replaces the content that moto will see.
func (e *exchange) setBody(body []byte) {
	e.body = body
	e.request.Body = io.NopCloser(bytes.NewReader(body))
	e.request.ContentLength = int64(len(body))
	e.request.Header.Del("Content-Encoding")
	e.request.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// early answers a call that does not need moto, and prepares one that does.
func (e *exchange) early() *reply {
	g := e.gateway
	if reason := silentlyWrong(e.operation); reason != "" {
		return failure(e.operation.protocol, CodeNotImplemented, notImplemented(e.operation)+": "+reason)
	}
	if c := e.completion; c != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		if c.before != nil {
			c.before(g.memory, e)
		}
		if c.answer != nil {
			if r := c.answer(g.memory, e); r != nil {
				return r
			}
		}
	}
	e.logged = g.log.size()
	return nil
}

// modify looks at moto's answer before it goes to the client.
func (e *exchange) modify(r *http.Response) error {
	failed := r.StatusCode >= http.StatusBadRequest
	completes := e.completion != nil && e.completion.after != nil
	if e.request.Method == http.MethodHead {
		return e.modifyHead(r)
	}
	if !failed && !completes && e.operation.protocol != protocolCBOR {
		e.record(r.StatusCode, "", AnsweredByMoto)
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	out := &reply{status: r.StatusCode, header: r.Header, body: body}
	by := AnsweredByMoto
	switch refusal := e.refusal(out); {
	case refusal != nil:
		out, by = refusal, AnsweredByRefusal
	case completes:
		e.gateway.mu.Lock()
		e.completion.after(e.gateway.memory, e, out)
		e.gateway.mu.Unlock()
	}
	if out.status >= http.StatusBadRequest && out.code == "" {
		out.code = errorCode(out.header, out.body)
	}
	e.record(out.status, out.code, by)
	fromJSONProtocol(e.operation, out)
	r.StatusCode, r.Status = out.status, strconv.Itoa(out.status)+" "+http.StatusText(out.status)
	r.Header = out.header
	r.Header.Del("Transfer-Encoding")
	r.Header.Set("Content-Length", strconv.Itoa(len(out.body)))
	r.ContentLength, r.TransferEncoding = int64(len(out.body)), nil
	r.Body = io.NopCloser(bytes.NewReader(out.body))
	return nil
}

// modifyHead treats an answer that has no body to explain a failure: only a
// status that SDKs would try again is changed.
func (e *exchange) modifyHead(r *http.Response) error {
	by := AnsweredByMoto
	if r.StatusCode >= http.StatusInternalServerError {
		by = AnsweredByRefusal
		r.StatusCode, r.Status = http.StatusBadRequest, "400 Bad Request"
	}
	e.record(r.StatusCode, "", by)
	return nil
}

// refusal recognises the ways in which moto says that it does not know a call
// or has failed on it. All come as a page of HTML, or as an empty 404.
func (e *exchange) refusal(r *reply) *reply {
	page := bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(r.body)), []byte("<!doctype html>")) &&
		strings.HasPrefix(r.header.Get("Content-Type"), "text/html")
	empty := len(r.body) == 0 && e.operation.protocol != protocolS3
	switch {
	case r.status == http.StatusNotFound && (page || empty), r.status == http.StatusMethodNotAllowed && page:
		return failure(e.operation.protocol, CodeNotImplemented, notImplemented(e.operation))
	case r.status >= http.StatusInternalServerError && page:
		log := e.gateway.log.since(e.logged, e.operation)
		if lacks(log, e.operation) {
			return failure(e.operation.protocol, CodeNotImplemented, notImplemented(e.operation))
		}
		return failure(e.operation.protocol, CodeEmulatorError, motoFailed(e.operation, lastException(log)))
	}
	return nil
}

// unanswered answers for a moto that did not.
func (e *exchange) unanswered(w http.ResponseWriter, err error) {
	if e.request.Context().Err() != nil {
		// The client went away, and nobody refused; 499 is what proxies log for that.
		e.record(499, "", AnsweredByMoto)
		return
	}
	r := failure(e.operation.protocol, CodeEmulatorError, motoFailed(e.operation, "no answer: "+err.Error()))
	e.record(r.status, r.code, AnsweredByRefusal)
	r.writeTo(w)
}

// finish records an answer that was given without moto.
func (e *exchange) finish(r *reply) {
	by := AnsweredByGateway
	if r.code == CodeNotImplemented {
		by = AnsweredByRefusal
	}
	e.record(r.status, r.code, by)
}

func (e *exchange) record(status int, code, by string) {
	o := e.operation
	completed := by == AnsweredByMoto && status < http.StatusMultipleChoices && e.completion.changes()
	err := e.gateway.calls.add(Call{
		Time: e.started.UTC(), Service: o.service, Action: o.action, Region: o.region, AccessKeyID: o.key,
		Attempt: attempt(e.request.Header), Method: e.method, Path: e.path, Parameters: maskParameters(o, e.parameters), Status: status,
		AnsweredBy: by, Completed: completed, Error: code,
		DurationMS: float64(time.Since(e.started).Microseconds()) / 1000,
	})
	if err != nil {
		e.gateway.complain(err)
	}
}

func notImplemented(o operation) string {
	return "evenkeel's emulator: " + o.name() + " is implemented neither by moto " + MotoVersion + " nor by the gateway"
}

func motoFailed(o operation, why string) string {
	if why == "" {
		why = "no exception found in its log"
	}
	return "evenkeel's emulator: moto " + MotoVersion + " failed on " + o.name() + ": " + why
}
