package gateway

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// protocol is the wire format of a request, which decides the shape of errors.
type protocol int

const (
	protocolJSON protocol = iota
	protocolREST
	protocolRESTXML
	protocolS3
	protocolQuery
	protocolEC2
	protocolCBOR
)

// operation says what a request asks for.
type operation struct {
	// signing is the service in the signature's credential scope, service its
	// IAM prefix.
	signing, service string
	action           string
	region, key      string
	protocol         protocol
	// uploads is set where the body is an object's content, which is neither
	// buffered nor recorded.
	uploads bool
}

func (o operation) name() string { return o.service + ":" + o.action }

// iamPrefix maps the signing names that differ from the prefix used in IAM
// policies, after the Service Authorization Reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var iamPrefix = map[string]string{
	"monitoring": "cloudwatch",
	"email":      "ses",
	"tagging":    "tag",
	"opensearch": "es",
}

// restXML lists the REST services whose documents are XML.
var restXML = map[string]bool{"route53": true, "cloudfront": true, "s3": true}

// credentialScope finds key, date, region and service in a SigV4 (or SigV4A,
// which has no region) Authorization header or X-Amz-Credential parameter.
var credentialScope = regexp.MustCompile(`([^\s=/]+)/\d{8}/(?:([a-z0-9-]+)/)?([A-Za-z0-9-]+)/aws4_request`)

// identify names the operation of a request. body is what was read of it,
// decompressed; it is only used for the query protocol.
func identify(r *http.Request, body []byte) operation {
	o := signature(r)
	path, query := r.URL.Path, r.URL.Query()
	switch form, isForm := formOf(r, body); {
	case strings.HasPrefix(path, "/moto-api"):
		o.signing, o.protocol = "moto-api", protocolJSON
		o.action = r.Method + " " + path
	case r.Header.Get("X-Amz-Target") != "":
		target := r.Header.Get("X-Amz-Target")
		o.protocol, o.action = protocolJSON, target[strings.LastIndexByte(target, '.')+1:]
	case rpcOperation(path) != "":
		o.protocol, o.action = protocolCBOR, rpcOperation(path)
	case isForm && form.Get("Action") != "" && o.signing != "s3":
		o.protocol, o.action = protocolQuery, form.Get("Action")
		o.signing = unsignedService(o.signing, o.action)
		if o.signing == "ec2" {
			o.protocol = protocolEC2
		}
	case o.signing == "s3" && !isS3Control(r):
		o.protocol = protocolS3
		o.action, o.uploads = s3Action(r.Method, path, query, r.Header)
	case o.signing == "":
		// Moto takes an unsigned request for S3, as AWS does on its S3 hosts.
		o.signing, o.protocol = "s3", protocolS3
		o.action, o.uploads = s3Action(r.Method, path, query, r.Header)
	default:
		o.protocol = protocolREST
		if restXML[o.signing] {
			o.protocol = protocolRESTXML
		}
		o.action = restAction(o.signing, r.Method, path, query)
	}
	o.service = o.signing
	if prefix, ok := iamPrefix[o.signing]; ok {
		o.service = prefix
	}
	return o
}

func signature(r *http.Request) operation {
	m := credentialScope.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		m = credentialScope.FindStringSubmatch(r.URL.Query().Get("X-Amz-Credential"))
	}
	if m == nil {
		return operation{}
	}
	return operation{key: m[1], region: m[2], signing: strings.ToLower(m[3])}
}

// formOf returns the parameters of a query-protocol request, which come as a
// form or, as for a presigned sts:GetCallerIdentity, in the URL.
func formOf(r *http.Request, body []byte) (url.Values, bool) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		if err == nil && form.Get("Action") != "" {
			return form, true
		}
	}
	query := r.URL.Query()
	return query, query.Get("Action") != "" && query.Get("Version") != ""
}

var rpcPath = regexp.MustCompile(`^/service/([^/]+)/operation/([A-Za-z0-9_]+)$`)

// rpcOperation reads the operation from the path of Smithy's RPC v2 protocol:
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
func rpcOperation(path string) string {
	if m := rpcPath.FindStringSubmatch(path); m != nil {
		return m[2]
	}
	return ""
}

// unsignedService names the service of the query calls that AWS takes unsigned.
func unsignedService(signing, action string) string {
	if signing == "" && strings.HasPrefix(action, "AssumeRoleWith") {
		return "sts"
	}
	return signing
}

func isS3Control(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/v20180820/") || strings.Contains(r.Host, "s3-control")
}
