package telemetry

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// What a caller may choose as a request's id: it ends up in logs and answers.
var saneID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$`)

// The load balancer's trace id: a version, seconds since 1970, 96 random bits.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
var saneTrace = regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)

// NewID makes 128 random bits, as 32 hexadecimal digits.
func NewID() string {
	var b [16]byte
	// Never fails: https://pkg.go.dev/crypto/rand#Read
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// requestID is the caller's own id where it is sane, else a new one.
func requestID(given string) string {
	if saneID.MatchString(given) {
		return given
	}
	return NewID()
}

// traceID is the Root of an X-Amzn-Trace-Id header, or nothing.
func traceID(header string) string {
	for field := range strings.SplitSeq(header, ";") {
		root, ok := strings.CutPrefix(strings.TrimSpace(field), "Root=")
		if ok && saneTrace.MatchString(root) {
			return root
		}
	}
	return ""
}

// remoteIP is the address that the load balancer saw: it appends that to what
// the caller sent, so that only the last entry can be believed. Without a load
// balancer it is the address of the connection.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
func remoteIP(r *http.Request) string {
	if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
		last := all[len(all)-1]
		last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		if ip, err := netip.ParseAddr(last); err == nil {
			return ip.String()
		}
		// The load balancer can be told to append the port as well.
		if ap, err := netip.ParseAddrPort(last); err == nil {
			return ap.Addr().String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}
