package gateway

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// plainBody undoes a request's gzip, by which SDKs shrink large bodies.
func plainBody(h http.Header, body []byte) []byte {
	if h.Get("Content-Encoding") != "gzip" {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return body
	}
	return plain
}

// decodeParameters turns a request's content into what a JSON document can
// hold. Content that does not parse is described by its size: it may hold a
// secret that no name marks as one.
func decodeParameters(o operation, r *http.Request, body []byte) any {
	if o.protocol == protocolQuery || o.protocol == protocolEC2 {
		if form, ok := formOf(r, body); ok {
			return nestForm(form)
		}
	}
	if len(body) == 0 {
		return nil
	}
	if o.protocol == protocolCBOR {
		if v, err := cbor.Decode(body); err == nil {
			return fromCBOR(v)
		}
	}
	if mayBeXML := o.protocol == protocolS3 || o.protocol == protocolRESTXML; mayBeXML && bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return string(body)
	}
	// S3 has JSON too: the body of PutBucketPolicy.
	if v, err := decodeJSON(body); err == nil {
		return v
	}
	return fmt.Sprintf("[%d bytes]", len(body))
}

// decodeJSON keeps numbers as they were written.
func decodeJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}

// nestForm turns "Tags.member.1.Key=a" into {"Tags": [{"Key": "a"}]}.
func nestForm(form url.Values) map[string]any {
	root := map[string]any{}
	for _, name := range slices.Sorted(mapKeys(form)) {
		put(root, strings.Split(name, "."), form.Get(name))
	}
	out, _ := collapse(root).(map[string]any)
	return out
}

func mapKeys(form url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range form {
			if !yield(k) {
				return
			}
		}
	}
}

// put stores a value under a path. A value that is in the way of a deeper
// path (which AWS never sends) gives way to it.
func put(m map[string]any, path []string, value string) {
	for _, p := range path[:len(path)-1] {
		child, ok := m[p].(map[string]any)
		if !ok {
			child = map[string]any{}
			m[p] = child
		}
		m = child
	}
	m[path[len(path)-1]] = value
}

// collapse turns maps whose keys count from 1 into lists, and drops the
// "member" and "entry" steps of the query protocol.
func collapse(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if len(m) == 1 {
		for _, step := range []string{"member", "entry"} {
			if inner, ok := m[step].(map[string]any); ok {
				return collapse(inner)
			}
		}
	}
	if list := numbered(m); list != nil {
		return list
	}
	for k, child := range m {
		m[k] = collapse(child)
	}
	return m
}

func numbered(m map[string]any) []any {
	var list []any
	for i := 1; i <= len(m); i++ {
		child, ok := m[strconv.Itoa(i)]
		if !ok {
			return nil
		}
		list = append(list, collapse(child))
	}
	return list
}

// fromCBOR converts to the types that encoding/json produces.
func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = fromCBOR(e)
		}
		return m
	case cbor.List:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = fromCBOR(e)
		}
		return list
	case cbor.String:
		return string(v)
	case cbor.Slice:
		return []byte(v)
	case cbor.Uint:
		return uint64(v)
	case cbor.NegInt:
		return -int64(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Float32:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case *cbor.Tag:
		return fromCBOR(v.Value)
	}
	return nil
}
