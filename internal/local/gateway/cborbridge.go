package gateway

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Moto does not know Smithy's RPC v2 CBOR protocol, which newer SDKs use for
// CloudWatch. Such a call reaches moto as the JSON protocol that the same
// services have, and its answer is translated back.

// toJSONProtocol rewrites a CBOR request.
func (e *exchange) toJSONProtocol() {
	m := rpcPath.FindStringSubmatch(e.request.URL.Path)
	if e.operation.protocol != protocolCBOR || m == nil {
		return
	}
	body := []byte("{}")
	if e.parameters != nil {
		// What came from CBOR has only types that JSON has too.
		body, _ = json.Marshal(e.parameters)
	}
	e.request.URL.Path, e.request.URL.RawPath = "/", ""
	e.request.Header.Set("X-Amz-Target", m[1]+"."+m[2])
	e.request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	e.request.Header.Del("Smithy-Protocol")
	e.request.Header.Del("Accept")
	e.setBody(body)
}

// fromJSONProtocol rewrites a JSON answer for a CBOR client.
func fromJSONProtocol(o operation, r *reply) {
	if o.protocol != protocolCBOR || r.header.Get("Smithy-Protocol") != "" {
		return
	}
	v, err := decodeJSON(r.body)
	if err != nil {
		v = object{}
	}
	r.body = cbor.Encode(toCBOR("", v))
	r.header = r.header.Clone()
	r.header.Set("Content-Type", "application/cbor")
	r.header.Set("Smithy-Protocol", "rpc-v2-cbor")
}

// toCBOR converts what decodeJSON made. CBOR marks times where JSON has plain
// numbers, so they are told by the name of their field.
func toCBOR(field string, v any) cbor.Value {
	switch v := v.(type) {
	case object:
		m := cbor.Map{}
		for k, c := range v {
			// A null stands for a field that is not there.
			if c != nil {
				m[k] = toCBOR(k, c)
			}
		}
		return m
	case []any:
		list := make(cbor.List, len(v))
		for i, c := range v {
			list[i] = toCBOR(field, c)
		}
		return list
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case json.Number:
		if isTimeField(field) {
			return &cbor.Tag{ID: 1, Value: cborNumber(v)}
		}
		return cborNumber(v)
	}
	return &cbor.Nil{}
}

func cborNumber(n json.Number) cbor.Value {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		if i < 0 {
			return cbor.NegInt(-i)
		}
		return cbor.Uint(i)
	}
	f, err := n.Float64()
	if err != nil {
		return &cbor.Nil{}
	}
	return cbor.Float64(f)
}

// isTimeField knows how CloudWatch's API names times.
func isTimeField(name string) bool {
	for _, suffix := range []string{"Timestamp", "Timestamps", "Time", "LastModified", "Date"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}
