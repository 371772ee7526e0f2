// Package problem writes errors as problem documents (RFC 9457).
package problem

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// ContentType is the media type of a problem document.
const ContentType = "application/problem+json"

// RequestIDHeader carries the id of a request, in both directions.
const RequestIDHeader = "X-Request-Id"

// nginx's status for a caller that did not wait, which no alarm should count
// among the server's errors.
const statusClientClosedRequest = 499

// Kind is a type of problem. Its name ends the document's "type", a path on
// this API where the kind is explained.
type Kind struct {
	Name, Title string
	Status      int
	Meaning     string
}

// The kinds of problems. Names are API.
var (
	Malformed        = Kind{"malformed-request", "The request could not be read", http.StatusBadRequest, "The body is not one JSON document of the expected shape. Nothing was changed."}
	Unauthorized     = Kind{"unauthorized", "Credentials are missing or wrong", http.StatusUnauthorized, "Send the bearer token of this endpoint."}
	NotFound         = Kind{"not-found", "There is nothing here", http.StatusNotFound, "No resource has this address. Old orders make way for new ones."}
	MethodNotAllowed = Kind{"method-not-allowed", "The resource does not have this method", http.StatusMethodNotAllowed, "The Allow header lists the methods it has."}
	Timeout          = Kind{"timeout", "The request took too long", http.StatusServiceUnavailable, "The answer was not ready in time. A GET or PUT may be repeated; after a POST look first whether it worked."}
	BodyTimeout      = Kind{"body-timeout", "The request's body came too slowly", http.StatusRequestTimeout, "Nothing was changed; the request may be repeated."}
	Conflict         = Kind{"conflict", "The resource is in the wrong state", http.StatusConflict, "Read the resource again before you decide what to do."}
	TooLarge         = Kind{"too-large", "The request's body is too large", http.StatusRequestEntityTooLarge, "The detail says how much is accepted."}
	MediaType        = Kind{"unsupported-media-type", "The body has the wrong media type", http.StatusUnsupportedMediaType, "Send application/json, in UTF-8."}
	InvalidFields    = Kind{"invalid-fields", "Some values are not acceptable", http.StatusUnprocessableEntity, "The errors member lists every value, and what is wanted. Nothing was changed."}
	Internal         = Kind{"internal", "Something went wrong on our side", http.StatusInternalServerError, "The cause is in the service's log, under the document's requestId."}
	ClientGone       = Kind{"client-closed-request", "The caller went away", statusClientClosedRequest, "Nobody gets this answer; the status is in the log only."}
	NotReady         = Kind{"not-ready", "The service takes no traffic now", http.StatusServiceUnavailable, "It is starting, stopping or overloaded."}
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{
		Malformed, Unauthorized, NotFound, MethodNotAllowed, Timeout, BodyTimeout, Conflict,
		TooLarge, MediaType, InvalidFields, Internal, ClientGone, NotReady,
	}
}

// FieldError is what is wrong with one value.
type FieldError struct {
	// Pointer is where the value is in the body: a JSON Pointer as a URI
	// fragment, such as "#/items/0/quantity".
	Pointer string `json:"pointer,omitempty"`
	// Parameter is the name of the query parameter, where the value is one.
	Parameter string `json:"parameter,omitempty"`
	// Detail says what the value is, and what is wanted.
	Detail string `json:"detail"`
}

// Problem is one problem document; it is an error.
type Problem struct {
	Kind   Kind
	Detail string
	Errors []FieldError
}

// New makes a problem with a detail for people.
func New(kind Kind, format string, args ...any) *Problem {
	return &Problem{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// Quote quotes what a caller sent, shortened to 64 characters, because answers
// and logs repeat it.
func Quote(s string) string {
	const most = 64
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strconv.Quote(s)
}

func (p *Problem) Error() string { return p.Kind.Title + ": " + p.Detail }

// document is the shape on the wire. RFC 9457 names its first four members;
// the others are extensions.
type document struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail,omitempty"`
	RequestID string       `json:"requestId,omitempty"`
	Errors    []FieldError `json:"errors,omitempty"`
}

// Write answers a request with the problem. Headers that are already set stay;
// the request's id is taken from them.
func Write(w http.ResponseWriter, p *Problem) error {
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("Location")
	body, err := json.Marshal(document{
		Type: "/problems/" + p.Kind.Name, Title: p.Kind.Title, Status: p.Kind.Status, Detail: p.Detail,
		RequestID: h.Get(RequestIDHeader), Errors: p.Errors,
	})
	if err != nil {
		return fmt.Errorf("encode a problem document: %w", err)
	}
	w.WriteHeader(p.Kind.Status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		return fmt.Errorf("write a problem document: %w", err)
	}
	return nil
}
