package gateway

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Who gave the answer to a call.
const (
	AnsweredByMoto    = "moto"
	AnsweredByGateway = "gateway"
	// AnsweredByRefusal marks a call that nobody implements, or on which moto
	// itself failed; the client got an error.
	AnsweredByRefusal = "refused"
)

// Call is one API call as it was recorded, without the values of secrets.
type Call struct {
	// Time is when the request arrived.
	Time time.Time `json:"time"`
	// Sequence counts answered calls from 1, in the order of the answers.
	Sequence int `json:"sequence"`
	// Service is the prefix that IAM policies use, such as "ecs",
	// "elasticloadbalancing" or "cloudwatch". Empty when the request names none.
	Service string `json:"service"`
	// Action is the API operation, such as "CreateService". A REST request that
	// matches no known operation is named by its method and path.
	Action string `json:"action"`
	Region string `json:"region,omitempty"`
	// AccessKeyID identifies the caller; empty for an unsigned request.
	AccessKeyID string `json:"accessKeyId,omitempty"`
	// Attempt is which try of the call this is, from 1; 0 if the client does not
	// tell. A repeated call has the answer of the first one that succeeded.
	Attempt int    `json:"attempt,omitempty"`
	Method  string `json:"method"`
	// Path is path and query, without the parts of a presigned signature.
	Path string `json:"path"`
	// Parameters is the request's content: an object for JSON, CBOR and query
	// protocols, the document as a string for XML, nil for an uploaded object.
	Parameters any    `json:"parameters,omitempty"`
	Status     int    `json:"status"`
	AnsweredBy string `json:"answeredBy"`
	// Completed says that the gateway changed moto's request or answer.
	Completed bool `json:"completed,omitempty"`
	// Error is the AWS error code of an answer with status 400 or more.
	Error string `json:"error,omitempty"`
	// DurationMS is the time until the answer's headers were known, in ms.
	DurationMS float64 `json:"durationMs"`
}

// Name is "service:Action".
func (c Call) Name() string { return c.Service + ":" + c.Action }

// ReadCalls reads a file that a gateway wrote, in the order of the answers. A
// last line that is still being written is left out; any other line that is
// not a call is an error.
func ReadCalls(path string) ([]Call, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read calls: %w", err)
	}
	defer f.Close()
	var calls []Call
	r := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return calls, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read calls: %w", err)
		}
		var c Call
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("read calls: %s line %d: %w", path, n, err)
		}
		calls = append(calls, c)
	}
}

// keptCalls bounds the memory of a gateway that runs for days; the file keeps
// every call.
const keptCalls = 20_000

// recorder keeps calls in memory and, if it has a file, appends them there.
type recorder struct {
	mu      sync.Mutex
	file    *os.File
	next    int
	calls   []Call
	refused []Call
}

// newRecorder starts a record. An empty path keeps it in memory only; an
// existing file is emptied, as the state that its calls made is gone.
func newRecorder(path string) (*recorder, error) {
	r := &recorder{next: 1}
	if path == "" {
		return r, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record calls: %w", err)
	}
	r.file = f
	return r, nil
}

func (r *recorder) add(c Call) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.Sequence = r.next
	r.next++
	r.calls = append(r.calls, c)
	if len(r.calls) > keptCalls {
		r.calls = append([]Call(nil), r.calls[keptCalls/2:]...)
	}
	if c.AnsweredBy == AnsweredByRefusal {
		r.refused = append(r.refused, c)
	}
	if r.file == nil {
		return nil
	}
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("record %s: %w", c.Name(), err)
	}
	_, err = r.file.Write(append(line, '\n'))
	return err
}

// since returns the kept calls with a higher sequence.
func (r *recorder) since(sequence int) []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []Call{}
	for _, c := range r.calls {
		if c.Sequence > sequence {
			out = append(out, c)
		}
	}
	return out
}

func (r *recorder) refusals() []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Call{}, r.refused...)
}

func (r *recorder) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}
