package gateway

import "net/http"

// Identified is what a test sees of an operation.
type Identified struct {
	Name, Region, Key string
	Uploads           bool
	Parameters        any
}

// Identify names a request and decodes and masks its parameters.
func Identify(r *http.Request, body []byte) Identified {
	plain := plainBody(r.Header, body)
	o := identify(r, plain)
	out := Identified{Name: o.name(), Region: o.region, Key: o.key, Uploads: o.uploads}
	if !o.uploads {
		out.Parameters = maskParameters(o, decodeParameters(o, r, plain))
	}
	return out
}

var (
	MaskPath      = maskPath
	Snake         = snake
	LastException = lastException
	RoutesText    = routesText
)
