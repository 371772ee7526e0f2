package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	body   []byte
	// code is the AWS error code of a failure.
	code string
}

// Error codes of the gateway itself. Both come with status 400, because AWS
// SDKs retry a 500 up to 25 times, which looks like a hang.
const (
	// CodeNotImplemented answers a call that neither moto nor the gateway knows.
	CodeNotImplemented = "EmulatorNotImplemented"
	// CodeEmulatorError answers a call on which moto failed or did not answer.
	CodeEmulatorError = "EmulatorError"
)

// jsonReply answers 200 with a document of a JSON protocol.
func jsonReply(body any) *reply {
	b, err := json.Marshal(body)
	if err != nil {
		return failure(protocolJSON, CodeEmulatorError, err.Error())
	}
	return &reply{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		body:   b,
	}
}

func xmlReply(body string) *reply {
	return &reply{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"application/xml"}},
		body:   []byte(xml.Header + body),
	}
}

// failure is an error answer in the shape of the protocol, status 400.
func failure(p protocol, code, message string) *reply {
	r := &reply{status: http.StatusBadRequest, header: http.Header{}, code: code}
	switch p {
	case protocolQuery, protocolRESTXML:
		r.header.Set("Content-Type", "text/xml")
		r.body = fmt.Appendf(nil, "%s<ErrorResponse><Error><Type>Sender</Type>%s</Error><RequestId>evenkeel</RequestId></ErrorResponse>",
			xml.Header, codeAndMessage(code, message))
	case protocolEC2:
		r.header.Set("Content-Type", "text/xml")
		r.body = fmt.Appendf(nil, "%s<Response><Errors><Error>%s</Error></Errors><RequestID>evenkeel</RequestID></Response>",
			xml.Header, codeAndMessage(code, message))
	case protocolS3:
		r.header.Set("Content-Type", "application/xml")
		r.body = fmt.Appendf(nil, "%s<Error>%s<RequestId>evenkeel</RequestId></Error>", xml.Header, codeAndMessage(code, message))
	case protocolCBOR:
		r.header.Set("Content-Type", "application/cbor")
		r.header.Set("Smithy-Protocol", "rpc-v2-cbor")
		r.body = cbor.Encode(cbor.Map{"__type": cbor.String(code), "message": cbor.String(message)})
	default:
		r.header.Set("Content-Type", "application/x-amz-json-1.1")
		r.header.Set("X-Amzn-Errortype", code)
		// Marshalling two strings cannot fail.
		r.body, _ = json.Marshal(map[string]string{"__type": code, "message": message})
	}
	return r
}

func codeAndMessage(code, message string) string {
	var b bytes.Buffer
	b.WriteString("<Code>" + code + "</Code><Message>")
	// Writing to a buffer cannot fail.
	_ = xml.EscapeText(&b, []byte(message))
	b.WriteString("</Message>")
	return b.String()
}

var xmlCode = regexp.MustCompile(`<Code>([^<]+)</Code>`)

// errorCode reads the AWS error code out of an error answer.
func errorCode(h http.Header, body []byte) string {
	if t := h.Get("X-Amzn-Errortype"); t != "" {
		t, _, _ = strings.Cut(t, ":")
		return t
	}
	if m := xmlCode.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	var document map[string]any
	if h.Get("Smithy-Protocol") == "rpc-v2-cbor" {
		if v, err := cbor.Decode(body); err == nil {
			document, _ = fromCBOR(v).(map[string]any)
		}
	} else if v, err := decodeJSON(body); err == nil {
		document, _ = v.(map[string]any)
	}
	for _, key := range []string{"__type", "code", "Code"} {
		if t, ok := document[key].(string); ok {
			return t[strings.LastIndexByte(t, '#')+1:]
		}
	}
	return ""
}

func (r *reply) writeTo(w http.ResponseWriter) {
	w.Header().Set("X-Evenkeel-Answered-By", AnsweredByGateway)
	r.send(w)
}

// send writes an answer, whoever gave it.
func (r *reply) send(w http.ResponseWriter) {
	for k, v := range r.header {
		w.Header()[k] = v
	}
	w.WriteHeader(r.status)
	// The client may be gone; there is nobody else to tell.
	_, _ = w.Write(r.body)
}
