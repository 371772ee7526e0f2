package gateway

import (
	"net/url"
	"regexp"
	"strings"
)

// masked stands in the record for the value of a secret.
const masked = "[secret]"

// secretNames are request fields that hold secrets, in lower case: of Secrets
// Manager, KMS, IAM, STS, ACM, RDS, ElastiCache, Cognito and Directory Service.
var secretNames = map[string]bool{
	"secretstring": true, "secretbinary": true,
	"plaintext": true, "privatekeyplaintext": true,
	"privatekey": true, "passphrase": true,
	"webidentitytoken": true, "samlassertion": true, "tokencode": true,
	"authtoken": true, "accesstoken": true, "refreshtoken": true, "sessiontoken": true,
	"clientsecret": true, "secretaccesskey": true, "secretkey": true, "apikey": true,
	"oauthtoken": true, "sharedsecret": true, "presharedkey": true,
	"authenticationcode1": true, "authenticationcode2": true,
}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	return secretNames[name] || strings.HasSuffix(name, "password") || strings.HasSuffix(name, "passwords")
}

// maskParameters returns the parameters without the values of secrets at any
// depth. What it is given stays as it is.
func maskParameters(o operation, params any) any {
	if s, ok := params.(string); ok {
		return maskXML(s)
	}
	params = maskValue(params)
	m, ok := params.(map[string]any)
	if ok && o.service == "ssm" && o.action == "PutParameter" && m["Type"] != "String" && m["Type"] != "StringList" {
		// Without a type the parameter keeps the one it has, which may be secure.
		m["Value"] = masked
	}
	return params
}

func maskValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, child := range v {
			if isSecretName(k) && child != nil {
				out[k] = masked
				continue
			}
			out[k] = maskValue(child)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, child := range v {
			out[i] = maskValue(child)
		}
		return out
	}
	return v
}

var xmlText = regexp.MustCompile(`<([A-Za-z0-9_:-]+)([^<>]*)>([^<]+)</`)

func maskXML(document string) string {
	return xmlText.ReplaceAllStringFunc(document, func(s string) string {
		m := xmlText.FindStringSubmatch(s)
		if name := m[1][strings.LastIndexByte(m[1], ':')+1:]; isSecretName(name) {
			return "<" + m[1] + m[2] + ">" + masked + "</"
		}
		return s
	})
}

// maskPath drops what signs a presigned URL, and masks secrets in its query.
func maskPath(u *url.URL) string {
	query := u.Query()
	if len(query) == 0 {
		return u.EscapedPath()
	}
	for k := range query {
		switch {
		case strings.HasPrefix(k, "X-Amz-"), k == "AWSAccessKeyId", k == "Signature":
			query.Del(k)
		case isSecretName(k):
			query.Set(k, masked)
		}
	}
	if len(query) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + query.Encode()
}
