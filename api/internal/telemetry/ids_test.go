package telemetry

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRequestID(t *testing.T) {
	for name, c := range map[string]struct {
		given string
		kept  bool
	}{
		"a UUID":          {"6f1c1e1e-5c0e-4f0e-9a55-0f3a4b9d7c11", true},
		"longest":         {strings.Repeat("a", 128), true},
		"none":            {"", false},
		"too short":       {"1234567", false},
		"too long":        {strings.Repeat("a", 129), false},
		"a second line":   {"12345678\nlevel=INFO", false},
		"quotes":          {`12345678"}`, false},
		"not ASCII":       {"12345678é", false},
		"starts with a -": {"-12345678", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := requestID(c.given)
			if c.kept {
				assert.Equal(t, c.given, got)
				return
			}
			assert.Regexp(t, `^[0-9a-f]{32}$`, got)
			assert.NotEqual(t, got, requestID(c.given))
		})
	}
}

func TestTraceID(t *testing.T) {
	const root = "1-67891233-abcdef012345678912345678"
	for header, want := range map[string]string{
		"Root=" + root: root,
		"Self=1-67891234-12456789abcdef012345678; Root=" + root + ";Sampled=1": root,
		"":                        "",
		"Root=":                   "",
		"Root=1-67891233-abcdef":  "",
		"Root=" + root + `"}`:     "",
		"Parent=53995c3f42cd8ad8": "",
	} {
		assert.Equal(t, want, traceID(header), header)
	}
}

func TestRemoteIP(t *testing.T) {
	for name, c := range map[string]struct {
		forwarded []string
		want      string
	}{
		"no load balancer":     {nil, "10.0.0.9"},
		"one entry":            {[]string{"203.0.113.7"}, "203.0.113.7"},
		"what the caller sent": {[]string{"1.1.1.1, 203.0.113.7"}, "203.0.113.7"},
		"two headers":          {[]string{"1.1.1.1", "2.2.2.2,203.0.113.7"}, "203.0.113.7"},
		"IPv6":                 {[]string{"2001:db8::1"}, "2001:db8::1"},
		"with port":            {[]string{"203.0.113.7:4711"}, "203.0.113.7"},
		"nonsense":             {[]string{"unknown"}, "10.0.0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{"X-Forwarded-For": c.forwarded}, RemoteAddr: "10.0.0.9:1234"}
			if c.forwarded == nil {
				r.Header = http.Header{}
			}
			assert.Equal(t, c.want, remoteIP(r))
		})
	}
}
